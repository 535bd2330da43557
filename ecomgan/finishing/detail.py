"""Detail: enlarge with the shipped detail network, or give a blurred photo its sharpness back."""

import importlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecomgan.errors import FinishingError

_FACTORS = (1, 2, 4, 8, 16)
_MOST_PIXELS = 50_000_000


@dataclass(frozen=True)
class Detail:
    """Enlarge 2 or 4 times with detail that is likely, not known; factor 1 (deblur) keeps the size.

    8 and 16 add a second pass, which makes the larger image crisper and no truer (`ecomgan.detail.second_pass`).

    At most 50 million pixels come out. Needs `models/detail` and torch, both of which only the call itself loads.
    """

    factor: int = 4

    def __post_init__(self) -> None:
        if self.factor not in _FACTORS:
            raise FinishingError(f"finishing step detail: factor must be 1, 2, 4, 8 or 16; got {self.factor}")

    def __call__(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        height, width = image.shape[0] * self.factor, image.shape[1] * self.factor
        if height * width > _MOST_PIXELS:
            raise FinishingError(
                f"finishing step detail: {image.shape[0]}x{image.shape[1]} times {self.factor} is "
                f"{height * width} pixels; at most {_MOST_PIXELS} are allowed"
            )
        # By name: the web server checks steps too, and must not be able to reach torch by an import.
        shipped = importlib.import_module("ecomgan.detail.shipped")
        finished: npt.NDArray[np.uint8] = shipped.enlarge_shipped(image, self.factor)
        return finished
