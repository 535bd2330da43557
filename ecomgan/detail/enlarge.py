"""Images of any size through the detail network, whole or tile by tile: uint8 in, uint8 out."""

from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ecomgan.errors import RequestError
from ecomgan.networks.detail import SCALE, DetailNetwork, reduce

Pixels = npt.NDArray[np.uint8]
Factor = Literal[1, 2, 4]

FACTORS: tuple[Factor, ...] = (1, 2, 4)
MOST_PIXELS = 50_000_000
"""Of a result; 50 million pixels are 150 MB as RGB."""
TILE = 256
"""Side of a tile in input pixels, overlap left out. What a tile needs in between stays below 200 MB."""

_BATCH_PIXELS = TILE * TILE


@torch.inference_mode()
def enlarge_image(
    network: DetailNetwork, image: Pixels, factor: Factor = 4, tile: int = TILE, dtype: torch.dtype = torch.float32
) -> Pixels:
    """uint8 RGB (H, W, 3) -> (factor * H, factor * W, 3).

    factor 4: as the network is. 2: its result brought down by two. 1 (deblur): the image is brought down by two first,
    which costs a blurred photo nothing, and its result by two again: the size stays.
    tile: larger images are done in tiles of that side, which overlap by the network's reach: the result is the whole
    image's, within rounding. dtype: torch.bfloat16 computes the convolutions in bf16, about twice as fast.

    Raises RequestError for an image of another kind, and for a result above 50 million pixels.
    """
    if factor not in FACTORS:
        raise RequestError(f"factor is {factor!r}; one of {', '.join(map(str, FACTORS))} was expected")
    check(image, factor, tile)
    height, width = image.shape[:2]
    pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 127.5 - 1
    if factor == 1:
        # An odd last row or column is repeated and cut off again.
        pixels = torch.nn.functional.pad(pixels, (0, width % 2, 0, height % 2), mode="replicate")
        pixels = reduce(pixels, 2)
    done = torch.empty(1, 3, *(side * max(factor, 2) for side in pixels.shape[2:]))
    down = SCALE // max(factor, 2)
    scale = SCALE // down
    for top in range(0, pixels.shape[2], tile):
        for left in range(0, pixels.shape[3], tile):
            part = reduce(_one_tile(network, pixels, top, left, tile, dtype), down)
            bottom, right = scale * top + part.shape[2], scale * left + part.shape[3]
            done[:, :, scale * top : bottom, scale * left : right] = part
    return to_bytes(done)[0, : height * factor, : width * factor]


@torch.inference_mode()
def enlarge_batch(network: DetailNetwork, images: Pixels, dtype: torch.dtype = torch.float32) -> Pixels:
    """uint8 RGB (N, H, W, 3) of one size -> (N, 4H, 4W, 3); small images several at once.

    Raises RequestError for images of another kind, and for none.
    """
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3 or 0 in images.shape:
        raise RequestError(f"images, uint8 (N, H, W, 3), were expected; got {images.dtype} {images.shape}")
    height, width = images.shape[1:3]
    if height > TILE or width > TILE:
        return np.stack([enlarge_image(network, image, dtype=dtype) for image in images])
    size = max(1, _BATCH_PIXELS // (height * width))
    done = []
    for start in range(0, len(images), size):
        pixels = torch.from_numpy(np.array(images[start : start + size])).permute(0, 3, 1, 2).float() / 127.5 - 1
        done.append(to_bytes(_through(network, pixels, dtype)))
    return np.concatenate(done)


def to_bytes(images: Tensor) -> Pixels:
    """Float (N, 3, H, W) in [-1, 1] -> uint8 (N, H, W, 3)."""
    rounded = images.float().add(1).mul(127.5).round().clamp(0, 255).byte()
    array: Pixels = rounded.permute(0, 2, 3, 1).contiguous().cpu().numpy()
    return array


def _one_tile(network: DetailNetwork, pixels: Tensor, top: int, left: int, tile: int, dtype: torch.dtype) -> Tensor:
    """The result of the tile at (top, left): computed with `reach` more on each side, which is cut off again."""
    height, width = pixels.shape[2:]
    bottom, right = min(top + tile, height), min(left + tile, width)
    above, before = min(top, network.reach), min(left, network.reach)
    seen = pixels[:, :, top - above : bottom + network.reach, left - before : right + network.reach]
    made = _through(network, seen, dtype)
    y, x = SCALE * above, SCALE * before
    return made[:, :, y : y + SCALE * (bottom - top), x : x + SCALE * (right - left)]


def _through(network: DetailNetwork, pixels: Tensor, dtype: torch.dtype) -> Tensor:
    pixels = pixels.to(network.device).contiguous(memory_format=torch.channels_last)
    with torch.autocast(pixels.device.type, torch.bfloat16, enabled=dtype == torch.bfloat16):
        made: Tensor = network(pixels)
    return made.cpu()


def check(image: Pixels, factor: int, tile: int) -> None:
    """Raise RequestError for what is no image, an odd tile, and a result above 50 million pixels."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise RequestError(f"an image, uint8 (H, W, 3), was expected; got {image.dtype} {image.shape}")
    if tile < 2 or tile % 2:
        raise RequestError(f"tile is {tile}; an even number of at least 2 was expected")
    height, width = image.shape[0] * factor, image.shape[1] * factor
    if height * width > MOST_PIXELS:
        raise RequestError(
            f"{image.shape[0]}x{image.shape[1]} times {factor} is {height * width} pixels; "
            f"at most {MOST_PIXELS} are allowed"
        )
