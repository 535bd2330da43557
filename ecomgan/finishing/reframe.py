"""Reframe: set the product at a given scale and place in its frame, on its own background."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from ecomgan.errors import FinishingError
from ecomgan.finishing.ranges import check_range
from ecomgan.metrics.product import Box, find_product

SEARCH_SIDE = 640
"""Longer sides are searched at this size: a product's edges are found to within half a pixel of it."""

EDGE = 0.004
"""Share of a side: a product nearer to the frame's edge runs out of it."""

FURTHEST = 4.0
"""Times its size, up or down: further a product is not scaled."""

_SMOOTHED = 0.02  # of the longer side: how far the border is evened out before it is drawn on
_LEAST, _MOST = 0.1, 0.98


class CannotReframe(FinishingError):
    """The product is not whole in the picture, or would not be in the new frame. The picture is as good as before."""


@dataclass(frozen=True)
class Reframe:
    """The product spans the share `width` of the frame's width, or `height` of its height (one of them, the other is
    0); its lower edge stands at `baseline` and its middle at `centre`, shares from the frame's top and left.

    The frame keeps its size. The product is only moved and scaled (Lanczos), at most four times up or down; where its
    background ends, it goes on as its border is. Never cuts the product: raises CannotReframe where the product runs
    out of the picture or would run out of the frame.
    """

    baseline: float
    width: float = 0.0
    height: float = 0.0
    centre: float = 0.5

    def __post_init__(self) -> None:
        if (self.width > 0) == (self.height > 0):
            raise FinishingError(
                "finishing step reframe: give one of width and height, the share that the product spans; got width "
                f"{self.width} and height {self.height}"
            )
        check_range("reframe", "width" if self.width else "height", self.width or self.height, _LEAST, _MOST)
        check_range("reframe", "baseline", self.baseline, _LEAST, 1)
        check_range("reframe", "centre", self.centre, 0, 1)

    def __call__(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        box = find_product(image, search_side=SEARCH_SIDE).box
        if box is None:
            raise CannotReframe("no product was found in the picture")
        if sides := runs_out(box):
            raise CannotReframe(f"the product runs out of the picture at the {' and the '.join(sides)}")
        scale = self.width / box.width if self.width else self.height / box.height
        if not 1 / FURTHEST <= scale <= FURTHEST:
            raise CannotReframe(f"the product would have to be scaled {scale:.2g} times; 1/4 to 4 times is possible")
        if sides := runs_out(self.target(box)):
            raise CannotReframe(f"the product would run out of the frame at the {' and the '.join(sides)}")
        height, width = image.shape[:2]
        left = self.centre * width - scale * width * (box.left + box.right) / 2
        top = self.baseline * height - scale * height * box.bottom
        return _moved(image, scale, left, top)

    def target(self, box: Box) -> Box:
        """Where a product that stands at `box` comes to stand."""
        scale = self.width / box.width if self.width else self.height / box.height
        half = scale * box.width / 2
        return Box(
            top=self.baseline - scale * box.height,
            left=self.centre - half,
            bottom=self.baseline,
            right=self.centre + half,
        )


def runs_out(box: Box) -> list[str]:
    """The sides of the frame at which a product runs out of it."""
    sides = {
        "top": box.top < EDGE,
        "left": box.left < EDGE,
        "bottom": box.bottom > 1 - EDGE,
        "right": box.right > 1 - EDGE,
    }
    return [name for name, out in sides.items() if out]


def _moved(image: npt.NDArray[np.uint8], scale: float, left: float, top: float) -> npt.NDArray[np.uint8]:
    """The picture scaled, its upper left corner at (left, top) in pixels of a frame of its own size."""
    height, width = image.shape[:2]
    x0, x1 = max(0, round(left)), min(width, round(left + width * scale))
    y0, y1 = max(0, round(top)), min(height, round(top + height * scale))
    shown = (
        max((x0 - left) / scale, 0.0),
        max((y0 - top) / scale, 0.0),
        min((x1 - left) / scale, float(width)),
        min((y1 - top) / scale, float(height)),
    )
    part = np.asarray(Image.fromarray(image).resize((x1 - x0, y1 - y0), Image.Resampling.LANCZOS, box=shown))
    room = ((y0, height - y1), (x0, width - x1))
    if not any(map(any, room)):
        return part
    # What is drawn on goes on from the border, evened out along it: single pixels of noise would become stripes.
    spread = max(1.0, _SMOOTHED * max(height, width))
    evened = part.astype(np.float64)
    for line in ((0, slice(None)), (-1, slice(None)), (slice(None), 0), (slice(None), -1)):
        evened[line] = ndimage.gaussian_filter1d(evened[line], spread, axis=0, mode="nearest")
    frame = np.pad(evened, (*room, (0, 0)), mode="edge")
    frame[y0:y1, x0:x1] = part
    return np.asarray(np.round(frame), dtype=np.uint8)
