"""The figures of a training over time: what a killed run leaves is cut; Weights & Biases only where asked for."""

import dataclasses
import importlib.metadata
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ecomgan.errors import CheckpointError, ConfigError
from ecomgan.training.config import TrainConfig
from ecomgan.training.loop import resume_training, start_training
from ecomgan.training.metrics_log import MetricsLog

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


WRITER = """
import sys

with open(sys.argv[1], "a", buffering=1 << 16) as out:
    out.write('{"images": 16, "loss/generator": 1.5}\\n{"images": 24, "loss/gener')
    out.flush()
    print("written", flush=True)
    sys.stdin.read()
"""


def test_a_line_that_a_killed_process_left_half_written_is_cut_and_the_run_goes_on(
    tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path
) -> None:
    start_training(tmp_path / "run", tiny_set, tiny_config)
    file = tmp_path / "run" / "metrics.jsonl"
    command = [sys.executable, "-c", WRITER, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"written\n"
        writer.send_signal(signal.SIGKILL)
        assert writer.wait(60) == -signal.SIGKILL
    assert not file.read_text().endswith("\n")
    resume_training(tmp_path / "run", {"images": 40, "grid_every": 40})
    whole = lines_of(file)
    assert whole[0] == {"images": 16, "loss/generator": 1.5}
    assert {line["images"] for line in whole[1:]} == {40}


@pytest.mark.parametrize("cut", range(0, 37, 6))
def test_wherever_a_line_was_torn_the_lines_before_it_stay(cut: int, tmp_path: Path) -> None:
    whole, torn = '{"images": 8, "a": 1.0}\n', '{"images": 16, "loss/generator": 1.5}\n'
    (tmp_path / "metrics.jsonl").write_text(whole + torn[:cut])
    log = MetricsLog(tmp_path, 64, TrainConfig())
    log.write(72, {"a": 2})
    log.close()
    assert lines_of(tmp_path / "metrics.jsonl") == [{"images": 8, "a": 1}, {"images": 72, "a": 2}]
    assert not list(tmp_path.glob("*.partial"))


@pytest.mark.parametrize("line", ["no figures", "[8]", '{"a": 1}', '{"images": null}'])
def test_a_line_among_others_that_holds_no_figures_is_told_and_nothing_is_cut(line: str, tmp_path: Path) -> None:
    text = f'{{"images": 8}}\n{line}\n{{"images": 16}}\n'
    (tmp_path / "metrics.jsonl").write_text(text)
    with pytest.raises(CheckpointError, match=r"line 2 of .*metrics\.jsonl is .* were expected"):
        MetricsLog(tmp_path, 64, TrainConfig())
    assert (tmp_path / "metrics.jsonl").read_text() == text


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
