"""Do the scores mean what they say? python -m ecomgan.metrics.validate PHOTOS [--number 40]

Each score is taken on held-out photos (PHOTOS as `ecomgan prepare` takes it) damaged on purpose in rising steps. It
must move with every step of its own damage, in the mean over the photos, and stay nearly still under all others.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.stats import spearmanr

from ecomgan.data.decode import decode_image
from ecomgan.data.sources import SourcePhoto, read_photos
from ecomgan.errors import DataError
from ecomgan.metrics.birth import birth_scores
from ecomgan.metrics.damage import DAMAGES, STEPS, Scene
from ecomgan.metrics.foreground import find_foreground
from ecomgan.metrics.scorers import SCORERS

Scores = dict[str, float | None]
_HEIGHT, _WIDTH = 320, 240

OWN: dict[str, tuple[str, ...]] = {
    "sharpness": ("blur",),
    "noise": ("grain",),
    "blocking": ("jpeg",),
    "border_whiteness": ("grey_backdrop",),
    "fill": ("shrink",),
    "centring": ("shift",),
    "cropped": ("crop",),
    "shadow": ("drop_shadow",),
    "colour_difference": ("hue",),
    "category_confidence": ("torn",),
    "category_margin": ("torn",),
    "text_image_match": ("another", "torn"),
    "realism": ("torn",),
    "overlay": ("text",),
    "skin": ("skin_patch",),
    "no_reference": ("blur", "grain", "jpeg"),
    "silhouette_overlap": ("another",),
    "photo_colour_difference": ("hue",),
    "print_match": ("torn",),
    "feature_match": ("another", "torn"),
}
"""The damages that each score is there to tell."""


@dataclass(frozen=True)
class Moved:
    """How a score moved under a damage: Spearman's correlation of step and mean change, -1..1 (0 for no change), and
    the mean change at the strongest step in % of the score's scale."""

    spearman: float
    effect: float


def validate(
    scenes: Sequence[Scene], score: Callable[[list[npt.NDArray[np.uint8]]], list[Scores]]
) -> dict[str, dict[str, Moved]]:
    """Score -> damage -> how it moved, of what `score` says of all scenes' images at once."""
    whole = score([scene.photo for scene in scenes])
    keys = list(whole[0])
    base = _table(whole, keys)
    found: dict[str, dict[str, Moved]] = {key: {} for key in keys}
    for name, damage in DAMAGES.items():
        changes = [np.zeros(len(keys))]
        for step in range(1, STEPS + 1):
            table = _table(score([damage(scene, step) for scene in scenes]), keys)
            changes.append(np.array([_mean(table[:, place] - base[:, place]) for place in range(len(keys))]))
        for place, key in enumerate(keys):
            way = [float(change[place]) for change in changes]
            order = float(spearmanr(range(STEPS + 1), way).statistic) if max(way) > min(way) else 0.0
            found[key][name] = Moved(order, 100 * way[-1] / (SCORERS[key].high - SCORERS[key].low))
    return found


def scenes_of(photos: Sequence[npt.NDArray[np.uint8]]) -> list[Scene]:
    """A scene of each of uint8 photos (H, W, 3) of one size, the next one being its other product."""
    height, width = photos[0].shape[:2]
    return [
        Scene(photo, find_foreground(photo).product.mask_at(height, width), photos[(place + 1) % len(photos)], place)
        for place, photo in enumerate(photos)
    ]


def as_markdown(found: dict[str, dict[str, Moved]]) -> str:
    """A table score x damage, each cell "Spearman / effect in %", those of a score's own damage in bold."""
    damages = list(DAMAGES)
    lines = ["| score | " + " | ".join(damages) + " |", "|---|" + "---:|" * len(damages)]
    for key, moved in found.items():
        cells = [f"{moved[name].spearman:+.1f} / {moved[name].effect:+.0f}" for name in damages]
        marked = [
            f"**{cell}**" if name in OWN.get(key, ()) else cell for name, cell in zip(damages, cells, strict=True)
        ]
        lines.append(f"| {key} | " + " | ".join(marked) + " |")
    return "\n".join(lines)


def _table(scores: Sequence[Scores], keys: Sequence[str]) -> npt.NDArray[np.float64]:
    return np.array([[one[key] for key in keys] for one in scores], dtype=np.float64)


def _mean(values: npt.NDArray[np.float64]) -> float:
    """Over the photos that have a score, 0 where none has."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else 0.0


def _held_out(source: Path, number: int) -> list[SourcePhoto]:
    photos = [photo for photo in read_photos(source) if photo.split == "validation"]
    if min(len(photos), number) < 2:
        raise DataError(f"{source} holds {len(photos)} validation photos, {number} asked for; at least 2 were expected")
    order = np.random.default_rng(5).permutation(len(photos))[:number]
    return [photos[place] for place in order]


def main() -> None:
    """Measure on held-out photos and print the table."""
    from ecomgan.metrics.later import LaterScores, Subject

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--number", type=int, default=40)
    parsed = parser.parse_args()
    rows = _held_out(parsed.photos, parsed.number)
    sized = [decode_image(row.data).resize((_WIDTH, _HEIGHT), Image.Resampling.LANCZOS) for row in rows]
    scenes = scenes_of([np.asarray(photo) for photo in sized])
    later = LaterScores.open()

    def score(images: list[npt.NDArray[np.uint8]]) -> list[Scores]:
        articles = [row.columns["article_type"] for row in rows]
        colours = [row.columns["colour"] for row in rows]
        subjects = [
            Subject(image, row.title, article, colour, scene.photo)
            for image, row, article, colour, scene in zip(images, rows, articles, colours, scenes, strict=True)
        ]
        sure = later.ranker(np.stack(images), articles)
        born = [birth_scores(*one) for one in zip(images, colours, sure, strict=True)]
        return [first | second for first, second in zip(born, later.score(subjects), strict=True)]

    sys.stdout.write(as_markdown(validate(scenes, score)) + "\n")


if __name__ == "__main__":
    main()
