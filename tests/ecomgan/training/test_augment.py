"""Augmentation: what comes in from outside is white, colours stay, gradients pass."""

import torch

from ecomgan.training.augment import augment
from ecomgan.training.item_stream import ItemStream


def photos(count: int = 64) -> torch.Tensor:
    return torch.full((count, 3, 32, 48), -0.5)


def source() -> ItemStream:
    return ItemStream(torch.Generator().manual_seed(0))


def test_shifts_bring_in_white_and_change_no_colour() -> None:
    shifted = augment(photos(), shift=1.0, cutout=0.0, source=source())
    assert set(shifted.unique().tolist()) == {-0.5, 1.0}
    white = (shifted[:, 0] == 1.0).float().mean(dim=(1, 2))
    assert 0 < white.max() <= 1 - (30 / 32) * (45 / 48)


def test_cutouts_are_white_rectangles_of_a_share_of_the_images() -> None:
    cut = augment(photos(400), shift=0.0, cutout=0.25, source=source())
    holed = (cut == 1.0).flatten(1).any(dim=1)
    assert 0.17 < holed.float().mean() < 0.33
    assert (cut[:, 0] == cut[:, 2]).all()


def test_nothing_happens_at_probability_zero() -> None:
    images = photos(2)
    assert augment(images, shift=0.0, cutout=0.0, source=source()) is images


def test_gradients_reach_the_images_where_they_are_still_seen() -> None:
    images = photos(4).requires_grad_()
    augment(images, shift=1.0, cutout=1.0, source=source()).sum().backward()
    assert images.grad is not None
    assert set(images.grad.unique().tolist()) == {0.0, 1.0}
