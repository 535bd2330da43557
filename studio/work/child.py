"""One supervised process: its start, its end, its log, and its way back."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from db.tables import utc_now
from studio.settings import PROJECT
from studio.work.lifeline import ENVIRONMENT

_LONGEST_PAUSE_SECONDS = 30.0
_STEADY_SECONDS = 60.0  # who lived that long starts again at once
_LARGEST_LOG_BYTES = 10_000_000
_LINES_TOLD = 8


@dataclass
class Child:
    """`command` in a process group of its own, writing to `log`.

    `failures` counts the deaths since it was last steady; each doubles the pause before the next start.
    """

    name: str
    command: tuple[str, ...]
    log: Path
    grace_seconds: float
    ready: bool = False
    failures: int = 0
    started_at: dt.datetime = field(default_factory=utc_now)
    _process: subprocess.Popen[bytes] | None = None
    _started: float = 0.0
    _next_start: float = 0.0

    def start(self) -> None:
        """Start the process; its standard input stays open for as long as we live."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LARGEST_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".old.log"))
        self.ready, self.started_at, self._started = False, utc_now(), time.monotonic()
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=PROJECT,
                env={**os.environ, ENVIRONMENT: str(os.getpid()), "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C goes to us alone, and we can end its children with it
            )

    def look_after(self) -> str | None:
        """Note a death and start again when it is time; returns what people should know, if anything."""
        if self._process is None:
            if time.monotonic() < self._next_start:
                return None
            self.start()
            return f"{self.name} starts again"
        status = self._process.poll()
        if status is None:
            return None
        self._kill_group()  # what it left behind
        if self._process.stdin:
            self._process.stdin.close()
        self._process = None
        self.failures = 1 if time.monotonic() - self._started > _STEADY_SECONDS else self.failures + 1
        pause = min(2.0 ** (self.failures - 1), _LONGEST_PAUSE_SECONDS)
        self._next_start = time.monotonic() + pause
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        return f"{self.name} {how}; starts again in {pause:.0f} s. The end of {self.log}:\n{self._last_lines()}"

    def mark_ready(self) -> str:
        """Note that it does its work now; returns what to tell."""
        self.ready, self.failures = True, 0
        return f"{self.name} ready after {time.monotonic() - self._started:.1f} s"

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait(self, impatient: Callable[[], bool]) -> None:
        """Wait for the end; past the grace, or when `impatient()`, end the whole process group."""
        if self._process is None:
            return
        deadline = time.monotonic() + self.grace_seconds
        while self._process.poll() is None and time.monotonic() < deadline and not impatient():
            time.sleep(0.05)
        self._kill_group()
        self._process.wait()

    def _kill_group(self) -> None:
        assert self._process is not None
        with suppress(ProcessLookupError):  # nobody is left
            os.killpg(self._process.pid, signal.SIGKILL)

    def _last_lines(self) -> str:
        with open(self.log, "rb") as file:
            file.seek(max(0, self.log.stat().st_size - 4000))
            lines = file.read().decode(errors="replace").splitlines()[-_LINES_TOLD:]
        return "\n".join(f"    | {line}" for line in lines)
