"""Several checkpoints as one: the mean of their images."""

from pathlib import Path

import pytest
import torch

from ecomgan import EcomGANPipeline
from ecomgan.errors import RequestError
from ecomgan.exploring.ensemble import averaged_outputs
from ecomgan.networks.generator import Generator


def seed() -> torch.Generator:
    return torch.Generator().manual_seed(4)


def other_pipe(like: EcomGANPipeline, base_height: int = 4) -> EcomGANPipeline:
    """One of the same words, with weights of its own."""
    torch.manual_seed(1)
    words = {name: list(values) for name, values in like.vocabulary.items()}
    small = Generator(words, 1, base_height, 2, channels=(16, 8, 8), latent_dim=8, embedding_dim=4, style_dim=16)
    return EcomGANPipeline(small)


def test_outputs_are_averaged_image_by_image(tiny_checkpoint: Path) -> None:
    first = EcomGANPipeline.from_pretrained(tiny_checkpoint)
    pipes = [first, other_pipe(first)]
    mean = averaged_outputs(pipes, ["red bag", "blue cap"], seed(), num_images_per_prompt=2)
    each = [
        p(["red bag", "blue cap"], num_images_per_prompt=2, generator=seed(), output_type="pt").images for p in pipes
    ]
    assert mean.shape == (4, 3, 16, 8)
    torch.testing.assert_close(mean, (each[0] + each[1]) / 2)


def test_one_checkpoint_and_different_sizes_are_refused(tiny_checkpoint: Path) -> None:
    pipe = EcomGANPipeline.from_pretrained(tiny_checkpoint)
    with pytest.raises(RequestError, match="1 checkpoint to average; at least 2"):
        averaged_outputs([pipe], "red bag", seed())
    with pytest.raises(RequestError, match=r"images of \[\(16, 8\), \(32, 8\)\]"):
        averaged_outputs([pipe, other_pipe(pipe, base_height=8)], "red bag", seed())
