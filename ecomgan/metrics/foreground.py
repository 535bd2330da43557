"""The product mask that scores are taken on: `product.find_product`, made to hold on uneven backdrops, on white
products before white, and without the soft shadow.

Measured on outlines drawn by hand on 61 shop photos (tests/ecomgan/metrics/polygons.json) and on composites of known
alpha: see docs/scores.md. `look` goes on with `find_product`, whose masks the stored looks were taken on.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage.color import rgb2lab
from skimage.filters import apply_hysteresis_threshold
from skimage.morphology import disk

from ecomgan.metrics.product import PLAIN, SEARCH_SIDE, Product, backdrop, check_image, reduce, without_specks

Mask = npt.NDArray[np.bool_]
Lab = npt.NDArray[np.float64]

# On a clean backdrop fainter differences count: three times what nine in ten border pixels stay below, CIE76.
_FAINT_LOW, _FAINT_HIGH, _NOISE_TIMES = 3.0, 5.0, 3.0
# What is reached from the border in steps below this, CIE76 a pixel of the search, is backdrop however far it drifts.
# A vignette drifts by 0.2, the outline of a white shirt on white by 1 and more; 0.5 to 1 give the same masks.
_DRIFT = 0.8
_NEUTRAL = 6.0  # a shadow keeps the backdrop's a and b within this
# A shadow's own steps stay below the first, an outline's rise above; L* below the backdrop; share of the longer side.
_OUTLINE, _SHALLOWEST, _DEEPEST, _REACH = 3.0, 2.0, 55.0, 0.12
_LARGEST_SHARE = 0.1  # of what was found: more is left in the mask, for a white product loses more by it
_GAP = 6  # pixels of the search: gaps in the outline of a white product up to twice this are closed
_THINNEST_FILL = 2
_EIGHT_NEIGHBOURS = np.ones((3, 3), dtype=bool)


@dataclass(frozen=True)
class Foreground:
    """The product, and how much darker than the backdrop its soft shadow is: L* (h, w), 0 where there is none, at the
    size of the search."""

    product: Product
    shade: npt.NDArray[np.float64]


def find_foreground(image: npt.NDArray[np.uint8], search_side: int = SEARCH_SIDE) -> Foreground:
    """Find what stands before the backdrop in uint8 RGB (H, W, 3), at least 16x16; a model counts with the garment.

    Holes are filled (a bag's handle included): a white print on a white shirt cannot be told from the backdrop.
    """
    check_image(image)
    lab = rgb2lab(reduce(image, search_side))
    ground = backdrop(lab)
    contrast = _contrast(lab)
    distance = np.linalg.norm(lab - ground, axis=-1)
    neutral = np.hypot(lab[..., 1] - ground[1], lab[..., 2] - ground[2]) < _NEUTRAL
    found = apply_hysteresis_threshold(distance, _faint(distance), PLAIN)
    found &= ~(neutral & _reached_from_border(contrast, distance, _DRIFT))
    mask = _whole(found)
    if not mask.any():
        return Foreground(Product(lab, mask), np.zeros_like(distance))
    darker = ground[0] - lab[..., 0]
    core = _whole((contrast >= _OUTLINE) | (~neutral & mask) | (darker > _DEEPEST))
    near = ndimage.distance_transform_edt(~(core & mask)) <= _REACH * max(mask.shape) if (core & mask).any() else mask
    soft = neutral & ~core & near & _reached_from_border(contrast, distance, _OUTLINE) & (darker > _SHALLOWEST)
    shade = np.where(soft, darker, 0.0)
    if (mask & soft).sum() > _LARGEST_SHARE * mask.sum():  # may be a white product whose outline let the way in
        return Foreground(Product(lab, mask), shade)
    return Foreground(Product(lab, without_specks(mask & ~soft)), shade)


def _whole(found: Mask) -> Mask:
    """Closed, filled and without specks."""
    # Padded by its own edge, so that closing does not open the outline of a product that runs out of the frame.
    closed = ndimage.binary_closing(np.pad(found, 2, mode="edge"))[2:-2, 2:-2]
    return without_specks(ndimage.binary_fill_holes(_close_gaps(ndimage.binary_fill_holes(closed))))


def _reached_from_border(contrast: npt.NDArray[np.float64], distance: npt.NDArray[np.float64], steepest: float) -> Mask:
    """Pixels (h, w) that a way over contrasts below `steepest` joins to a border pixel of the backdrop's colour."""
    free = contrast < steepest
    seeds = np.zeros_like(free)
    seeds[0] = seeds[-1] = seeds[:, 0] = seeds[:, -1] = True
    seeds &= distance < PLAIN
    reached = ndimage.binary_propagation(seeds & free, mask=free, structure=_EIGHT_NEIGHBOURS)
    # The outermost step of the way has contrast on its far side: it is given back where that is not an edge.
    return np.asarray(ndimage.binary_dilation(reached, mask=contrast < 2 * steepest) | reached)


def _contrast(lab: Lab) -> npt.NDArray[np.float64]:
    smooth = ndimage.gaussian_filter(lab, (0.7, 0.7, 0))
    down, right = np.gradient(smooth, axis=(0, 1))
    return np.asarray(np.sqrt((down**2 + right**2).sum(axis=-1)))


def _faint(distance: npt.NDArray[np.float64]) -> float:
    ring = np.concatenate(
        [distance[:2].ravel(), distance[-2:].ravel(), distance[:, :2].ravel(), distance[:, -2:].ravel()]
    )
    plain = ring[ring < PLAIN]
    noise = np.percentile(plain, 90) if plain.size else _FAINT_HIGH
    return float(np.clip(_NOISE_TIMES * noise, _FAINT_LOW, _FAINT_HIGH))


def _close_gaps(mask: Mask) -> Mask:
    """Fill what the mask encloses but for narrow gaps; the rounding of corners that closing brings is taken back."""
    border = _GAP + 1
    padded = np.pad(mask, border, mode="edge")
    closed = ndimage.binary_fill_holes(_closing(padded, _GAP))[border:-border, border:-border]
    fill = ndimage.binary_opening(closed & ~mask, disk(_THINNEST_FILL))
    return np.asarray(mask | fill)


def _closing(mask: Mask, radius: int) -> Mask:
    """Closing with a disc, by two distance transforms: a large structuring element would cost ten times as long."""
    grown = ndimage.distance_transform_edt(~mask) <= radius if mask.any() else mask
    return np.asarray(ndimage.distance_transform_edt(grown) > radius) if not grown.all() else grown
