"""The scores that a job takes of images already made, and those against a real photo. Loads torch: worker only."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecomgan.metrics.category_confidence import Ranker
from ecomgan.metrics.foreground import find_foreground
from ecomgan.metrics.identity import cut_out, photo_colour_difference, print_match, silhouette_overlap
from ecomgan.metrics.no_reference import no_reference
from ecomgan.metrics.overlay import Overlay
from ecomgan.metrics.product import Product, check_image
from ecomgan.metrics.realism import Realism
from ecomgan.metrics.scorers import keys_of
from ecomgan.metrics.skin import skin
from ecomgan.metrics.text_image_match import Matcher

SHIPPED = Path(__file__).resolve().parents[2] / "models"
_BATCH = 32


@dataclass(frozen=True)
class Subject:
    """One image to be scored, uint8 RGB (H, W, 3) of at least 16x16, and what it was asked to show.

    text: the brief's, "" for none; article_type and colour as the vocabulary spells them. photo: a real photo of the
    same product and, where known, colour, of any size; without one there are no scores of identity.
    Raises ImageError for arrays of another kind.
    """

    image: npt.NDArray[np.uint8]
    text: str = ""
    article_type: str | None = None
    colour: str | None = None
    photo: npt.NDArray[np.uint8] | None = None

    def __post_init__(self) -> None:
        check_image(self.image)
        if self.photo is not None:
            check_image(self.photo)


@dataclass(frozen=True)
class LaterScores:
    """The networks behind the scores, opened once and used for many images."""

    ranker: Ranker
    matcher: Matcher
    realism: Realism
    overlay: Overlay

    @classmethod
    def open(cls, models: Path = SHIPPED) -> "LaterScores":
        """Open `ranker`, `encoder` and `starter` in `models`; raises CheckpointError where one is missing."""
        return cls(Ranker(models / "ranker"), Matcher(models / "encoder"), Realism(models / "starter"), Overlay())

    def score(self, subjects: Sequence[Subject]) -> list[dict[str, float | None]]:
        """All scores of kind "later" and "identity" of each subject, by key, but the two distances, which need what
        only the studio knows: what was taught and what was published.

        A score is None when there is nothing to measure; those of kind "identity" are None without a photo.
        """
        by_size: dict[tuple[int, ...], list[int]] = {}
        for place, one in enumerate(subjects):
            by_size.setdefault(one.image.shape, []).append(place)
        found: dict[int, dict[str, float | None]] = {}
        for places in by_size.values():
            for start in range(0, len(places), _BATCH):
                some = places[start : start + _BATCH]
                found |= zip(some, self._score([subjects[place] for place in some]), strict=True)
        return [found[place] for place in range(len(subjects))]

    def _score(self, subjects: Sequence[Subject]) -> list[dict[str, float | None]]:
        """Scores of subjects whose images are of one size."""
        images = np.stack([one.image for one in subjects])
        margins = self.ranker.margins(images, [one.article_type for one in subjects])
        matches = self.matcher(images, [one.text for one in subjects])
        realism = self.realism(images, [{"article_type": one.article_type, "colour": one.colour} for one in subjects])
        overlays = self.overlay(images)
        found: list[dict[str, float | None]] = []
        for row, one in enumerate(subjects):
            product = find_foreground(one.image).product
            scores = {
                "category_margin": margins[row],
                "text_image_match": matches[row],
                "realism": realism[row],
                "overlay": overlays[row],
                "skin": skin(one.image, product),
                "no_reference": no_reference(one.image, product),
            }
            found.append(scores | self._identity(one, product))
        return found

    def _identity(self, subject: Subject, product: Product) -> dict[str, float | None]:
        image = cut_out(subject.image, product)
        photo = None if subject.photo is None else cut_out(subject.photo)
        if image is None or photo is None:
            return dict.fromkeys(keys_of("identity"))
        return {
            "silhouette_overlap": silhouette_overlap(image, photo),
            "photo_colour_difference": photo_colour_difference(image, photo),
            "print_match": print_match(image, photo),
            "feature_match": self.matcher.alike(image.colours[None], photo.colours[None])[0],
        }
