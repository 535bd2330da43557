"""Growing: a taught generator goes on at twice the size, from its own images enlarged."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from ecomgan import EcomGANPipeline
from ecomgan.data.prepare import prepare
from ecomgan.errors import CheckpointError, ConfigError
from ecomgan.networks.generator import Generator
from ecomgan.training.config import TrainConfig
from ecomgan.training.export import export_run
from ecomgan.training.loop import resume_training, start_training
from ecomgan.training.view import seen


@pytest.fixture
def lower(catalogue: Path, tiny_config: TrainConfig, tmp_path: Path) -> Path:
    """A checkpoint of 16x16 images that has learnt a little."""
    prepare(catalogue, tmp_path / "small", height=16, width=16)
    start_training(tmp_path / "low", tmp_path / "small", tiny_config)
    export_run(tmp_path / "low", tmp_path / "lower")
    return tmp_path / "lower"


def latents_and_noises(generator: Generator, count: int) -> tuple[torch.Tensor, list[torch.Tensor]]:
    source = torch.Generator().manual_seed(3)
    latents = torch.randn(count, generator.config["latent_dim"], generator=source)
    return latents, generator.draw_noises(count, source)


@pytest.mark.parametrize("grow", [(8,), (8, 4)])
def test_the_first_image_is_the_old_one_enlarged(
    lower: Path, catalogue: Path, tiny_config: TrainConfig, tmp_path: Path, grow: tuple[int, ...]
) -> None:
    side = 16 << len(grow)
    prepare(catalogue, tmp_path / "large", height=side, width=side)
    config = dataclasses.replace(tiny_config, grow=grow, images=8, lr_generator=1e-30)
    state = start_training(tmp_path / "high", tmp_path / "large", config, lower)
    old = EcomGANPipeline.from_pretrained(lower).generator
    latents, noises = latents_and_noises(state.average, 5)
    conditions = torch.tensor([[1, 1, 1]]).expand(5, -1)
    expected = old(latents, conditions, noises[: len(old.noise_shapes)])
    for _ in grow:
        expected = F.interpolate(expected, scale_factor=2.0, mode="bilinear", align_corners=False)
    grown = state.average.eval()(latents, conditions, noises)
    assert grown.shape == (5, 3, side, side)
    torch.testing.assert_close(grown, expected, rtol=0, atol=1e-5)


def test_what_has_grown_learns_resumes_exports_and_generates(
    lower: Path, tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path
) -> None:
    config = dataclasses.replace(tiny_config, grow=(8,), images=16)
    start_training(tmp_path / "high", tiny_set, config, lower)
    state = resume_training(tmp_path / "high", {"images": 32})
    assert (state.generator.config["channels"], state.generator.config["refinements"]) == ((16, 8, 8, 8), 1)
    assert all(part.weight.abs().max() > 0 for part in state.generator.add_rgb)
    export_run(tmp_path / "high", tmp_path / "model")
    pipe = EcomGANPipeline.from_pretrained(tmp_path / "model")
    images = np.asarray(pipe("red bag", num_images_per_prompt=2, output_type="np").images)
    assert images.shape == (2, 32, 32, 3)
    again = start_training(
        tmp_path / "further", tiny_set, dataclasses.replace(tiny_config, images=8), tmp_path / "model"
    )
    assert again.generator.config["refinements"] == 1


def test_a_set_of_another_size_than_the_checkpoint_grows_to_is_refused(
    lower: Path, tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path
) -> None:
    with pytest.raises(CheckpointError, match=r"makes images of 16x16, and does not fit .* 32x32 .*`grow`"):
        start_training(tmp_path / "a", tiny_set, tiny_config, lower)
    with pytest.raises(CheckpointError, match="makes images of 64x64 once grown"):
        start_training(tmp_path / "b", tiny_set, dataclasses.replace(tiny_config, grow=(8, 8)), lower)
    with pytest.raises(ConfigError, match=r"grow is \(8,\), but there is no checkpoint"):
        start_training(tmp_path / "c", tiny_set, dataclasses.replace(tiny_config, grow=(8,)))
    with pytest.raises(ConfigError, match="replay needs photos of the new size"):
        start_training(tmp_path / "d", tiny_set, dataclasses.replace(tiny_config, grow=(8,), replay=0.25), lower)
    assert not any((tmp_path / name).exists() for name in "abcd")


def test_large_images_are_judged_as_a_whole_and_in_detail_photos_and_made_ones_alike() -> None:
    source = torch.Generator().manual_seed(0)
    images = torch.rand(2, 3, 64, 48, generator=source)
    assert seen(images, images, 64, source)[0] is images
    whole, parts = 0, 0
    for _ in range(20):
        real, fake = seen(images, images.clone(), 40, source)
        assert real.shape == (2, 3, 40, 30)
        assert torch.equal(real, fake)
        cut_out = any(torch.equal(real, images[..., y : y + 40, x : x + 30]) for y in range(25) for x in range(19))
        whole, parts = whole + (not cut_out), parts + cut_out
    assert min(whole, parts) > 3
