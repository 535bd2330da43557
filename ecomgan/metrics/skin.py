"""People: how much of the image has the colour of human skin, as faces, arms and hands have."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage.color import rgb2ycbcr

from ecomgan.metrics.product import Product, reduce

# Chai & Ngan 1999, "Face segmentation using skin-color map in videophone applications", of 8-bit YCbCr.
_CB, _CR, _DARKEST = (77.0, 127.0), (133.0, 173.0), 45.0
# Orange and pale beige lie in that box too: skin is of medium chroma and its hue between red and yellow, CIELAB.
_LIGHTNESS, _CHROMA, _HUE, _REDDEST = (25.0, 92.0), (12.0, 45.0), (25.0, 75.0), 6.0
_SMALLEST = 0.0015  # of the frame, of one patch


def skin(image: npt.NDArray[np.uint8], product: Product) -> float:
    """Share of the frame in % that has the colour of skin, in patches that are no specks, of `image` (H, W, 3), reduced
    to the size of the search of its `product`; leather and wood of that colour count as well."""
    found = _by_chroma(reduce(image, max(product.mask.shape))) & _by_hue(product)
    found = ndimage.binary_opening(found & product.mask)
    labels, count = ndimage.label(found)
    if count == 0:
        return 0.0
    areas = np.bincount(labels.ravel())[1:]
    return float(100 * areas[areas >= _SMALLEST * found.size].sum() / found.size)


def _by_chroma(small: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    luma, blue, red = np.moveaxis(rgb2ycbcr(small), -1, 0)
    return np.asarray((luma > _DARKEST) & (_CB[0] < blue) & (blue < _CB[1]) & (_CR[0] < red) & (red < _CR[1]))


def _by_hue(product: Product) -> npt.NDArray[np.bool_]:
    lightness, a, b = np.moveaxis(product.lab, -1, 0)
    hue, chroma = np.degrees(np.arctan2(b, a)), np.hypot(a, b)
    inside = [
        (low < values) & (values < high)
        for values, (low, high) in ((lightness, _LIGHTNESS), (chroma, _CHROMA), (hue, _HUE))
    ]
    return np.asarray(np.all(inside, axis=0) & (a > _REDDEST))
