"""What a channel's rule asks of the pixels and no score says; kept beside the scores. The editions of all of them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from ecomgan.metrics import SCORERS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

EXACT_WHITE: Final = "exact_white"
VERSIONS: Final = {EXACT_WHITE: 1}
"""Measures of this studio by key, with their versions; the scores of the library have theirs in SCORERS."""

_BORDER = 0.05  # of each side, as for border whiteness


def version_of(key: str) -> int:
    """The present version of a score or a measure."""
    return VERSIONS[key] if key in VERSIONS else SCORERS[key].version


def keys_to_take() -> tuple[str, ...]:
    """All that the job sees to: every score of a single image, and the measures."""
    return (*(key for key, scorer in SCORERS.items() if scorer.kind != "set"), *VERSIONS)


def edition() -> str:
    """A word that is another one as soon as any score or measure has another version, or a new one came."""
    told = ",".join(f"{key}{version_of(key)}" for key in sorted(keys_to_take()))
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def exact_white(image: npt.NDArray[np.uint8]) -> float:
    """Per cent of the frame's outer 5 % whose pixels are exactly 255, 255, 255; uint8 RGB (H, W, 3)."""
    height, width = image.shape[:2]
    down, across = max(1, round(height * _BORDER)), max(1, round(width * _BORDER))
    white: Any = (image == 255).all(axis=-1)
    inner = white[down : height - down, across : width - across]
    return float(100.0 * (white.sum() - inner.sum()) / (white.size - inner.size))
