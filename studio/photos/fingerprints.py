"""What makes two photos the same picture: a perceptual hash of the shapes, and a coarse grid of the colours.

The hash alone is blind to colour: on a real shop export 212 of 214 pairs within 4 bits were colourways of one product.
Saved again smaller and at JPEG quality 60, a photo keeps its hash within 2 bits and its grid within 2 levels, while the
nearest of those colourways differ by 14 levels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PIL import Image

MOST_BITS = 4
"""Hashes of near-duplicates differ in at most so many of 64 bits."""
MOST_LEVELS = 10
"""Cells of near-duplicates differ by at most so many of 255 levels."""

_GRID = 8
_BANDS = 5  # of 5 parts of a hash that differs in at most 4 bits, one is equal


@dataclass(frozen=True)
class Fingerprint:
    """shapes: 16 hex digits. colours: 192 bytes, RGB of 8x8 cells."""

    shapes: str
    colours: bytes


def fingerprint(image: Image.Image) -> Fingerprint:
    """The fingerprint of an RGB image. About 10 ms for 800x640 pixels."""
    import imagehash  # scipy comes with it, which the web server does without

    grid = image.resize((_GRID, _GRID), Image.Resampling.BOX)
    return Fingerprint(shapes=str(imagehash.phash(image)), colours=grid.tobytes())


def near_pairs(prints: Sequence[Fingerprint]) -> Iterator[tuple[int, int]]:
    """The places (i, j), i < j, of all near-duplicates, each pair once."""
    if len(prints) < 2:
        return
    shapes = np.array([int(one.shapes, 16) for one in prints], dtype=np.uint64)
    colours = np.frombuffer(b"".join(one.colours for one in prints), np.uint8).reshape(len(prints), -1).astype(np.int16)
    seen: set[tuple[int, int]] = set()
    for group in _groups(shapes):
        for at, first in enumerate(group[:-1]):
            others = group[at + 1 :]
            alike = np.bitwise_count(shapes[others] ^ shapes[first]) <= MOST_BITS
            others = others[alike]
            same = np.abs(colours[others] - colours[first]).max(axis=1) <= MOST_LEVELS
            for other in others[same]:
                pair = (int(first), int(other))
                if pair not in seen:
                    seen.add(pair)
                    yield pair


def _groups(shapes: npt.NDArray[np.uint64]) -> Iterator[npt.NDArray[np.intp]]:
    """Places whose hashes agree in one of the bands: only these can be near, so that not all pairs are compared."""
    edges = np.linspace(0, 64, _BANDS + 1).astype(int)
    for low, high in pairwise(edges):
        band = (shapes >> np.uint64(low)) & np.uint64((1 << int(high - low)) - 1)
        order = np.argsort(band, kind="stable")
        cuts = np.flatnonzero(np.diff(band[order])) + 1
        yield from (group for group in np.split(order, cuts) if len(group) > 1)
