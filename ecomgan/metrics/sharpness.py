"""Sharpness of the product: how steep its edges and texture are, in the image's own pixels."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ecomgan.metrics.product import Product

_LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
_MIN_GRADIENT = 0.5  # grey levels; below that there is nothing to be sharp


def sharpness(image: npt.NDArray[np.uint8], product: Product) -> float | None:
    """Sharpness of `image` (H, W, 3) on its product and one pixel around it; None without product or structure.

    Both the Laplacian and the gradient grow with contrast and with the number of edges, so that their ratio depends
    on neither: it is the inverse width of the edges, about 0.5 for a photo enlarged four times.
    """
    height, width = image.shape[:2]
    around = ndimage.binary_dilation(product.mask_at(height, width))
    if not around.any():
        return None
    luma = image @ _LUMA
    laplacian = ndimage.laplace(luma)[around]
    down, right = ndimage.sobel(luma, axis=0)[around] / 8, ndimage.sobel(luma, axis=1)[around] / 8
    gradient = np.sqrt(np.mean(down**2 + right**2))
    if gradient < _MIN_GRADIENT:
        return None
    return float(np.sqrt(np.mean(laplacian**2)) / gradient)
