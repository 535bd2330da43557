"""Where the product is: a mask found by its distance from the light background, without a trained network."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage
from skimage.color import rgb2lab
from skimage.filters import apply_hysteresis_threshold

from ecomgan.errors import ImageError

MIN_SIDE = 16
SEARCH_SIDE = 160
"""Longer sides are reduced to this before the search: a product's share and place do not depend on more pixels."""
# CIE76 distance from the background: a region counts from `_FAINT` on where it touches something beyond `PLAIN`.
# JPEG noise on white stays below 5; the outlines of white shirts reach 12.
_FAINT, PLAIN = 5.0, 12.0
# A border this light and grey is a backdrop; anything else is product that fills the frame, and white is assumed.
_BACKDROP_MIN_L, _BACKDROP_MAX_CHROMA = 75.0, 15.0
_WHITE = np.array([100.0, 0.0, 0.0])
# Components smaller than this share of the largest are specks (a pair of shoes or ear-rings keeps both).
_SPECK_SHARE = 0.1
_EIGHT_NEIGHBOURS = np.ones((3, 3), dtype=bool)


@dataclass(frozen=True)
class Box:
    """Bounding box as shares of the frame, 0..1; `bottom` and `right` are exclusive ends."""

    top: float
    left: float
    bottom: float
    right: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def width(self) -> float:
        return self.right - self.left


@dataclass(frozen=True)
class Product:
    """What was found: CIELAB picture (h, w, 3) float64 and mask (h, w) bool, both at the size of the search."""

    lab: npt.NDArray[np.float64]
    mask: npt.NDArray[np.bool_]

    @property
    def box(self) -> Box | None:
        """Bounding box of the mask; None for an empty frame."""
        rows, columns = np.flatnonzero(self.mask.any(axis=1)), np.flatnonzero(self.mask.any(axis=0))
        if rows.size == 0:
            return None
        height, width = self.mask.shape
        return Box(
            top=float(rows[0] / height),
            left=float(columns[0] / width),
            bottom=float((rows[-1] + 1) / height),
            right=float((columns[-1] + 1) / width),
        )

    def mask_at(self, height: int, width: int) -> npt.NDArray[np.bool_]:
        """The mask enlarged or reduced to height x width, nearest neighbour."""
        mask = Image.fromarray(self.mask).resize((width, height), Image.Resampling.NEAREST)
        return np.asarray(mask, dtype=np.bool_)


def check_image(image: npt.NDArray[np.uint8]) -> None:
    """Raise ImageError unless `image` is uint8 (H, W, 3) with both sides of at least MIN_SIDE pixels."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ImageError(f"an image must be uint8 (height, width, 3); got {image.dtype} {image.shape}")
    if min(image.shape[:2]) < MIN_SIDE:
        raise ImageError(f"an image must be at least {MIN_SIDE}x{MIN_SIDE}; got {image.shape[0]}x{image.shape[1]}")


def find_product(image: npt.NDArray[np.uint8], search_side: int = SEARCH_SIDE) -> Product:
    """Find the product on a light, plain background. `image` is uint8 RGB (H, W, 3), at least 16x16.

    `search_side` bounds the longer side of the search and with it the precision of the mask's outline.
    """
    check_image(image)
    lab = rgb2lab(reduce(image, search_side))
    distance = np.linalg.norm(lab - backdrop(lab), axis=-1)
    found = apply_hysteresis_threshold(distance, _FAINT, PLAIN)
    # Padded by its own edge, so that closing does not open the outline of a product that runs out of the frame.
    closed = ndimage.binary_closing(np.pad(found, 2, mode="edge"))[2:-2, 2:-2]
    return Product(lab=lab, mask=without_specks(ndimage.binary_fill_holes(closed)))


def reduce(image: npt.NDArray[np.uint8], longest: int) -> npt.NDArray[np.uint8]:
    """The image (H, W, 3) with its longer side at most `longest`, by the mean of pixels."""
    height, width = image.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return image
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BOX))


def backdrop(lab: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Lab of the backdrop: the median of the frame's outermost pixels if that is light and grey, else white."""
    border = np.concatenate([lab[0], lab[-1], lab[1:-1, 0], lab[1:-1, -1]])
    median: npt.NDArray[np.float64] = np.median(border, axis=0)
    is_backdrop = median[0] >= _BACKDROP_MIN_L and np.hypot(median[1], median[2]) <= _BACKDROP_MAX_CHROMA
    return median if is_backdrop else _WHITE


def without_specks(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The mask without components below a tenth of its largest."""
    labels, count = ndimage.label(mask, _EIGHT_NEIGHBOURS)
    if count <= 1:
        return mask
    areas = np.bincount(labels.ravel())
    areas[0] = 0
    keep = areas >= _SPECK_SHARE * areas.max()
    keep[0] = False
    kept: npt.NDArray[np.bool_] = keep[labels]
    return kept
