"""What a generator knows, taken apart: on checkpoints with random weights, enough for all that is exact."""

from pathlib import Path

import numpy as np
import pytest
import torch

from ecomgan import EcomGANPipeline
from ecomgan.errors import CheckpointError, ConditionError, RequestError
from ecomgan.exploring.differences import differences
from ecomgan.exploring.directions import MEASURES, Direction, directions, moved, named
from ecomgan.exploring.inversion import invert
from ecomgan.exploring.mixing import between, mixed
from ecomgan.exploring.realism import RealismMap
from ecomgan.networks.discriminator import ProjectedDiscriminator
from ecomgan.networks.generator import Generator
from ecomgan.pipeline import Drawn

RED_CAP = {"article_type": "Caps", "colour": "Red"}


@pytest.fixture(scope="module")
def pipe(tiny_checkpoint: Path) -> EcomGANPipeline:
    return EcomGANPipeline.from_pretrained(tiny_checkpoint)


@pytest.fixture(scope="module")
def larger() -> EcomGANPipeline:
    """Images of 32x32, in which products can be looked for, with heads."""
    torch.manual_seed(0)
    vocabulary = {"article_type": ["Bags", "Caps"], "colour": ["Red", "Black"]}
    heads = ProjectedDiscriminator(vocabulary, "none", feature_channels=(32, 64, 128, 128), mixed_channels=(8, 8, 8, 8),
                                   width=8, embedding_dim=4)  # fmt: skip
    generator = Generator(vocabulary, base_height=4, base_width=4, channels=(8, 8, 8, 8), latent_dim=8,
                          embedding_dim=4, style_dim=16)  # fmt: skip
    return EcomGANPipeline(generator, heads)


def draw(pipe: EcomGANPipeline, seed: int, count: int = 1) -> Drawn:
    return pipe.draw("", RED_CAP, count, torch.Generator().manual_seed(seed))


def test_a_call_is_what_is_drawn_rendered(pipe: EcomGANPipeline) -> None:
    called = pipe("", RED_CAP, 3, torch.Generator().manual_seed(4), output_type="np").images
    np.testing.assert_array_equal(pipe.render(draw(pipe, 4, 3)).permute(0, 2, 3, 1).numpy(), called)


def test_mixing_takes_low_levels_from_one_and_high_ones_from_the_other(pipe: EcomGANPipeline) -> None:
    shape, surface, levels = draw(pipe, 0, 2), draw(pipe, 1, 2), pipe.generator.levels
    whole = mixed(pipe, shape, surface, levels)
    assert torch.equal(pipe.render(whole), pipe.render(shape))
    all_of_it = mixed(pipe, shape, Drawn(surface.styles, shape.noises), 0)
    assert torch.equal(pipe.render(all_of_it), pipe.render(Drawn(surface.styles, shape.noises)))
    half = mixed(pipe, shape, surface, 1)
    assert torch.equal(half.styles[0], shape.styles)
    assert torch.equal(half.styles[1], surface.styles)
    assert not torch.equal(pipe.render(half), pipe.render(shape))


def test_a_way_begins_and_ends_at_its_two_images(pipe: EcomGANPipeline) -> None:
    start, end = draw(pipe, 0), draw(pipe, 1)
    images = pipe.render(between(start, end, 5))
    assert images.shape == (5, 3, *pipe.image_shape)
    assert torch.equal(images[:1], pipe.render(start))
    assert torch.equal(images[-1:], pipe.render(Drawn(end.styles, start.noises)))


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda pipe: mixed(pipe, draw(pipe, 0, 2), draw(pipe, 1), 1), "2 shapes and 1 surfaces"),
        (lambda pipe: mixed(pipe, draw(pipe, 0), draw(pipe, 1), 4), "from_level is 4; 0 .* to 3"),
        (lambda pipe: between(draw(pipe, 0), draw(pipe, 1), 1), "steps is 1; at least 2"),
        (lambda pipe: between(draw(pipe, 0, 2), draw(pipe, 1), 3), "2 images at the start"),
        (lambda pipe: directions(pipe, levels=(0, 2)), "levels are 0 to 2"),
        (lambda pipe: directions(pipe, count=17), "count is 17; 1 to 16"),
        (lambda pipe: named(pipe, directions(pipe, 1), draw(pipe, 0)), "1 image drawn; at least 2"),
    ],
)
def test_impossible_wishes_are_refused_with_what_would_be_right(pipe: EcomGANPipeline, call, told: str) -> None:
    with pytest.raises(RequestError, match=told):
        call(pipe)


