"""What is no number is refused: in the losses of every training, and in the weights of a checkpoint."""

import dataclasses
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from ecomgan import EcomGANPipeline
from ecomgan.checksums import write_checksums
from ecomgan.classifiers import training as classifier_training
from ecomgan.classifiers.config import ROLES
from ecomgan.data.prepared import open_prepared
from ecomgan.encoder import training as encoder_training
from ecomgan.encoder.config import EncoderConfig
from ecomgan.errors import CheckpointError, DataError, TrainingError
from ecomgan.training.config import TrainConfig
from ecomgan.training.loop import start_training

WEIGHTS = "diffusion_pytorch_model.safetensors"
SMALL = EncoderConfig(
    epochs=2, batch=12, precision="fp32", embedding_dim=8, vocabulary=300, longest_text=16, text_width=16,
    text_layers=1, stem=4, channels=(4, 8), depths=(1, 1), learning_rate=1e20,
)  # fmt: skip


def test_a_classifier_that_falls_apart_is_ended(tiny_set: Path, tmp_path: Path) -> None:
    train = open_prepared(tiny_set, "train")
    config = dataclasses.replace(ROLES["ranker"], channels=(4, 8), batch=8, smallest_count=2, learning_rate=1e30)
    with pytest.raises(TrainingError, match=r"the loss is (nan|inf) in epoch \d+; .* a learning_rate below 1e\+30"):
        classifier_training.teach(train, None, config, tmp_path / "checkpoint.pt")
    with pytest.raises(DataError, match=r"has \d+ train photos; at least 128, a batch, were expected"):
        classifier_training.teach(train, None, ROLES["judge"], tmp_path / "other.pt")
    assert not (tmp_path / "other.pt").exists()


def test_an_encoder_that_falls_apart_is_ended(tiny_set: Path, tmp_path: Path) -> None:
    train = open_prepared(tiny_set, "train")
    with pytest.raises(TrainingError, match=r"the loss is (nan|inf) in epoch \d+; .* a learning_rate below 1e\+20"):
        encoder_training.teach(train, None, SMALL, tmp_path / "checkpoint.pt")


def test_a_generator_that_falls_apart_is_ended(tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path) -> None:
    config = dataclasses.replace(tiny_config, images=80, lr_discriminator=1e30, most_bad_steps=2)
    with pytest.raises(TrainingError, match=r"2 steps in a row were not finite .* lower lr_generator"):
        start_training(tmp_path / "run", tiny_set, config)


@pytest.mark.parametrize("part", ["generator", "discriminator"])
def test_a_checkpoint_whose_weights_are_no_numbers_does_not_open(
    part: str, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(tiny_checkpoint, folder)
    weights = load_file(folder / part / WEIGHTS)
    name = next(name for name, weight in weights.items() if weight.is_floating_point())
    weights[name] = torch.full_like(weights[name], torch.nan)
    save_file(weights, folder / part / WEIGHTS)
    write_checksums(folder)
    with pytest.raises(CheckpointError, match=f"{part} holds weights that are no numbers, such as {name}"):
        EcomGANPipeline.from_pretrained(folder)
