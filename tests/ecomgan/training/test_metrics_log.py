"""Figures of a training for Weights & Biases: only where asked for, and only where it is installed."""

import dataclasses
import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ecomgan.errors import ConfigError
from ecomgan.training.config import TrainConfig
from ecomgan.training.loop import resume_training, start_training

STAND_IN = """
import json
from pathlib import Path

FILE = Path(__file__).with_name("told.jsonl")

def tell(**what):
    with FILE.open("a") as out:
        out.write(json.dumps(what) + "\\n")

def init(*, project, name, id, resume, dir, config):
    tell(project=project, name=name, id=id, resume=resume, batch=config["batch"])
    return Run()

class Run:
    def log(self, figures, step):
        tell(step=step, figures=sorted(figures))

    def finish(self):
        tell(finished=True)
"""


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A module of that name that writes down what it is called with; gives the file."""
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "wandb.py").write_text(STAND_IN)
    monkeypatch.syspath_prepend(str(tmp_path / "packages"))
    monkeypatch.delitem(sys.modules, "wandb", raising=False)
    yield tmp_path / "packages" / "told.jsonl"
    sys.modules.pop("wandb", None)


def lines_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_figures_are_told_by_images_and_a_resumed_run_keeps_its_identity(
    tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path, told: Path
) -> None:
    config = dataclasses.replace(tiny_config, wandb="shop", grid_every=16)
    start_training(tmp_path / "run", tiny_set, config)
    begun, *steps, finished = lines_of(told)
    assert begun | {"id": ""} == {"project": "shop", "name": "run", "id": "", "resume": "allow", "batch": 8}
    assert steps == [{"step": images, "figures": ["variety", "variety_real"]} for images in (16, 32)]
    assert finished == {"finished": True}
    resume_training(tmp_path / "run", {"images": 40})
    assert lines_of(told)[4]["id"] == begun["id"]


def test_without_being_asked_it_is_not_told(
    tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path, told: Path
) -> None:
    start_training(tmp_path / "run", tiny_set, dataclasses.replace(tiny_config, images=8))
    assert lines_of(told) == []


def test_where_it_is_not_installed_that_is_said_before_anything_is_made(
    tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(ConfigError, match=r"wandb is 'shop', but .* not installed; install it with: pip install wandb"):
        start_training(tmp_path / "run", tiny_set, dataclasses.replace(tiny_config, wandb="shop"))
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_the_real_one_keeps_the_figures_offline(tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path) -> None:
    try:
        importlib.metadata.version("wandb")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("Weights & Biases is not installed")
    options = tmp_path / "options.json"
    options.write_text(json.dumps(tiny_config.to_json() | {"images": 80}))
    command = ["train", str(tmp_path / "run"), "--data", str(tiny_set), "--config", str(options), "--wandb", "shop"]
    environment = os.environ | {"WANDB_MODE": "offline", "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-m", "ecomgan", *command], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    kept = [file.read_bytes() for file in (tmp_path / "run").glob("wandb/offline-run-*/run-*.wandb")]
    assert len(kept) == 1
    assert b"loss/generator" in kept[0]
