"""Two workers on one database at once; trials that are worse than the others, or fall apart, end early."""

import json
import os
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
from ecomgan.training.export import export_run
from ecomgan.training.loop import start_training
from ecomgan.tuning.search import Search, search
from ecomgan.tuning.space import Range

PATIENCE = 240.0
SPACE = {"ema": Range(0.1, 0.9)}


@pytest.fixture
def options(tiny_config: TrainConfig) -> dict[str, Any]:
    return tiny_config.to_json() | {"backbone": "lite0", "images": 16, "evaluate_every": 8, "evaluate_images": 4}


def earlier(study: optuna.Study, kd: float) -> None:
    """Four finished trials that had this figure at each evaluation."""
    for _ in range(4):
        study.add_trial(
            optuna.trial.create_trial(
                params={"ema": 0.5},
                distributions={"ema": optuna.distributions.FloatDistribution(0.1, 0.9)},
                value=kd,
                intermediate_values={8: kd, 16: kd},
            )
        )


@pytest.mark.parametrize(("kd", "state", "told"), [(0.0, TrialState.PRUNED, [8]), (1e12, TrialState.COMPLETE, [8, 16])])
def test_a_trial_ends_at_the_evaluation_at_which_it_is_worse_than_most(
    kd: float, state: TrialState, told: list[int], set_with_dev: Path, options: dict[str, Any], tmp_path: Path
) -> None:
    folder = tmp_path / "search"
    earlier(search(Search(folder, set_with_dev, SPACE, options, trials=1)), kd)
    last = search(Search(folder, set_with_dev, SPACE, options, trials=6)).trials[-1]
    assert (last.number, last.state, list(last.intermediate_values)) == (5, state, told)
    log = folder / "trials" / "00005" / "metrics.jsonl"
    seen = [json.loads(line)["images"] for line in log.read_text(encoding="utf-8").splitlines()]
    assert max(seen) == told[-1]


def test_a_trial_that_falls_apart_is_pruned_and_the_search_goes_on(
    set_with_dev: Path, options: dict[str, Any], tmp_path: Path
) -> None:
    broken = options | {"lr_discriminator": 1e30, "most_bad_steps": 1, "images": 64, "evaluate_every": 64}
    study = search(Search(tmp_path / "search", set_with_dev, SPACE, broken, trials=2))
    assert [trial.state for trial in study.trials] == [TrialState.PRUNED] * 2


def test_trials_start_from_a_checkpoint_in_a_database_of_ones_own(
    set_with_dev: Path, options: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, backbone in (("taught", "lite0"), ("blind", "none")):
        config = TrainConfig().with_changes(options | {"backbone": backbone, "images": 8, "evaluate_images": 0})
        start_training(tmp_path / name / "run", set_with_dev, config)
        export_run(tmp_path / name / "run", tmp_path / name / "model")
    (tmp_path / "space.json").write_text('{"ema": {"low": 0.1, "high": 0.9}}')
    (tmp_path / "options.json").write_text(json.dumps(options))
    url = f"sqlite:///{tmp_path / 'own.db'}"
    command = ["tune", str(tmp_path / "search"), "--data", str(set_with_dev), "--space", str(tmp_path / "space.json")]
    command += ["--config", str(tmp_path / "options.json"), "--set", "images=8", "--trials", "1", "--storage", url]
    capsys.readouterr()
    assert main([*command, "--init", str(tmp_path / "taught" / "model")]) == 0
    assert tomllib.loads(capsys.readouterr().out)["images"] == 8
    (summary,) = optuna.get_all_study_summaries(url)
    assert summary.n_trials == 1
    run = json.loads((tmp_path / "search" / "trials" / "00000" / "run.json").read_text(encoding="utf-8"))
    assert run["init"] == str(tmp_path / "taught" / "model")
    with pytest.raises(ConfigError, match="backbone is 'none', whose own space tells nothing"):
        search(Search(tmp_path / "other", set_with_dev, SPACE, options, init=tmp_path / "blind" / "model"))


@pytest.mark.slow
def test_two_workers_share_the_trials_of_one_search(
    set_with_dev: Path, options: dict[str, Any], tmp_path: Path
) -> None:
    folder, file, space = tmp_path / "search", tmp_path / "options.json", tmp_path / "space.json"
    file.write_text(json.dumps(options | {"images": 96, "evaluate_every": 96}))
    space.write_text('{"ema": {"low": 0.1, "high": 0.9}}')
    command = ["tune", str(folder), "--data", str(set_with_dev), "--space", str(space), "--config", str(file)]
    command += ["--trials", "3"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    first = subprocess.Popen(
        [sys.executable, "-m", "ecomgan", *command],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment,
    )  # fmt: skip
    patience = time.monotonic() + PATIENCE
    while not (folder / "trials" / "00000" / "run.json").exists() and time.monotonic() < patience:
        assert first.poll() is None
        time.sleep(0.05)
    assert main(command) == 0  # while the first one is at its first trial
    assert first.wait(PATIENCE) == 0
    study = optuna.load_study(study_name="ecomgan", storage=f"sqlite:///{folder / 'study.db'}")
    trials = study.trials
    assert 3 <= len(trials) <= 4  # each worker finishes what it has begun
    assert {trial.state for trial in trials} == {TrialState.COMPLETE}
    assert sorted(path.name for path in (folder / "trials").iterdir()) == [f"{t.number:05d}" for t in trials]
    zero, one = trials[:2]
    assert one.datetime_start < zero.datetime_complete  # at once, and neither in the other's folder
    best = tomllib.loads((folder / "best.toml").read_text(encoding="utf-8"))
    assert best["ema"] == study.best_params["ema"]
