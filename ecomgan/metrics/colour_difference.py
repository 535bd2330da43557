"""Colour difference: from the product's colour to the colour that was asked for."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage.color import deltaE_ciede2000

from ecomgan.metrics.product import Product

# A shirt on a model or a shoe with a sole has more than one colour; its main one covers at least this share.
MATCHING_SHARE = 0.3
# Standard deviation of the weights, as a share of the box: faces, hair and trousers lie outside.
_WEIGHT_SPREAD = 0.25
_MIN_PIXELS = 20


def product_pixels(product: Product) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None:
    """Lab colours (n, 3) of the product's pixels and their weights (n,), largest in the middle; None if too few.

    The outermost pixel is left out where the product allows it: there the background shines through.
    """
    inner = ndimage.binary_erosion(product.mask)
    mask = inner if inner.sum() >= _MIN_PIXELS else product.mask
    rows, columns = np.nonzero(mask)
    if rows.size < _MIN_PIXELS:
        return None
    weights = _bell(rows) * _bell(columns)
    return product.lab[mask], weights / weights.sum()


def colour_difference(product: Product, asked: tuple[float, float, float]) -> float | None:
    """CIEDE2000 from the product's main colour to the Lab colour `asked`; None if the product is too small to tell."""
    pixels = product_pixels(product)
    if pixels is None:
        return None
    colours, weights = pixels
    differences = deltaE_ciede2000(colours, np.asarray(asked)[None])
    order = np.argsort(differences)
    covered = np.cumsum(weights[order])
    return float(differences[order][np.searchsorted(covered, MATCHING_SHARE)])


def _bell(positions: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    low, high = positions.min(), positions.max()
    offset: npt.NDArray[np.float64] = (positions - (low + high) / 2) / (_WEIGHT_SPREAD * (high - low + 1))
    return np.exp(-0.5 * offset**2)
