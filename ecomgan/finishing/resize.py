"""Resize: enlarge by a whole factor."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from ecomgan.errors import FinishingError

_FACTORS = (2, 4)
_MOST_PIXELS = 50_000_000


@dataclass(frozen=True)
class Resize:
    """Enlarge `factor` times (2 or 4) by Lanczos; at most 50 million pixels come out."""

    factor: int

    def __post_init__(self) -> None:
        if self.factor not in _FACTORS:
            raise FinishingError(f"finishing step resize: factor must be 2 or 4; got {self.factor}")

    def __call__(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        height, width = image.shape[0] * self.factor, image.shape[1] * self.factor
        if height * width > _MOST_PIXELS:
            raise FinishingError(
                f"finishing step resize: {image.shape[0]}x{image.shape[1]} times {self.factor} is "
                f"{height * width} pixels; at most {_MOST_PIXELS} are allowed"
            )
        return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.LANCZOS))
