"""Training: starts, logs, stops cleanly, and continues as if it had never stopped."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from ecomgan.errors import CheckpointError, ConfigError, TrainingError
from ecomgan.training import loop
from ecomgan.training.config import TrainConfig
from ecomgan.training.loop import resume_training, start_training
from ecomgan.training.state import TrainState, read_checkpoint
from ecomgan.training.step import StepResult, train_step


@pytest.fixture
def losses(monkeypatch: pytest.MonkeyPatch) -> list[StepResult]:
    """The result of every step taken."""
    taken: list[StepResult] = []

    def recorded(*arguments: Any) -> StepResult:
        taken.append(train_step(*arguments))
        return taken[-1]

    monkeypatch.setattr(loop, "train_step", recorded)
    return taken


def test_resumed_training_goes_on_to_the_same_losses_bit_by_bit(
    tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path, losses: list[StepResult]
) -> None:
    whole = start_training(tmp_path / "whole", tiny_set, tiny_config)
    expected = list(losses)
    losses.clear()
    start_training(tmp_path / "parts", tiny_set, dataclasses.replace(tiny_config, images=16))
    parts = resume_training(tmp_path / "parts", {"images": 32})
    assert losses == expected
    assert len(expected) == 4
    assert_equal_networks(whole, parts)


@pytest.mark.slow
def test_resumed_training_on_the_frozen_backbone_in_bf16_is_the_same_too(
    tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path, losses: list[StepResult]
) -> None:
    config = dataclasses.replace(tiny_config, backbone="lite0", precision="bf16", group=2)
    start_training(tmp_path / "whole", tiny_set, config)
    expected = list(losses)
    losses.clear()
    start_training(tmp_path / "parts", tiny_set, dataclasses.replace(config, images=16))
    resume_training(tmp_path / "parts", {"images": 32})
    assert losses == expected


def assert_equal_networks(one: TrainState, other: TrainState) -> None:
    for a, b in (
        (one.generator, other.generator),
        (one.average, other.average),
        (one.discriminator, other.discriminator),
    ):
        assert all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


def test_both_networks_and_the_average_learn(tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path) -> None:
    one_step = start_training(tmp_path / "one", tiny_set, dataclasses.replace(tiny_config, images=8))
    more = start_training(tmp_path / "more", tiny_set, tiny_config)
    for name in ("generator", "average", "discriminator"):
        before, after = getattr(one_step, name).state_dict(), getattr(more, name).state_dict()
        learned = [key for key in before if not key.startswith("mixing") and not torch.equal(before[key], after[key])]
        assert len(learned) > len(before) / 3
    assert all(
        torch.equal(value, more.discriminator.state_dict()[key])
        for key, value in one_step.discriminator.state_dict().items()
        if key.startswith("mixing")
    )


def test_grids_logs_and_held_out_figures_are_written_on_the_way(
    tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path
) -> None:
    config = dataclasses.replace(tiny_config, images=96, grid_every=48, variety_condition=("Bags", "Red", "Casual"))
    start_training(tmp_path / "run", tiny_set, config)
    assert sorted(file.name for file in (tmp_path / "run" / "samples").glob("*.png")) == [
        "00000048.png",
        "00000096.png",
    ]
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert [line["images"] for line in lines if "variety" in line] == [48, 96]
    assert {"loss/discriminator", "loss/generator", "bad_steps"} <= next(
        line for line in lines if "variety" not in line
    ).keys()
    assert any((tmp_path / "run" / "tensorboard").iterdir())


def test_lines_after_the_last_checkpoint_are_cut_when_a_killed_run_is_resumed(
    tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path
) -> None:
    start_training(tmp_path / "run", tiny_set, tiny_config)
    metrics = tmp_path / "run" / "metrics.jsonl"
    metrics.write_text(json.dumps({"images": 32, "a": 1}) + "\n" + json.dumps({"images": 40, "a": 2}) + "\n")
    resume_training(tmp_path / "run")
    assert [json.loads(line)["images"] for line in metrics.read_text().splitlines()] == [32]


def break_steps(monkeypatch: pytest.MonkeyPatch, bad: range) -> None:
    """Make the generator's first weight infinite at the steps of `bad`, and right again after them."""
    count = 0

    def step(state: TrainState, config: TrainConfig, real: torch.Tensor, *asked: torch.Tensor | None) -> StepResult:
        nonlocal count
        if count in bad:
            real = torch.full_like(real, torch.inf)
        count += 1
        return train_step(state, config, real, *asked)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "train_step", step)


def test_non_finite_steps_are_skipped_and_counted(
    tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_steps(monkeypatch, range(1, 3))
    state = start_training(tmp_path / "run", tiny_set, tiny_config)
    assert state.counters.bad_steps == 2
    assert all(torch.isfinite(p).all() for p in state.discriminator.parameters())


def test_training_gives_up_after_many_of_them_and_keeps_the_last_checkpoint(
    tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start_training(tmp_path / "run", tiny_set, dataclasses.replace(tiny_config, most_bad_steps=3))
    break_steps(monkeypatch, range(100))
    with pytest.raises(TrainingError, match="3 steps in a row were not finite at 56 images"):
        resume_training(tmp_path / "run", {"images": 100})
    monkeypatch.undo()
    assert resume_training(tmp_path / "run", {"images": 40}).counters.images == 40


def test_a_lower_learning_rate_counts_from_the_resumption_on(
    tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path
) -> None:
    start_training(tmp_path / "run", tiny_set, tiny_config)
    state = resume_training(tmp_path / "run", {"lr_generator": 1e-5})
    assert state.generator_optimiser.param_groups[0]["lr"] == 1e-5


def test_runs_and_sets_that_do_not_fit_are_refused(tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path) -> None:
    start_training(tmp_path / "run", tiny_set, tiny_config)
    with pytest.raises(ConfigError, match="holds a run already"):
        start_training(tmp_path / "run", tiny_set, tiny_config)
    with pytest.raises(CheckpointError, match="no run folder"):
        resume_training(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match="divisible by 128"):
        start_training(tmp_path / "other", tiny_set, dataclasses.replace(tiny_config, channels=(8,) * 8))
    checkpoint = tmp_path / "run" / "checkpoint.pt"
    checkpoint.write_bytes(checkpoint.read_bytes()[:5000])
    with pytest.raises(CheckpointError, match=r"checkpoint\.pt is damaged"):
        resume_training(tmp_path / "run")


@pytest.mark.slow
def test_sigterm_ends_with_a_checkpoint_and_exit_code_zero(
    tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path
) -> None:
    options = tmp_path / "options.json"
    endless = {"images": 10_000_000, "checkpoint_seconds": 1e-3}  # the first checkpoint says that the loop runs
    options.write_text(json.dumps(tiny_config.to_json() | endless))
    run, command = tmp_path / "run", [sys.executable, "-m", "ecomgan", "train"]
    process = subprocess.Popen(
        [*command, str(run), "--data", str(tiny_set), "--config", str(options)],
        stderr=subprocess.DEVNULL,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    patience = time.monotonic() + 180
    while not (run / "checkpoint.pt").exists() and process.poll() is None and time.monotonic() < patience:
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    counters = read_checkpoint(run / "checkpoint.pt")["counters"]
    assert counters["images"] == 8 * counters["steps"] > 0
    assert not (run / "checkpoint.partial").exists()
