"""One training in two processes: the losses of one, ended together, and bad steps left out together."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch

import ecomgan
from ecomgan.errors import ConfigError
from ecomgan.training.config import TrainConfig
from ecomgan.training.item_stream import ItemStream
from ecomgan.training.loop import resume_training, start_training
from ecomgan.training.processes import Processes, check_divisible
from ecomgan.training.state import read_checkpoint

PATIENCE = 180.0

BAD_STEP = """
import json, sys
from dataclasses import replace
from pathlib import Path
import torch
from ecomgan.training import loop
from ecomgan.training.config import TrainConfig
from ecomgan.training.step import train_step

run, data, options = map(Path, sys.argv[1:])
seen = []

def step(state, config, real, *asked):
    if len(seen) == 1:
        real[-1] = torch.inf  # a photo of the second process
    result = train_step(state, config, real, *asked)
    seen.append(result.finite)
    return result

loop.train_step = step
state = loop.start_training(run, data, TrainConfig().with_changes(json.loads(options.read_text())))
weights = sum(p.double().sum().item() for p in [*state.generator.parameters(), *state.discriminator.parameters()])
(run / f"seen-{state.processes.rank}.json").write_text(json.dumps([seen, state.counters.bad_steps, weights]))
"""


@contextmanager
def two_processes(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    """What `torchrun --nproc_per_node=2` starts, gone at the end."""
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    process = subprocess.Popen(
        [*launcher, *command],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(ecomgan.__file__).parents[1])},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def all_options(tiny_config: TrainConfig) -> TrainConfig:
    """Groups, pairs, cutouts, and penalties that come in every other step."""
    return dataclasses.replace(
        tiny_config, group=2, cutout=0.25, loss="relativistic", penalty=0.05, penalty_every=2, images=80
    )


def lines_of(run: Path) -> list[dict[str, Any]]:
    file = run / "metrics.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


@pytest.mark.slow
def test_two_processes_have_the_losses_of_one_and_end_together_when_one_is_asked_to(
    tiny_set: Path, all_options: TrainConfig, tmp_path: Path
) -> None:
    start_training(tmp_path / "one", tiny_set, all_options)
    expected = lines_of(tmp_path / "one")
    options = tmp_path / "options.json"
    options.write_text(json.dumps(all_options.to_json() | {"images": 10_000_000}))
    run = tmp_path / "two"
    with two_processes(
        "-m", "ecomgan", "train", str(run), "--data", str(tiny_set), "--config", str(options)
    ) as process:
        patience = time.monotonic() + PATIENCE
        while len(lines_of(run)) < len(expected) and process.poll() is None and time.monotonic() < patience:
            time.sleep(0.1)
        workers = psutil.Process(process.pid).children()
        assert len(workers) == 2
        workers[-1].send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert [line["images"] for line in expected] == [80]
    for one, two in zip(expected, lines_of(run), strict=False):
        for name in ("loss/discriminator", "loss/mismatch", "loss/generator", "logit/real", "logit/fake"):
            assert two[name] == pytest.approx(one[name], abs=1e-4), name
    reached = read_checkpoint(run / "checkpoint.pt")["counters"]["images"]
    assert reached >= 80
    assert json.loads((run / "run.json").read_text())["hardware"].startswith("2 x ")
    assert json.loads((run / "state.json").read_text())["ended"] == "stopped"
    assert resume_training(run, {"images": reached + 8}).counters.images == reached + 8


@pytest.mark.slow
def test_a_step_that_is_bad_in_one_process_is_left_out_by_both(
    tiny_set: Path, tiny_config: TrainConfig, tmp_path: Path
) -> None:
    (tmp_path / "script.py").write_text(BAD_STEP)
    (tmp_path / "options.json").write_text(json.dumps(tiny_config.to_json()))
    arguments = [str(tmp_path / name) for name in ("script.py", "run")]
    with two_processes(*arguments, str(tiny_set), str(tmp_path / "options.json")) as process:
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors.decode()
    one, other = (json.loads((tmp_path / "run" / f"seen-{rank}.json").read_text()) for rank in range(2))
    assert one == other
    assert one[:2] == [[True, False, True, True], 1]


def test_a_batch_that_the_processes_cannot_share_is_refused() -> None:
    check_divisible(8, 2, Processes(0, 2))
    with pytest.raises(ConfigError, match="batch is 10; it must be a multiple of 4: 2 processes"):
        check_divisible(10, 2, Processes(1, 2))


def test_an_item_gets_the_same_numbers_in_however_many_processes() -> None:
    whole = ItemStream(torch.Generator().manual_seed(1)).randn(6, 3)
    parts = [ItemStream(torch.Generator().manual_seed(1), Processes(rank, 3)).randn(2, 3) for rank in range(3)]
    assert torch.equal(torch.cat(parts), whole)
