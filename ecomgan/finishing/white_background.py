"""Clean white background: what is not product becomes pure white, as channels ask for."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from ecomgan.metrics.product import find_product

_SEARCH_SIDE = 640
_FEATHER = 0.01  # of the shorter side, at least one pixel


@dataclass(frozen=True)
class WhiteBackground:
    """Push the background to 255 where it is connected to the frame's border; the product stays untouched.

    The product is found as the scores find it, so that a white shirt is kept by its faint outline, and so is a cast
    shadow that touches the product. The edge is soft and lies wholly in the background.
    """

    def __call__(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        height, width = image.shape[:2]
        found = find_product(image, search_side=_SEARCH_SIDE).mask
        outline = Image.fromarray(found.astype(np.uint8) * 255).resize((width, height), Image.Resampling.BILINEAR)
        background = _touching_border(np.asarray(outline) < 128)
        spread = max(1.0, _FEATHER * min(height, width)) / 2
        # A blurred step is 1/2 at the edge: doubled and lowered by one it is 0 there and rises into the background.
        strength = np.clip(2 * ndimage.gaussian_filter(background.astype(np.float64), spread, mode="nearest") - 1, 0, 1)
        white = image + (255.0 - image) * (strength * background)[..., None]
        return np.asarray(np.round(white), dtype=np.uint8)


def _touching_border(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    labels, _ = ndimage.label(mask)
    border = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    touching: npt.NDArray[np.bool_] = np.isin(labels, border[border > 0])
    return touching
