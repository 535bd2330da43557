"""Several checkpoints of one beginning become one."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from ecomgan import EcomGANPipeline
from ecomgan.checksums import write_checksums
from ecomgan.cli import main
from ecomgan.errors import CheckpointError, RequestError
from ecomgan.training.averaging import average_checkpoints
from ecomgan.training.config import TrainConfig
from ecomgan.training.export import export_run
from ecomgan.training.loop import start_training


@pytest.fixture(scope="module")
def pair(tiny_set: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One training, and what was taught on from it for as long again."""
    folder = tmp_path_factory.mktemp("pair")
    config = TrainConfig(
        images=16, batch=8, precision="fp32", device="cpu", channels=(16, 8, 8), latent_dim=8, embedding_dim=4,
        style_dim=16, backbone="none", smallest_count=2, evaluate_images=0,
    )  # fmt: skip
    start_training(folder / "run-a", tiny_set, config)
    export_run(folder / "run-a", folder / "a")
    start_training(folder / "run-b", tiny_set, config, folder / "a")
    export_run(folder / "run-b", folder / "b")
    return folder / "a", folder / "b"


def test_the_mean_of_the_weights_makes_images(pair: tuple[Path, Path], tmp_path: Path) -> None:
    assert main(["average", *map(str, pair), "--out", str(tmp_path / "mean")]) == 0
    a, b, mean = (EcomGANPipeline.from_pretrained(folder) for folder in (*pair, tmp_path / "mean"))
    for name, weight in mean.generator.state_dict().items():
        expected = (a.generator.state_dict()[name] + b.generator.state_dict()[name]) / 2
        torch.testing.assert_close(weight, expected, atol=2e-3, rtol=2e-3)  # kept as fp16
    images = mean("", {"article_type": "Caps"}, generator=torch.Generator().manual_seed(0), output_type="np").images
    assert images.shape == (1, 32, 32, 3)
    assert mean.discriminator is not None


def test_an_option_that_an_older_folder_leaves_out_is_no_difference(pair: tuple[Path, Path], tmp_path: Path) -> None:
    older = shutil.copytree(pair[0], tmp_path / "older")
    config = older / "generator" / "config.json"
    told = json.loads(config.read_text())
    assert told.pop("attention") == 0
    config.write_text(json.dumps(told))
    write_checksums(older)
    average_checkpoints((pair[1], older), tmp_path / "mean")
    assert "averaged_with" in (tmp_path / "mean" / "training.json").read_text()


def test_what_cannot_be_averaged_is_refused(pair: tuple[Path, Path], tiny_checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="1 checkpoint to average"):
        average_checkpoints(pair[:1], tmp_path / "out")
    with pytest.raises(CheckpointError, match=r"differs from .* in .*base_height"):
        average_checkpoints((pair[0], tiny_checkpoint), tmp_path / "out")
    with pytest.raises(RequestError, match="exists already"):
        average_checkpoints(pair, pair[0])
    assert not (tmp_path / "out").exists()
