"""Pad: set the product into a white frame of the size a channel asks for."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from ecomgan.errors import FinishingError
from ecomgan.finishing.ranges import check_range
from ecomgan.metrics.product import find_product

_SMALLEST, _LARGEST = 16, 10_000
_SEARCH_SIDE = 640


@dataclass(frozen=True)
class Pad:
    """White frame of `width` x `height` pixels in which the product spans the share `fill` of one side.

    The product is scaled (Lanczos) until its box first reaches `fill` of the frame's width or height, and centred.
    On a side where it runs out of the picture, as a torso does at the bottom, it stays at the frame's edge instead of
    floating. Best after `white_background`: a grey backdrop would end within the frame.
    """

    width: int
    height: int
    fill: float = 0.85

    def __post_init__(self) -> None:
        check_range("pad", "width", self.width, _SMALLEST, _LARGEST)
        check_range("pad", "height", self.height, _SMALLEST, _LARGEST)
        check_range("pad", "fill", self.fill, 0.1, 1)

    def __call__(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        product = find_product(image, search_side=_SEARCH_SIDE)
        box = product.box
        if box is None:
            raise FinishingError("finishing step pad: no product was found to set into the frame; the image is blank")
        height, width = image.shape[:2]
        scale = min(self.fill * self.width / (box.width * width), self.fill * self.height / (box.height * height))
        left = _offset(box.left * width, box.right * width, width, scale, self.width)
        top = _offset(box.top * height, box.bottom * height, height, scale, self.height)
        frame = Image.new("RGB", (self.width, self.height), (255, 255, 255))
        frame.paste(*_shown(Image.fromarray(image), scale, left, top, self.width, self.height))
        return np.asarray(frame)


def _offset(low: float, high: float, side: int, scale: float, frame: int) -> float:
    """Where the picture's edge comes to lie in the frame, along one axis, in pixels of the frame."""
    runs_out_low, runs_out_high = low < 1, high > side - 1
    if runs_out_low and not runs_out_high:
        return 0.0
    if runs_out_high and not runs_out_low:
        return frame - side * scale
    return frame / 2 - scale * (low + high) / 2


def _shown(
    picture: Image.Image, scale: float, left: float, top: float, width: int, height: int
) -> tuple[Image.Image, tuple[int, int]]:
    """The scaled picture as far as the frame shows it, and the pixel (x, y) of the frame it goes to."""
    x0, x1, from_x, to_x = _span(left, scale, picture.width, width)
    y0, y1, from_y, to_y = _span(top, scale, picture.height, height)
    part = picture.resize((x1 - x0, y1 - y0), Image.Resampling.LANCZOS, box=(from_x, from_y, to_x, to_y))
    return part, (x0, y0)


def _span(offset: float, scale: float, side: int, frame: int) -> tuple[int, int, float, float]:
    """First and last pixel of the frame that the picture covers along one axis, and what of the picture that is."""
    first, last = max(0, round(offset)), min(frame, round(offset + side * scale))
    return first, last, max((first - offset) / scale, 0.0), min((last - offset) / scale, float(side))
