"""Identity: whether an image shows the very product of a real photo. Each score is None where it cannot be measured.

Both products are cut out by their masks, brought to one height or width in the middle of a square, and compared there,
so that size and place in the frame do not count. Another view of the same product scores as another product: a real
photo of the same view is asked for.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage
from skimage.color import deltaE_ciede2000

from ecomgan.metrics.colour_difference import product_pixels
from ecomgan.metrics.foreground import find_foreground
from ecomgan.metrics.luma import luma_of
from ecomgan.metrics.product import Product

_SIDE = 96
_PARTS = 3
_WINDOW = 4.0  # standard deviation in pixels of the square: about a letter of a print
_PLAIN = 4.0  # grey levels of local deviation; what is calmer has no structure to compare
_MIN_STRUCTURE = 0.04  # of the square
_SHIFT = 4  # pixels of the square that the print may have moved


@dataclass(frozen=True)
class CutOut:
    """A product in the middle of a square: colours uint8 (96, 96, 3) on white, mask (96, 96); as it was found."""

    colours: npt.NDArray[np.uint8]
    mask: npt.NDArray[np.bool_]
    product: Product


def cut_out(image: npt.NDArray[np.uint8], product: Product | None = None) -> CutOut | None:
    """The product of uint8 RGB (H, W, 3), found by `find_foreground` where not given; None where there is none."""
    product = find_foreground(image).product if product is None else product
    box = product.box
    if box is None:
        return None
    height, width = image.shape[:2]
    corners = round(box.left * width), round(box.top * height), round(box.right * width), round(box.bottom * height)
    scale = _SIDE / max(corners[2] - corners[0], corners[3] - corners[1], 1)
    size = max(1, round((corners[2] - corners[0]) * scale)), max(1, round((corners[3] - corners[1]) * scale))
    left, top = (_SIDE - size[0]) // 2, (_SIDE - size[1]) // 2
    colours = Image.new("RGB", (_SIDE, _SIDE), "white")
    colours.paste(Image.fromarray(image).crop(corners).resize(size, Image.Resampling.LANCZOS), (left, top))
    mask = Image.new("L", (_SIDE, _SIDE))
    whole = Image.fromarray(product.mask_at(height, width)).convert("L")
    mask.paste(whole.crop(corners).resize(size, Image.Resampling.BOX), (left, top))
    inside = np.asarray(mask) >= 128
    return CutOut(np.where(inside[..., None], np.asarray(colours), np.uint8(255)), inside, product)


def silhouette_overlap(image: CutOut, photo: CutOut) -> float | None:
    """Intersection over union of the two masks in %."""
    union = (image.mask | photo.mask).sum()
    return float(100 * (image.mask & photo.mask).sum() / union) if union else None


def photo_colour_difference(image: CutOut, photo: CutOut) -> float | None:
    """Mean CIEDE2000 between the dark, the middle and the light third of the products' pixels, weighted towards the
    middle of the product."""
    thirds = [_thirds(cut.product) for cut in (image, photo)]
    if thirds[0] is None or thirds[1] is None:
        return None
    return float(deltaE_ciede2000(thirds[0], thirds[1]).mean())


def print_match(image: CutOut, photo: CutOut) -> float | None:
    """Correlation x 100 of the local structure of both, -100..100, where the photo has some; None for a plain product.

    The structure term of Wang et al. 2004, "Image quality assessment: from error visibility to structural similarity":
    it knows neither lightness nor contrast, so that another colour keeps its print. The best of shifts up to 4 pixels.
    """
    inside = ndimage.binary_erosion(image.mask & photo.mask, iterations=2)
    first, second = luma_of(image.colours), luma_of(photo.colours)
    told = inside & (_deviation(second) > _PLAIN)
    if told.mean() < _MIN_STRUCTURE:
        return None
    ways = range(-_SHIFT, _SHIFT + 1, 2)
    shifted = (np.roll(first, (down, right), axis=(0, 1)) for down in ways for right in ways)
    return max(_correlation(one, second, told) for one in shifted)


def _thirds(product: Product) -> npt.NDArray[np.float64] | None:
    pixels = product_pixels(product)
    if pixels is None:
        return None
    colours, weights = pixels
    order = np.argsort(colours[:, 0])
    part = np.minimum((np.cumsum(weights[order]) * _PARTS).astype(int), _PARTS - 1)
    sums = np.stack([np.bincount(part, weights[order] * colours[order, axis], _PARTS) for axis in range(3)], axis=1)
    total = np.bincount(part, weights[order], _PARTS)
    return np.asarray(sums / total[:, None]) if (total > 0).all() else None


def _deviation(luma: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    mean = ndimage.gaussian_filter(luma, _WINDOW)
    return np.asarray(np.sqrt(np.maximum(ndimage.gaussian_filter(luma**2, _WINDOW) - mean**2, 0)))


def _correlation(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32], told: npt.NDArray[np.bool_]) -> float:
    means = ndimage.gaussian_filter(first, _WINDOW), ndimage.gaussian_filter(second, _WINDOW)
    together = ndimage.gaussian_filter(first * second, _WINDOW) - means[0] * means[1]
    structure = together / (_deviation(first) * _deviation(second) + 1.0)
    weights = _deviation(second)[told]
    return float(100 * (structure[told] * weights).sum() / weights.sum())
