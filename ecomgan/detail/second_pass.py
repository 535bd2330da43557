"""The second pass: what the first one made x4, to twice or four times that size: crisper at its pixels, and no truer.

What the first pass makes is soft at its own size, and the network was taught inputs that are sharp at theirs: taken as
it is, it draws checkerboards. So each round brings the image down by two first, which costs such an image next to
nothing, and enlarges that x4: twice the size a round. Last, one step of back-projection (Irani & Peleg 1991) moves what
both passes show at half the first one's size to what the first pass said: colours and shapes stay, finer detail is new.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from ecomgan.detail.enlarge import TILE, Factor, check, enlarge_image
from ecomgan.errors import RequestError
from ecomgan.networks.detail import DetailNetwork

Pixels = npt.NDArray[np.uint8]
FactorTwice = Literal[8, 16]

_FIRST: Factor = 4


def enlarge_twice(
    network: DetailNetwork,
    image: Pixels,
    factor: FactorTwice = 16,
    tile: int = TILE,
    dtype: torch.dtype = torch.float32,
) -> Pixels:
    """uint8 RGB (H, W, 3) -> (factor * H, factor * W, 3): both passes. tile, dtype: as `enlarge_image`.

    Raises RequestError for an image of another kind, another factor, and a result above 50 million pixels.
    """
    if factor not in (8, 16):
        raise RequestError(f"factor is {factor!r}; 8 or 16 was expected of two passes")
    check(image, factor, tile)
    first = enlarge_image(network, image, _FIRST, tile, dtype)
    return enlarge_again(network, first, {8: 1, 16: 2}[factor], tile, dtype)


def enlarge_again(
    network: DetailNetwork, first: Pixels, rounds: int = 2, tile: int = TILE, dtype: torch.dtype = torch.float32
) -> Pixels:
    """The second pass alone: uint8 RGB (H, W, 3) of even sides, a result of the network, to twice its size a round."""
    if first.shape[0] % 2 or first.shape[1] % 2:
        raise RequestError(f"an image of {first.shape[0]}x{first.shape[1]} was given; even sides were expected")
    made = first
    for _ in range(rounds):
        made = enlarge_image(network, _halved(made, 2), _FIRST, tile, dtype)
    return _projected_back(made, first)


def _projected_back(made: Pixels, first: Pixels) -> Pixels:
    """`made` less the smooth difference of its means to those of 2x2 pixels of `first`; by channels to save memory."""
    height, width = made.shape[:2]
    fault = _halved(first, 2).astype(np.float32) - _halved(made, 2 * height // first.shape[0])
    done = np.empty_like(made)
    for channel in range(3):
        smooth = Image.fromarray(fault[..., channel]).resize((width, height), Image.Resampling.BICUBIC)
        done[..., channel] = np.clip(np.round(made[..., channel] + np.asarray(smooth)), 0, 255)
    return done


def _halved(image: Pixels, factor: int) -> Pixels:
    """A `factor`-th of the size, by means."""
    return np.asarray(Image.fromarray(image).reduce(factor))
