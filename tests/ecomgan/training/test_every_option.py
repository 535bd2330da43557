"""Every option of a training, and each value that it can choose: two steps on the CPU, a checkpoint that opens."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import torch

from ecomgan import EcomGANPipeline
from ecomgan.data.prepare import prepare
from ecomgan.errors import CheckpointError, ConfigError, DataError
from ecomgan.training.config import _CHOICES, TrainConfig
from ecomgan.training.export import export_run
from ecomgan.training.loop import resume_training, start_training
from ecomgan.training.presets import PRESETS

CASES: dict[str, dict[str, Any]] = {
    "hinge": {"loss": "hinge", "penalty": 0.1, "penalty_every": 1, "seed": 5, "device": "auto"},
    "non_saturating": {"loss": "non_saturating", "penalty": 0.1, "penalty_every": 2, "balance": 0.5, "group": 2},
    "wgan_gp": {"loss": "wgan_gp", "penalty": 10.0, "penalty_every": 1, "mismatch_weight": 0.0, "shift": 0.0},
    "relativistic": {"loss": "relativistic", "penalty": 0.05, "penalty_every": 1, "group": 4, "hard_mismatch": 1.0},
    "perturbation": {"perturbation": 0.02, "cutout": 1.0, "shift": 1.0, "condition_dropout": 1.0},
    "attention": {"attention": 1, "lr_generator": 1e-3, "lr_discriminator": 1e-3, "beta2": 0.0, "ema": 0.0},
    "refinements": {"refinements": 1, "attention": 2},
    "shape": {"channels": (8, 4), "latent_dim": 4, "embedding_dim": 8, "style_dim": 8, "batch": 4, "images": 8},
    "judged_side": {"judged_side": 32, "images": 16, "channels": (16, 8, 8, 8), "smallest_count": 3},
    "bf16": {"precision": "bf16", "backbone": "none", "loss": "non_saturating"},
    "lite0": {"backbone": "lite0", "precision": "fp32", "group": 2},
    "lite0 in bf16": {"backbone": "lite0", "precision": "bf16", "device": "cpu"},
    "paths": {"category_levels": ("usage",), "variety_condition": ("Bags", "Red", "Casual")},
    "grids": {"grid_every": 8, "evaluate_every": 8, "checkpoint_seconds": 0.001, "most_bad_steps": 1},
    "texts": {"text_encoder": "tiny_encoder", "text_dropout": 0.0, "text_noise": 0.5, "hard_mismatch": 0.5, "group": 2},
    "watched": {"backbone": "lite0", "evaluate_images": 4, "evaluate_every": 8, "patience": 3, "copying_alarm": 0.1},
    "from a checkpoint": {"init_lr_factor": 0.5, "frozen_blocks": 1, "replay": 0.5, "alignment": 1.0, "keep": 0.3},
    "grown": {"grow": (4,)},
} | {f"preset {name}": preset.changes() | {"images": 2 * preset.batch} for name, preset in PRESETS.items()}  # fmt: skip

WITHOUT = {"wandb"}  # has tests of its own
SIZES = {"grown": 64, "judged_side": 64}


@pytest.fixture(scope="module")
def sets(catalogue: Path, tiny_set: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """The catalogue as prepared sets, by the side of their photos."""
    large = tmp_path_factory.mktemp("sets") / "large"
    prepare(catalogue, large, height=64, width=64)
    return {32: tiny_set, 64: large}


@pytest.fixture(scope="module")
def taught(tiny_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of images of 32x32."""
    folder = tmp_path_factory.mktemp("taught")
    config = TrainConfig(
        images=8, batch=8, channels=(16, 8, 8), latent_dim=8, embedding_dim=4, style_dim=16, smallest_count=2,
        evaluate_images=0, backbone="none", precision="fp32", device="cpu",
    )  # fmt: skip
    start_training(folder / "run", tiny_set, config)
    export_run(folder / "run", folder / "model")
    return folder / "model"


