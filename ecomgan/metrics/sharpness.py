"""Sharpness of the product: how steep its edges and texture are, in the image's own pixels."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ecomgan.metrics.product import Product
from ecomgan.metrics.scorer import Scorer

SCORER = Scorer(
    key="sharpness",
    name="Sharpness",
    version=1,
    unit="",
    low=0.0,
    high=3.0,
    better="higher",
    meaning="How crisp the product's edges and texture are at full size; sharp shop photos reach about 2, below 1.3 "
    "the eye sees blur.",
    source="RMS Laplacian over RMS Sobel gradient of the luma: the mean spatial frequency of the edges. On 400 shop "
    "photos it told photo from photo blurred with sigma 0.6 px in 99 % of pairs (plain variance of the Laplacian: "
    "95 %), and halving the photo left its median unchanged.",
)

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
