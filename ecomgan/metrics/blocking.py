"""JPEG damage: the grid of 8x8 blocks that strong compression leaves."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ecomgan.metrics.luma import luma_of
from ecomgan.metrics.product import Product

_BLOCK = 8
_LARGEST_STEP = 12.0  # grey levels; a larger step is an edge of the product, on the grid by chance
_MIN_STEPS = 64


def blocking(image: npt.NDArray[np.uint8], product: Product) -> float | None:
    """Extra step in grey levels across the borders of 8x8 blocks, on the product and one block around it; 0 without
    a grid, None without a product.

    A step is what one pixel differs from the next, less what their neighbours do (after Wang, Bovik & Evans 2000,
    "Blind measurement of blocking artifacts in images"). The grid may start anywhere, as it does after cropping: the
    steps at each of the 8 offsets are compared, and the largest mean less the median of the means is the damage.
    """
    height, width = image.shape[:2]
    around = ndimage.binary_dilation(product.mask_at(height, width), iterations=_BLOCK)
    luma = luma_of(image)
    down, right = _damage(luma, around), _damage(luma.T, around.T)
    found = [value for value in (down, right) if value is not None]
    return sum(found) / len(found) if found else None


def _damage(luma: npt.NDArray[np.float32], mask: npt.NDArray[np.bool_]) -> float | None:
    """Of horizontal borders: steps from row to row."""
    steps = np.abs(np.diff(luma, axis=0))
    extra = np.clip(steps[1:-1] - (steps[:-2] + steps[2:]) / 2, -_LARGEST_STEP, _LARGEST_STEP)
    counted = mask[1:-2] & mask[2:-1]
    sums, counts = (extra * counted).sum(axis=1), counted.sum(axis=1)
    phases = np.arange(len(sums)) % _BLOCK
    total, number = np.bincount(phases, sums, _BLOCK), np.bincount(phases, counts, _BLOCK)
    if number.min() < _MIN_STEPS:
        return None
    means = total / number
    return float(means.max() - np.median(means))