@pytest.mark.parametrize("name", CASES)
def test_two_steps_are_finite_and_their_checkpoint_opens(
    name: str,
    sets: dict[int, Path],
    set_with_dev: Path,
    taught: Path,
    tiny_encoder: Path,
    tiny_config: TrainConfig,
    tmp_path: Path,
) -> None:
    changes = {"images": 16} | CASES[name]
    if "text_encoder" in changes:
        changes["text_encoder"] = str(tiny_encoder)
    data = set_with_dev if name == "watched" else sets[SIZES.get(name, 32)]
    init = taught if name in ("from a checkpoint", "grown") or name.startswith("preset") else None
    state = start_training(tmp_path / "run", data, tiny_config.with_changes(changes), init)
    assert (state.counters.steps, state.counters.bad_steps) == (2, 0)
    for network in (state.generator, state.average, state.discriminator):
        assert all(torch.isfinite(weight).all() for weight in network.parameters())
    export_run(tmp_path / "run", tmp_path / "model")
    assert EcomGANPipeline.from_pretrained(tmp_path / "model").image_shape == (SIZES.get(name, 32),) * 2


def test_no_option_and_no_choice_is_left_out() -> None:
    tried = {option for case in CASES.values() for option in case}
    assert {field.name for field in dataclasses.fields(TrainConfig)} - tried == WITHOUT
    for option, choices in _CHOICES.items():
        found = {case.get(option, getattr(TrainConfig(), option)) for case in CASES.values()}
        assert set(choices) - found <= {"cuda"}


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_named(tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="device is 'cuda', but no CUDA device is available"):
        start_training(tmp_path / "run", tiny_set, dataclasses.replace(tiny_config, device="cuda"))
    assert not (tmp_path / "run").exists()


def test_a_set_of_one_photo_and_one_without_known_values_are_refused(
    tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path
) -> None:
    table = pq.read_table(tiny_set / "table.parquet")
    lonely = tmp_path / "lonely"
    lonely.mkdir()
    for file in ("images.npy", "report.json"):
        (lonely / file).write_bytes((tiny_set / file).read_bytes())
    splits = ["train"] + ["validation"] * (table.num_rows - 1)
    place = table.column_names.index("split")
    pq.write_table(table.set_column(place, "split", [splits]), lonely / "table.parquet")
    with pytest.raises(DataError, match="lonely holds 1 photo for train; at least 2"):
        start_training(tmp_path / "a", lonely, tiny_config)
    with pytest.raises(DataError, match="no article type, colour or usage has smallest_count = 99 photos"):
        start_training(tmp_path / "b", tiny_set, dataclasses.replace(tiny_config, smallest_count=99))
    assert not (tmp_path / "a").exists()
    assert not (tmp_path / "b").exists()


def test_a_condition_to_watch_that_the_set_does_not_teach_is_refused(
    tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path
) -> None:
    for values, message in (
        (("Bags",), r"variety_condition is \('Bags',\); one value each of"),
        (("Bags", "Rde", "Casual"), "variety_condition names colour 'Rde', which the set does not teach"),
    ):
        with pytest.raises(ConfigError, match=message):
            start_training(tmp_path / "run", tiny_set, dataclasses.replace(tiny_config, variety_condition=values))
    assert not (tmp_path / "run").exists()


def test_a_checkpoint_of_other_shapes_than_the_run_says_is_refused(
    tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path
) -> None:
    start_training(tmp_path / "run", tiny_set, dataclasses.replace(tiny_config, images=8))
    described = json.loads((tmp_path / "run" / "run.json").read_text())
    described["config"]["channels"] = [16, 8, 4]
    (tmp_path / "run" / "run.json").write_text(json.dumps(described))
    with pytest.raises(CheckpointError, match="does not fit the networks of this run"):
        resume_training(tmp_path / "run")
