"""Whiteness of the border: what channels check first on a main image."""

import numpy as np
import numpy.typing as npt

_BORDER_SHARE = 0.05
_NOT_WHITE, _WHITE = 205.0, 250.0


def border_whiteness(image: npt.NDArray[np.uint8]) -> float:
    """Whiteness in % of the outer border of `image`, uint8 RGB (H, W, 3)."""
    height, width = image.shape[:2]
    thickness = max(1, round(_BORDER_SHARE * min(height, width)))
    border = np.ones((height, width), dtype=bool)
    border[thickness:-thickness, thickness:-thickness] = False
    darkest = image[border].min(axis=-1).astype(np.float64)
    return float(100 * np.clip((darkest - _NOT_WHITE) / (_WHITE - _NOT_WHITE), 0, 1).mean())
