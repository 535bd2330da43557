"""Every option of the detail network, the encoder and the classifier: a few steps on the CPU with none as usual."""

import dataclasses
import json
import threading
from pathlib import Path
from typing import Any

import pytest
import torch

from ecomgan.classifiers import training as classifier_training
from ecomgan.classifiers.config import ROLES, ClassifierConfig
from ecomgan.data.prepared import open_prepared
from ecomgan.detail import training as detail_training
from ecomgan.detail.config import DetailConfig
from ecomgan.detail.photos import open_photos
from ecomgan.encoder import training as encoder_training
from ecomgan.encoder.config import EncoderConfig
from tests.ecomgan.detail.conftest import draw_cloth

DETAIL: dict[str, Any] = {
    "steps": 2, "batch": 2, "patch": 16, "seed": 3, "channels": 8, "depth": 2, "learning_rate": 1e-4,
    "learning_rate_discriminator": 1e-4, "ema": 0.5, "pixel_weight": 0.5, "colour_weight": 0.5, "grid_weight": 1.0,
    "feature_weight": 0.2, "adversarial_weight": 0.05, "adversarial_from": 0, "checkpoint_seconds": 0.001,
    "evaluate_every": 1, "evaluate_photos": 1,
}  # fmt: skip
ENCODER: dict[str, Any] = {
    "seed": 5, "epochs": 1, "batch": 12, "learning_rate": 1e-3, "weight_decay": 0.0, "precision": "fp32",
    "embedding_dim": 8, "vocabulary": 300, "longest_text": 12, "text_width": 16, "text_layers": 1, "text_dropout": 0.2,
    "stem": 4, "channels": (4, 8), "depths": (1, 1), "phrases": 0.5, "shortened": 0.5, "word_dropout": 0.5,
    "shift": 1.0, "cutout": 1.0, "flip": 0.0,
}  # fmt: skip
CLASSIFIER: dict[str, Any] = {
    "role": "ranker", "architecture": "depthwise", "channels": (4, 8), "fields": ("colour",), "precision": "fp32",
    "seed": 7, "epochs": 1, "batch": 8, "learning_rate": 1e-3, "weight_decay": 0.0, "label_smoothing": 0.0,
    "shift": 1.0, "cutout": 1.0, "flip": 0.0, "smallest_count": 2,
}  # fmt: skip


def finite(network: torch.nn.Module) -> bool:
    return all(bool(torch.isfinite(weight).all()) for weight in network.parameters())


@pytest.mark.parametrize(
    ("usual", "tried"), [(DetailConfig(), DETAIL), (EncoderConfig(), ENCODER), (ROLES["judge"], CLASSIFIER)]
)
def test_no_option_is_left_as_usual(usual: Any, tried: dict[str, Any]) -> None:
    assert tried.keys() == {field.name for field in dataclasses.fields(usual)}
    for name, value in tried.items():
        assert getattr(usual, name) != value, name


@pytest.fixture(scope="module")
def cloth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty photos of 288x384 in a folder with one CSV."""
    folder = tmp_path_factory.mktemp("cloth")
    lines = ["file,title"]
    for number in range(60):
        (folder / f"{number}.png").write_bytes(draw_cloth(number))
        lines.append(f"{number}.png,Cloth {number}")
    (folder / "photos.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.mark.parametrize(
    "changes",
    [{}, dict.fromkeys(("grid_weight", "feature_weight", "adversarial_weight", "colour_weight", "evaluate_photos"), 0)],
)
def test_the_detail_network_takes_steps(changes: dict[str, Any], cloth: Path, tmp_path: Path) -> None:
    photos = open_photos(cloth, "train")
    taught = detail_training.teach(tmp_path / "run", photos, cloth, DETAIL | changes, threading.Event())
    assert taught.done
    assert finite(taught.network)
    assert json.loads((tmp_path / "run" / "run.json").read_text())["step"] == 2


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_the_encoder_takes_steps(precision: str, tiny_set: Path, tmp_path: Path) -> None:
    config = EncoderConfig(**ENCODER | {"precision": precision})
    taught = encoder_training.teach(open_prepared(tiny_set, "train"), None, config, tmp_path / "checkpoint.pt")
    assert finite(taught.network)


@pytest.mark.parametrize("architecture", ["depthwise", "residual"])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_the_classifier_takes_steps(architecture: str, precision: str, tiny_set: Path, tmp_path: Path) -> None:
    config = ClassifierConfig(**CLASSIFIER | {"architecture": architecture, "precision": precision})
    taught = classifier_training.teach(open_prepared(tiny_set, "train"), None, config, tmp_path / "checkpoint.pt")
    assert finite(taught.network)
