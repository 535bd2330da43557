"""Noise: grain of the image, in grey levels, where there is nothing else."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ecomgan.metrics.luma import luma_of

_KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
_BLOCK = 8
_CALMEST = 0.1
_DARKEST, _LIGHTEST = 8.0, 244.0
_MIN_BLOCKS = 8


def noise(image: npt.NDArray[np.uint8]) -> float | None:
    """Standard deviation of the noise of `image`, uint8 RGB (H, W, 3), in grey levels; None where nearly all of it is
    black or white, which hides noise.

    Immerkaer 1996, "Fast Noise Variance Estimation": a Laplacian that knows no edges, whose response to white noise of
    deviation s has 6 s. Taken in blocks of 8x8, the calmest tenth of which counts, so that fabric is not noise.
    """
    luma = luma_of(image)
    squares = np.asarray(ndimage.convolve(luma, _KERNEL) ** 2 / 36, dtype=np.float32)
    means, powers = _blocks(luma), _blocks(squares)
    tellable = (means > _DARKEST) & (means < _LIGHTEST)
    if tellable.sum() < _MIN_BLOCKS:
        return None
    return float(np.sqrt(np.quantile(powers[tellable], _CALMEST)))


def _blocks(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Mean of each whole block: (H // 8, W // 8)."""
    rows, columns = values.shape[0] // _BLOCK, values.shape[1] // _BLOCK
    cut = values[: rows * _BLOCK, : columns * _BLOCK]
    return np.asarray(cut.reshape(rows, _BLOCK, columns, _BLOCK).mean(axis=(1, 3)))
