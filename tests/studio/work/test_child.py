"""A supervised process: how it ends, what is told of it, and how it comes back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from studio.work.child import Child

POLITE = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid, flush=True)
time.sleep(60)
"""


def _until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def _gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Child]]:
    children: list[Child] = []

    def make(script: str, grace_seconds: float = 10.0) -> Child:
        child = Child("worker", (sys.executable, "-c", script), tmp_path / "logs" / "worker.log", grace_seconds)
        child.start()
        children.append(child)
        return child

    yield make
    for child in children:
        child.wait(lambda: True)
        if child._process and child._process.stdin:
            child._process.stdin.close()


def test_a_child_is_asked_to_stop(start) -> None:
    child = start(POLITE)
    _until(lambda: child.log.read_text() == "up\n")
    began = time.monotonic()
    child.ask_to_stop()
    child.wait(lambda: False)
    assert time.monotonic() - began < 5


def test_a_child_that_does_not_stop_is_ended_with_all_that_it_started(start) -> None:
    child = start(STUBBORN, grace_seconds=0.3)
    _until(lambda: child.log.read_text().endswith("\n"))
    grandchild = int(child.log.read_text())
    child.ask_to_stop()
    child.wait(lambda: False)
    _until(lambda: _gone(grandchild))


def test_who_is_impatient_does_not_wait_for_the_grace(start) -> None:
    child = start(STUBBORN, grace_seconds=60)
    _until(lambda: child.log.read_text().endswith("\n"))
    began = time.monotonic()
    child.ask_to_stop()
    child.wait(lambda: True)
    assert time.monotonic() - began < 5


def test_a_death_is_told_with_the_end_of_the_log_and_each_pause_is_longer(start) -> None:
    child = start("print('one'); print('the model is damaged'); raise SystemExit(3)")
    told: list[str] = []

    def look() -> bool:
        told.extend(line for line in [child.look_after()] if line)
        return len(told) >= 3

    _until(look)
    assert told[0].startswith("worker ended with status 3; starts again in 1 s.")
    assert "    | the model is damaged" in told[0]
    assert told[1] == "worker starts again"
    assert told[2].startswith("worker ended with status 3; starts again in 2 s.")


def test_a_killed_child_comes_back_and_being_ready_forgives(start) -> None:
    child = start(POLITE)
    assert child._process
    child._process.kill()
    told: list[str] = []

    def look() -> bool:
        told.extend(line for line in [child.look_after()] if line)
        return len(told) >= 2

    _until(look)
    assert told[0].startswith("worker was killed by signal 9")
    assert child.failures == 1
    assert child.mark_ready().startswith("worker ready after")
    assert (child.ready, child.failures) == (True, 0)


def test_a_log_does_not_grow_for_ever(start, tmp_path: Path) -> None:
    log = tmp_path / "logs" / "worker.log"
    log.parent.mkdir()
    log.write_bytes(b"x" * 10_000_001)
    start(POLITE)
    _until(lambda: log.read_text() == "up\n")
    assert log.with_suffix(".old.log").stat().st_size == 10_000_001


_PARENT = """
import sys, time
from pathlib import Path
from studio.work.child import Child
child = Child("c", (sys.executable, "-c", sys.argv[2]), Path(sys.argv[1]), 5)
child.start()
time.sleep(60)
"""
_HELD = (
    "import os; from studio.work.lifeline import hold_lifeline; hold_lifeline(); print(os.getpid(), flush=True); {then}"
)


@pytest.mark.parametrize("then", ["import time; time.sleep(60)", "[0 for _ in iter(int, 1)]"], ids=["idle", "busy"])
def test_children_die_with_a_parent_that_was_killed(tmp_path: Path, then: str) -> None:
    log = tmp_path / "child.log"
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-c", _PARENT, str(log), _HELD.format(then=then)]
    with subprocess.Popen(command, cwd=root) as parent:
        _until(lambda: log.exists() and log.read_text().endswith("\n"))
        child = int(log.read_text())
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
        _until(lambda: _gone(child), seconds=10)
