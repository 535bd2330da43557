"""The adversarial losses by their equations, their penalties by hand, and each of them in a training."""

import math

import pytest
import torch

from ecomgan.errors import ConfigError
from ecomgan.training.config import TrainConfig
from ecomgan.training.item_stream import ItemStream
from ecomgan.training.losses import LOSSES
from ecomgan.training.penalties import perturbed, r1, r1_and_r2, unit_norm

STREAM = ItemStream(torch.Generator())


def heads(*values: float) -> list[torch.Tensor]:
    return [torch.full((2, 1, 3, 3), value) for value in values]


def log_sigmoid(x: float) -> float:
    return -math.log(1 + math.exp(-x))


@pytest.mark.parametrize(
    ("name", "of_discriminator", "of_generator"),
    [
        ("hinge", max(0, 1 - 0.5) + max(0, 1 + 0.2), -0.2),
        ("non_saturating", -log_sigmoid(0.5) - log_sigmoid(-0.2), -log_sigmoid(0.2)),
        ("wgan_gp", 0.2 - 0.5, -0.2),
        ("relativistic", -log_sigmoid(0.5 - 0.2), -log_sigmoid(0.2 - 0.5)),
    ],
)
def test_losses_follow_their_equations_and_add_up_over_heads(
    name: str, of_discriminator: float, of_generator: float
) -> None:
    loss, real, fake = LOSSES[name], heads(0.5, 0.5), heads(0.2, 0.2)
    assert loss.discriminator(real, fake).item() == pytest.approx(2 * of_discriminator, abs=1e-6)
    assert loss.generator(real, fake).item() == pytest.approx(2 * of_generator, abs=1e-6)


def test_hinge_is_zero_beyond_both_margins() -> None:
    assert LOSSES["hinge"].discriminator(heads(1.5, 2.0), heads(-1.0, -3.0)) == 0


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_pulls_the_two_networks_apart(name: str) -> None:
    real, fake = (torch.zeros(2, 1, 3, 3, requires_grad=True) for _ in range(2))
    by_real, by_fake = torch.autograd.grad(LOSSES[name].discriminator([real], [fake]), [real, fake])
    assert by_real.max() < 0 < by_fake.min()  # descent raises the logits of photos and lowers those of images
    (wanted,) = torch.autograd.grad(LOSSES[name].generator([real.detach()], [fake]), [fake])
    assert wanted.max() < 0


def steep(images: torch.Tensor) -> torch.Tensor:
    """A judge whose gradient is 3 at the first pixel of the first channel and 4 at the next."""
    return 3 * images[:, 0, 0, 0] + 4 * images[:, 0, 0, 1]


def test_penalties_are_those_of_a_known_gradient() -> None:
    real, fake = torch.rand(4, 3, 2, 2), torch.rand(4, 3, 2, 2)
    assert r1(steep, real, fake, STREAM).item() == pytest.approx(25 / 2)
    assert r1_and_r2(steep, real, fake, STREAM).item() == pytest.approx(25)
    assert unit_norm(steep, real, fake, STREAM).item() == pytest.approx((5 - 1) ** 2)


def test_a_penalty_teaches_the_judge_to_be_less_steep() -> None:
    slope, photos = torch.tensor(2.0, requires_grad=True), torch.rand(2, 3, 1, 1)
    r1(lambda images: slope * images.sum(dim=(1, 2, 3)), photos, photos, STREAM).backward()
    assert slope.grad is not None
    assert slope.grad.item() == pytest.approx(2.0 * 3)  # d/ds (3 s^2 / 2)


def test_perturbed_photos_are_judged_less_real_and_moved_no_further_than_allowed() -> None:
    photos = torch.rand(2, 3, 2, 2) * 2 - 1
    moved = perturbed(steep, photos, 0.1)
    assert (steep(moved) < steep(photos)).all()
    assert (moved - photos).abs().max() <= 0.1 + 1e-6
    assert moved.abs().max() <= 1
    assert not moved.requires_grad


@pytest.mark.parametrize("name", ["wgan_gp", "relativistic"])
def test_losses_that_fall_apart_without_a_penalty_ask_for_one(name: str) -> None:
    with pytest.raises(ConfigError, match=f"penalty is 0.0; it must be above 0 for the loss '{name}'"):
        TrainConfig(loss=name)


def test_unknown_losses_and_blocks_are_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match="loss is 'lsgan'; it must be one of hinge, non_saturating, wgan_gp, rel"):
        TrainConfig(loss="lsgan")
    with pytest.raises(ConfigError, match="attention is 5; it must be 0 to 4"):
        TrainConfig(attention=5)
