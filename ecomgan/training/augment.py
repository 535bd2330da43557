"""Augmentation of real and generated images alike: small shifts and cutouts, filled with the white of the ground.

No flips (shoes point one way, prints are read), no brightness or saturation (colour is a condition).
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from ecomgan.training.item_stream import ItemStream

WHITE = 1.0
_CUTOUT_SIDE = 1 / 3


def augment(images: Tensor, shift: float, cutout: float, source: ItemStream) -> Tensor:
    """images (N, 3, H, W) in [-1, 1]; differentiable.

    shift: probability of a shift by up to 1/16 of each side; cutout: probability of a white rectangle of a third
    of each side.
    """
    if shift > 0:
        images = _shifted(images, shift, source)
    if cutout > 0:
        images = _cut_out(images, cutout, source)
    return images


def _shifted(images: Tensor, probability: float, source: ItemStream) -> Tensor:
    count, _, height, width = images.shape
    reach_y, reach_x = height // 16, width // 16
    moved = source.rand(count) < probability
    dy = source.randint(-reach_y, reach_y + 1, count) * moved + reach_y
    dx = source.randint(-reach_x, reach_x + 1, count) * moved + reach_x
    padded = F.pad(images, (reach_x, reach_x, reach_y, reach_y), value=WHITE)
    # Slices and one stack: indexing by arrays has a slow backward on the CPU.
    corners = zip(dy.tolist(), dx.tolist(), strict=True)
    return torch.stack([padded[i, :, y : y + height, x : x + width] for i, (y, x) in enumerate(corners)])


def _cut_out(images: Tensor, probability: float, source: ItemStream) -> Tensor:
    count, _, height, width = images.shape
    tall, wide = round(height * _CUTOUT_SIDE), round(width * _CUTOUT_SIDE)
    top = source.randint(-tall // 2, height - tall // 2, count, 1)
    left = source.randint(-wide // 2, width - wide // 2, count, 1)
    rows, columns = torch.arange(height)[None], torch.arange(width)[None]
    in_rows = (rows >= top) & (rows < top + tall)
    in_columns = (columns >= left) & (columns < left + wide)
    chosen = source.rand(count, 1, 1) < probability
    hole = (in_rows[:, :, None] & in_columns[:, None, :] & chosen)[:, None].to(images.device)
    return images.masked_fill(hole, WHITE)
