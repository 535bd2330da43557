"""A whole studio for a test: server and worker as `make run` starts them, on a home of its own, and a real browser."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from time import monotonic

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
_LINK = re.compile(r"https?://\S+/signin/link\S+")


@dataclass(frozen=True)
class RunningStudio:
    """A studio that answers at `url`; `link` is the first sign-in link that it printed."""

    url: str
    home: Path
    link: str
    environment: dict[str, str]
    process: subprocess.Popen[str]
    seconds_to_ready: float

    def sign_in_link(self, name: str, role: str | None = None) -> str:
        """A fresh link for `name` from `python -m studio link`, as an admin at the machine would make it."""
        command = [sys.executable, "-m", "studio", "link", "--user", name, *(["--role", role] if role else [])]
        output = subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True, timeout=120
        ).stdout
        found = _LINK.search(output)
        assert found, f"no sign-in link in the output of {' '.join(command)}: {output}"
        return found.group()


def free_port() -> int:
    """A TCP port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_studio(home: Path, *, timeout: float = 120.0, **settings: str) -> Iterator[RunningStudio]:
    """`python -m studio up` on `home`, ready to use; stopped as Ctrl-C stops it.

    Raises:
        AssertionError: it ended, or printed no sign-in link within `timeout` seconds.
    """
    port = free_port()
    environment = os.environ | {"ECOMGAN_HOME": str(home), "ECOMGAN_PORT": str(port)} | settings
    started = monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "studio", "up"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    lines: Queue[str | None] = Queue()
    threading.Thread(target=_read_lines, args=(process, lines), daemon=True).start()
    try:
        link = _wait_for_link(lines, started + timeout)
        yield RunningStudio(link.partition("/signin")[0], home, link, environment, process, monotonic() - started)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(120)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def _read_lines(process: subprocess.Popen[str], lines: Queue[str | None]) -> None:
    assert process.stdout
    with process.stdout as output:
        for line in output:
            lines.put(line)
    lines.put(None)


def _wait_for_link(lines: Queue[str | None], deadline: float) -> str:
    printed: list[str] = []
    while (left := deadline - monotonic()) > 0:
        try:
            line = lines.get(timeout=left)
        except Empty:
            break
        if line is None:
            break
        printed.append(line)
        if found := _LINK.search(line):
            return found.group()
    raise AssertionError("the studio printed no sign-in link; it said:\n" + "".join(printed))


def browser_executable() -> str | None:
    """Debian's headless Chromium, or nothing where it is not installed."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser_executable(), args=["--no-sandbox"])
        yield chromium
        chromium.close()
