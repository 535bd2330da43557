"""The option files that are shipped: they are read, and make networks of the size that they are named after."""

from pathlib import Path

import pytest

import ecomgan
from ecomgan.networks.generator import Generator
from ecomgan.training.config import TrainConfig, read_config_file

FILES = sorted((Path(ecomgan.__file__).parent / "configs").glob("*.toml"))
LOWER = {
    "cpu-160x128-grown": "cpu-80x64",
    "cpu-320x256-grown": "cpu-160x128-grown",
    "gpu-320x256-grown": "gpu-160x128",
}
MILLIONS = {"cpu-80x64": (2.4, 3.3), "gpu-160x128": (8.5, 10.3), "gpu-320x256-grown": (8.6, 10.4)}


def config_of(name: str) -> TrainConfig:
    file = next(file for file in FILES if file.stem == name)
    return TrainConfig().with_changes(read_config_file(file))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_makes_images_of_its_size(file: Path) -> None:
    config = lowest = config_of(file.stem)
    assert bool(config.grow) == (file.stem in LOWER)
    grown: tuple[int, ...] = ()
    name = file.stem
    while name in LOWER:
        grown, name = (*config_of(name).grow, *grown), LOWER[name]
        lowest = config_of(name)
    vocabulary = {"article_type": ["Bags"] * 100, "colour": ["Red"] * 40, "usage": ["Casual"] * 8}
    generator = Generator(
        vocabulary, channels=(*lowest.channels, *grown), refinements=len(grown), latent_dim=config.latent_dim
    )
    assert "{}x{}".format(*generator.image_shape) == file.stem.split("-")[1]
    if file.stem in MILLIONS:
        low, high = MILLIONS[file.stem]
        assert low <= sum(p.numel() for p in generator.parameters()) / 1e6 <= high
