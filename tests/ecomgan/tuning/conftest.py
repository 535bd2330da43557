"""The options of a training that takes seconds."""

import pytest

from ecomgan.training.config import TrainConfig


@pytest.fixture
def tiny_config() -> TrainConfig:
    return TrainConfig(
        images=32,
        batch=8,
        precision="fp32",
        device="cpu",
        channels=(16, 8, 8),
        latent_dim=8,
        embedding_dim=4,
        style_dim=16,
        backbone="none",
        smallest_count=2,
        grid_every=1_000_000,
        evaluate_every=1_000_000,
        evaluate_images=0,
    )
