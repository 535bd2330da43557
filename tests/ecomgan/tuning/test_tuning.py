"""The search for options: told by photos of dev, shared by workers, taken over from dead ones."""

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from ecomgan.cli import main
from ecomgan.errors import ConfigError
from ecomgan.training.config import TrainConfig
from ecomgan.tuning.search import Search, best_options, search
from ecomgan.tuning.space import Choice, Range, read_space

PATIENCE = 240.0


@pytest.fixture
def options(tiny_config: TrainConfig) -> dict[str, Any]:
    return tiny_config.to_json() | {"backbone": "lite0", "images": 16, "evaluate_every": 8, "evaluate_images": 4}


@pytest.fixture
def space(tmp_path: Path) -> Path:
    file = tmp_path / "space.toml"
    file.write_text(
        '[lr_generator]\nlow = 1e-5\nhigh = 1e-3\nlog = true\n[loss]\nchoices = ["hinge", "non_saturating"]\n'
    )
    return file


def trials_of(folder: Path) -> list[optuna.trial.FrozenTrial]:
    return optuna.load_study(study_name="ecomgan", storage=f"sqlite:///{folder / 'study.db'}").trials


def test_the_best_trial_comes_out_as_options_and_enough_trials_are_enough(
    set_with_dev: Path, options: dict[str, Any], space: Path, tmp_path: Path
) -> None:
    wanted = Search(tmp_path / "search", set_with_dev, read_space(space), options, trials=2)
    study = search(wanted)
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 2
    assert list(study.trials[0].intermediate_values) == [8, 16]
    best = tomllib.loads(best_options(wanted, study))
    assert TrainConfig().with_changes(best).lr_generator == study.best_params["lr_generator"]
    assert tomllib.loads((tmp_path / "search" / "best.toml").read_text()) == best
    assert len(search(wanted).trials) == 2
    with pytest.raises(ConfigError, match="is a search with batch = 8, not 4"):
        search(Search(wanted.folder, set_with_dev, wanted.space, options | {"batch": 4}, trials=2))


@pytest.mark.slow
def test_the_trial_of_a_killed_worker_is_failed_taken_over_and_finished(
    set_with_dev: Path, options: dict[str, Any], space: Path, tmp_path: Path
) -> None:
    folder, file = tmp_path / "search", tmp_path / "options.json"
    file.write_text(json.dumps(options | {"images": 400, "evaluate_every": 400, "checkpoint_seconds": 1e-3}))
    command = ["tune", str(folder), "--data", str(set_with_dev), "--space", str(space), "--config", str(file),
               "--trials", "1", "--heartbeat", "1"]  # fmt: skip
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    worker = subprocess.Popen([sys.executable, "-m", "ecomgan", *command], stderr=subprocess.DEVNULL, env=environment)
    patience = time.monotonic() + PATIENCE
    checkpoint = folder / "trials" / "00000" / "checkpoint.pt"
    while not checkpoint.exists() and worker.poll() is None and time.monotonic() < patience:
        time.sleep(0.05)
    worker.send_signal(signal.SIGKILL)
    assert worker.wait(30) == -signal.SIGKILL
    assert [trial.state for trial in trials_of(folder)] == [TrialState.RUNNING]
    time.sleep(4)  # three heartbeats without a sign of life
    assert main(command) == 0
    dead, taken_over = trials_of(folder)
    assert (dead.state, taken_over.state) == (TrialState.FAIL, TrialState.COMPLETE)
    assert taken_over.params == dead.params
    assert [path.name for path in (folder / "trials").iterdir()] == ["00000"]  # went on, and did not begin again


def test_spaces_are_read_from_tables(tmp_path: Path) -> None:
    inline = tmp_path / "space.toml"
    inline.write_text("lr_generator = {low = 5e-5, high = 4e-4, log = true}\ngroup = {choices = [1, 2, 4]}\n")
    assert read_space(inline) == {"lr_generator": Range(5e-5, 4e-4, log=True), "group": Choice((1, 2, 4))}
    file = tmp_path / "space.json"
    file.write_text(
        '{"batch": {"low": 8, "high": 32, "step": 8}, "ema": {"low": 0, "high": 0.9}, "group": {"choices": [1]}}'
    )
    assert read_space(file) == {"batch": Range(8, 32, step=8), "ema": Range(0.0, 0.9), "group": Choice((1,))}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({}, "names no option"),
        ({"lr": {"low": 1, "high": 2}}, "unknown option 'lr' in the space; known are .*lr_generator"),
        ({"channels": {"choices": [[8, 4]]}}, "channels is a list, which cannot be searched"),
        ({"batch": {"low": 8}}, "low and high .* were expected"),
        ({"batch": 8}, "the space of batch is 8; low and high"),
        ({"batch": {"low": 8, "high": 16.5}}, "the space of batch holds 16.5; int was expected"),
        ({"batch": {"low": 16, "high": 8}}, "goes from 16 to 8; low below high"),
        ({"ema": {"low": 0.1, "high": float("inf")}}, "goes from 0.1 to inf; low below high"),
        ({"lr_generator": {"low": 0.0, "high": 1e-3, "log": True}}, "log = True, low 0.0 and step None; .* above 0"),
        ({"lr_generator": {"low": 1e-5, "high": 1e-3, "log": "yes"}}, "has log = 'yes'"),
        ({"batch": {"low": 8, "high": 32, "log": True, "step": 8}}, "and with true a low above 0 and no step"),
        ({"batch": {"low": 8, "high": 32, "step": 2.5}}, "step 2.5; a whole number above 0, at most 24"),
        ({"ema": {"low": 0.1, "high": 0.9, "step": -0.1}}, "step -0.1; a number above 0"),
        ({"loss": {"choices": []}}, "at least one, were expected"),
        ({"loss": {"choices": ["hinge"], "low": 1}}, "choices alone"),
    ],
)
def test_spaces_that_say_something_else_are_refused(tmp_path: Path, table: dict[str, Any], message: str) -> None:
    (tmp_path / "space.json").write_text(json.dumps(table))
    with pytest.raises(ConfigError, match=message):
        read_space(tmp_path / "space.json")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"backbone": "none"}, "backbone is 'none', whose own space tells nothing"),
        ({"evaluate_every": 100}, "evaluate_every is 100, above images = 16"),
        ({"evaluate_images": 0}, "no dev photos to tell trials by, or evaluate_images is 0"),
        ({"speed": 9}, "unknown option 'speed'"),
    ],
)
def test_a_search_without_figures_is_refused_before_anything_is_made(
    set_with_dev: Path, options: dict[str, Any], tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        search(Search(tmp_path / "search", set_with_dev, {"ema": Range(0.1, 0.9)}, options | changes))
    assert not (tmp_path / "search").exists()


def test_a_database_that_cannot_be_opened_is_named(set_with_dev: Path, options: dict[str, Any], tmp_path: Path) -> None:
    wanted = Search(tmp_path / "a", set_with_dev, {"ema": Range(0.1, 0.9)}, options, storage="nosuch://host/name")
    with pytest.raises(ConfigError, match="nosuch://host/name cannot be opened as the database of a search"):
        search(wanted)
