"""The worker's hold on a training process: its start, its end, what it printed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress

from studio.settings import PROJECT
from studio.training.folder import Phase, TrainingFolder
from studio.work.lifeline import ENVIRONMENT

_LARGEST_LOG_BYTES = 5_000_000
_TOLD_BYTES = 1500


class TrainingProcess:
    """One process that works in `folder`, for as long as the block lasts; nothing of it outlives the block.

    It has a process group of its own, so that Ctrl-C and what ends it do not meet the worker, but shares the worker's
    session: Linux groups sessions for scheduling, and a low priority counts only within such a group.
    """

    def __init__(self, folder: TrainingFolder, phase: Phase) -> None:
        if folder.log.exists() and folder.log.stat().st_size > _LARGEST_LOG_BYTES:
            folder.log.replace(folder.log.with_suffix(".old.log"))
        self._folder = folder
        with open(folder.log, "ab") as log:
            self._process = subprocess.Popen(
                (sys.executable, "-m", "studio.training.child", str(folder.path), phase),
                cwd=PROJECT,
                env=os.environ | {ENVIRONMENT: str(os.getpid()), "TQDM_DISABLE": "1", "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.PIPE,  # its lifeline: it ends when we do
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
            )

    def __enter__(self) -> TrainingProcess:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):  # nobody is left
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()

    def status(self) -> int | None:
        """The exit status, negative for the signal that killed it; None while it runs."""
        return self._process.poll()

    def stop(self, patience_seconds: float) -> None:
        """Ask it to end with a checkpoint, and wait so long for that."""
        with suppress(ProcessLookupError):
            self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(patience_seconds)

    def last_words(self) -> str:
        """The end of what it printed."""
        return self._folder.log.read_bytes()[-_TOLD_BYTES:].decode(errors="replace")
