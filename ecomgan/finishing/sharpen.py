"""Sharpen: an unsharp mask that cannot draw halos."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ecomgan.finishing.ranges import check_range

_LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601


@dataclass(frozen=True)
class Sharpen:
    """Add `amount` of the luma's detail below `radius` pixels to all three channels.

    The result stays within `overshoot` grey levels of the lightest and darkest pixel near by, so that edges get
    steeper without light and dark seams; colours keep their hue because only the luma is sharpened.
    """

    amount: float = 0.6
    radius: float = 1.0
    overshoot: float = 8.0

    def __post_init__(self) -> None:
        check_range("sharpen", "amount", self.amount, 0, 2)
        check_range("sharpen", "radius", self.radius, 0.3, 5)
        check_range("sharpen", "overshoot", self.overshoot, 0, 64)

    def __call__(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        luma = image @ _LUMA
        sharper = luma + self.amount * (luma - ndimage.gaussian_filter(luma, self.radius, mode="nearest"))
        reach = 2 * round(self.radius) + 1
        darkest, lightest = ndimage.minimum_filter(luma, reach), ndimage.maximum_filter(luma, reach)
        limited = np.clip(sharper, darkest - self.overshoot, lightest + self.overshoot)
        changed = image + (limited - luma)[..., None]
        return np.asarray(np.clip(np.round(changed), 0, 255), dtype=np.uint8)
