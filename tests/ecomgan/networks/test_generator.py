"""The generator: shapes, and that latent, attributes and noise each have their say."""

import pytest
import torch
from torch import Tensor

from ecomgan.networks.conditions import unit_moment
from ecomgan.networks.generator import Generator

VOCABULARY = {"article_type": ["Bags", "Caps"], "colour": ["Red", "Blue"], "usage": ["Casual"]}


@pytest.fixture
def generator() -> Generator:
    torch.manual_seed(0)
    return Generator(
        VOCABULARY, base_height=5, base_width=4, channels=(16, 8, 8), latent_dim=8, embedding_dim=4, style_dim=16
    )


def draw(generator: Generator, count: int, seed: int = 0) -> tuple[Tensor, list[Tensor]]:
    source = torch.Generator().manual_seed(seed)
    return torch.randn(count, 8, generator=source), generator.draw_noises(count, source)


def test_images_double_with_each_block_and_stay_in_range(generator: Generator) -> None:
    latent, noises = draw(generator, 3)
    images = generator(latent, torch.ones(3, 3, dtype=torch.int64), noises)
    assert generator.image_shape == (20, 16)
    assert images.shape == (3, 3, 20, 16)
    assert images.abs().max() <= 1
    assert [tuple(noise.shape[1:]) for noise in noises] == generator.noise_shapes


def test_latent_and_every_attribute_change_the_image(generator: Generator) -> None:
    latent, noises = draw(generator, 1)
    conditions = torch.tensor([[1, 1, 1]])
    image = generator(latent, conditions, noises)
    assert not torch.allclose(image, generator(-latent, conditions, noises), atol=1e-3)
    for field in range(3):
        without = conditions.clone()
        without[0, field] = 0
        assert not torch.allclose(image, generator(latent, without, noises), atol=1e-4)


def test_noise_counts_once_its_gain_is_learned(generator: Generator) -> None:
    latent, noises = draw(generator, 1)
    conditions = torch.tensor([[1, 1, 1]])
    other = draw(generator, 1, seed=1)[1]
    assert torch.equal(generator(latent, conditions, noises), generator(latent, conditions, other))
    with torch.no_grad():
        generator.blocks[0].first.noise_gain.fill_(1.0)
    assert not torch.allclose(generator(latent, conditions, noises), generator(latent, conditions, other))


def test_latent_and_attributes_enter_with_equal_weight() -> None:
    rows = torch.randn(5, 12, generator=torch.Generator().manual_seed(0)) * 100
    torch.testing.assert_close(unit_moment(rows).square().mean(dim=1), torch.ones(5))


def test_an_image_is_the_same_alone_and_in_a_batch(generator: Generator) -> None:
    latent, noises = draw(generator, 4)
    conditions = torch.tensor([[1, 2, 1], [2, 1, 0], [0, 0, 0], [1, 1, 1]])
    together = generator(latent, conditions, noises)
    alone = generator(latent[2:3], conditions[2:3], [noise[2:3] for noise in noises])
    torch.testing.assert_close(together[2:3], alone, atol=1e-5, rtol=0)


def test_a_plain_ground_stays_plain_at_the_border(generator: Generator) -> None:
    """Borders are repeated: a flat map stays flat through a convolution, with no frame around it."""
    flat = torch.full((1, 16, 10, 8), 0.7)
    out = generator.blocks[0].first.convolution(flat)
    assert (out - out[..., :1, :1]).abs().max() < 1e-5