def test_directions_stand_upright_and_the_first_changes_most(pipe: EcomGANPipeline) -> None:
    found = directions(pipe, 4)
    vectors = torch.stack([direction.vector for direction in found])
    torch.testing.assert_close(vectors @ vectors.T, torch.eye(4), atol=1e-4, rtol=0)
    films = torch.cat([layer.style.weight for block in pipe.generator.blocks for layer in (block.first, block.second)])
    changes = [(films @ vector).norm().item() for vector in vectors]
    assert changes == sorted(changes, reverse=True)
    anywhere = torch.nn.functional.normalize(torch.randn(200, 16), dim=1)
    assert changes[0] >= (films @ anywhere.T).norm(dim=0).max().item()
    assert sum(direction.strength for direction in directions(pipe, 16)) == pytest.approx(1.0)


def test_a_step_moves_only_the_levels_of_its_direction(pipe: EcomGANPipeline) -> None:
    drawn, (direction,) = draw(pipe, 0), directions(pipe, 1, levels=(2, 3))
    there = moved(pipe, drawn, direction, 2.0)
    assert torch.equal(there.styles[:2], drawn.styles.expand(2, -1, -1))
    torch.testing.assert_close(there.styles[2] - drawn.styles, 2 * direction.vector[None])
    assert torch.equal(pipe.render(moved(pipe, drawn, direction, 0.0)), pipe.render(drawn))


def test_directions_are_named_by_what_they_change(larger: EcomGANPipeline) -> None:
    told = named(larger, directions(larger, 3), draw(larger, 0, 6))
    for direction in told:
        assert direction.reach > 0
        assert set(direction.effects) == set(MEASURES)
    plain = Direction(torch.zeros(16), (1, 2), 0.5, effects=dict.fromkeys(MEASURES, 0.1))
    assert plain.name == "unclear"
    bold = Direction(torch.zeros(16), (1, 2), 0.5, effects={"fill": 0.6, "lightness": -2.0, "side": 0.7})
    assert bold.name == "darker, further right"


def test_the_heads_map_each_image_and_know_their_attributes(larger: EcomGANPipeline) -> None:
    look = RealismMap(larger)
    images = larger("", RED_CAP, 2, torch.Generator().manual_seed(0), output_type="np").images
    maps = look(images, [RED_CAP, RED_CAP])
    assert (maps.shape, maps.dtype) == ((2, *larger.image_shape), np.float32)
    other = look(images, [RED_CAP, {"article_type": "Bags"}])
    np.testing.assert_allclose(other[0], maps[0], atol=1e-5)
    assert np.abs(other[1] - maps[1]).max() > 1e-4
    with pytest.raises(RequestError, match=r"2 attribute tables|1 attribute tables"):
        look(images, [RED_CAP])
    with pytest.raises(ConditionError, match="unknown colour"):
        look(images, [RED_CAP, {"colour": "Plaid"}])


def test_without_heads_there_is_no_map(tiny_checkpoint: Path) -> None:
    with pytest.raises(CheckpointError, match="holds no discriminator"):
        RealismMap(EcomGANPipeline.from_pretrained(tiny_checkpoint, discriminator=False))


def test_a_search_comes_closer_to_the_photo(larger: EcomGANPipeline) -> None:
    photo = larger("", RED_CAP, 1, torch.Generator().manual_seed(99), output_type="np").images[0]
    found = invert(larger, photo, RED_CAP, seed=1, steps=40)
    assert found.error < 0.8 * found.start_error
    again = invert(larger, photo, RED_CAP, seed=1, steps=40)
    assert again.error == found.error
    with pytest.raises(RequestError, match=r"uint8 \(16, 8, 3\); uint8 \(32, 32, 3\)|\(32, 32, 3\) was expected"):
        invert(larger, np.zeros((16, 8, 3), np.uint8), RED_CAP)


def test_each_attribute_left_out_shows_what_it_does(pipe: EcomGANPipeline) -> None:
    image, found = differences(pipe, "red caps", seed=3)
    assert {one.without: one.value for one in found} == {"article_type": "Caps", "colour": "Red"}
    np.testing.assert_array_equal(
        image, pipe("red caps", generator=torch.Generator().manual_seed(3), output_type="np").images[0]
    )
    alone = pipe("", {"article_type": "Caps"}, generator=torch.Generator().manual_seed(3), output_type="np").images[0]
    without_colour = next(one for one in found if one.without == "colour")
    np.testing.assert_array_equal(without_colour.image, alone)
    assert [one.change for one in found] == sorted((one.change for one in found), reverse=True)
    assert max(int(one.picture.max()) for one in found) == 255
    assert differences(pipe, "caps", seed=3)[1] == []
