"""The lightness that measures of texture look at."""

import numpy as np
import numpy.typing as npt

_WEIGHTS = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def luma_of(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Luma of ITU-R BT.601, float32 (H, W) in 0..255, of uint8 RGB (H, W, 3)."""
    return np.asarray(image.astype(np.float32) @ _WEIGHTS)
