"""On which side of the split a photo falls: `train`, `dev` (for choosing) or `validation` (for judging).

Never by photo: other views of a product that was trained on would flatter the figures.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Literal

SplitBy = Literal["titles", "catalogue", "held_out"]

DEV_SHARE = 0.05
"""Share of the train titles that is set aside for choosing: early stops, searches, experiments."""
VALIDATION_SHARE = 0.08
"""Share of the titles held out where the source names no split."""

LEAST_PHOTOS = 24
"""Photos of a catalogue from which on some are held out: 16 to learn from and 8 to be judged on."""
LEAST_HELD_OUT = 8
LEAST_WITH_DEV = 150
"""Photos of a catalogue from which on choosing and judging have photos of their own each."""
_SMALL_VALIDATION_SHARE = 0.2
_CATALOGUE_DEV_SHARE, _CATALOGUE_VALIDATION_SHARE = 0.1, 0.15
_LARGEST_SHARE_OF_AN_ARTICLE = 0.5


def title_key(title: str) -> str:
    """A title as it is compared and split by: case and spacing do not count."""
    return " ".join(title.casefold().split())


def title_share(title: str, purpose: str) -> float:
    """A fixed number in [0, 1) for a title, independent between purposes."""
    digest = hashlib.sha256(f"{purpose}:{title_key(title)}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def split_by_title(title: str, named: str | None) -> str:
    """The side of one photo of a large set, whatever the others are; `named`: what its source says, if it does."""
    if named == "validation":
        return "validation"
    if named is None and title_share(title, "validation") < VALIDATION_SHARE:
        return "validation"
    return "dev" if title_share(title, "dev") < DEV_SHARE else "train"


def split_catalogue(styles: Sequence[str], articles: Sequence[str]) -> list[str]:
    """The side of each photo of a small catalogue, by counts: shares of titles would leave it with two or none.

    styles: what must not be parted (a style's or product's name); articles: the article type of each photo. Below 24
    photos nothing is held out; below 150 a fifth (at least 8) for choosing and judging alike; from there on 10 % dev
    and 15 % validation. At most half of an article's photos are held out, so that all are learned.
    """
    sides = ["train"] * len(styles)
    if len(styles) < LEAST_PHOTOS:
        return sides
    keys = [title_key(style) for style in styles]
    left = Counter(articles)
    keep = {article: count * (1 - _LARGEST_SHARE_OF_AN_ARTICLE) for article, count in left.items()}
    for side, wanted in _wanted(len(styles)).items():
        found = 0
        for key in sorted(set(keys), key=lambda key: title_share(key, side)):
            photos = [place for place, other in enumerate(keys) if other == key and sides[place] == "train"]
            taken = Counter(articles[place] for place in photos)
            small_enough = found + len(photos) <= 1.5 * wanted
            if photos and small_enough and all(left[a] - count >= keep[a] for a, count in taken.items()):
                for place in photos:
                    sides[place] = side
                left -= taken
                found += len(photos)
            if found >= wanted:
                break
    return sides


def _wanted(photos: int) -> dict[str, int]:
    if photos < LEAST_WITH_DEV:
        return {"validation": max(LEAST_HELD_OUT, round(_SMALL_VALIDATION_SHARE * photos))}
    return {
        "validation": round(_CATALOGUE_VALIDATION_SHARE * photos),
        "dev": round(_CATALOGUE_DEV_SHARE * photos),
    }
