"""`python -m studio up` on an empty home: one parent, two children, one link."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
UP = [sys.executable, "-m", "studio", "up"]

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Running:
    process: subprocess.Popen[bytes]
    environment: dict[str, str]
    home: Path
    port: int

    @property
    def said(self) -> str:
        return (self.home / "said.txt").read_text()

    def child(self, command: str) -> int | None:
        """The process id of `python -m studio <command>` below us."""
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):  # it just ended
                if child.cmdline()[-1:] == [command]:  # empty while it is ending
                    return child.pid
        return None

    def get(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def post(self, path: str, body: str) -> tuple[int, str | None]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{self.port}"}
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, answer.headers["Set-Cookie"]


def _until(true: Callable[[], object], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def _start(home: Path, port: int, database_url: str) -> Running:
    home.mkdir(exist_ok=True)
    place = {"ECOMGAN_HOME": str(home), "ECOMGAN_PORT": str(port), "ECOMGAN_DATABASE_URL": database_url}
    environment = {**os.environ, **place}
    with open(home / "said.txt", "wb") as said:
        process = subprocess.Popen(
            UP, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT
        )
    return Running(process, environment, home, port)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, empty_database: Callable[[Path], str]) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("up") / "home"
    running = _start(home, _free_port(), empty_database(home))
    try:
        _until(lambda: "/signin/link#" in running.said or running.process.poll() is not None)
        assert running.process.poll() is None, running.said
        yield running
    finally:
        if running.process.poll() is None:
            running.process.terminate()
            running.process.wait(60)


def test_the_link_signs_in_and_neither_log_knows_its_token(running: Running) -> None:
    link = re.search(r"http://localhost:\d+(/signin/link)#(\S+)", running.said)
    assert link, running.said
    assert "web server ready after" in running.said
    assert running.get(link[1])[0] == 200
    status, cookie = running.post(link[1], f"token={link[2]}")
    assert status == 303
    assert cookie
    session = cookie.split(";")[0].split("=")[1]
    logs = "".join(path.read_text() for path in (running.home / "logs").iterdir())
    assert link[2] not in logs
    assert session not in logs
    assert running.post(link[1], f"token={link[2]}")[0] == 401


def test_the_home_belongs_to_one_studio(running: Running) -> None:
    other = {**running.environment, "ECOMGAN_PORT": str(_free_port())}
    done = subprocess.run(UP, cwd=ROOT, env=other, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert f"runs already on {running.home} (process {running.process.pid})" in done.stderr


def test_a_port_that_is_taken_is_told_with_what_to_do(running: Running, tmp_path: Path) -> None:
    other = {**running.environment, "ECOMGAN_HOME": str(tmp_path)}
    done = subprocess.run(UP, cwd=ROOT, env=other, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert f"Port {running.port}" in done.stderr
    assert f"ECOMGAN_PORT={running.port + 1}" in done.stderr


@pytest.mark.parametrize(("command", "name"), [("serve", "web server"), ("worker", "worker")])
def test_a_child_that_is_killed_comes_back(running: Running, command: str, name: str) -> None:
    _until(lambda: running.child(command))
    before = running.child(command)
    assert before
    os.kill(before, signal.SIGKILL)
    _until(lambda: running.child(command) not in (None, before))
    assert f"{name} was killed by signal 9" in running.said
    if command == "serve":
        _until(lambda: running.said.count("web server ready") == 2)
        assert running.get("/api/v1/health")[0] == 200


def test_ctrl_c_stops_both_and_the_next_start_finds_everything(running: Running) -> None:
    children = psutil.Process(running.process.pid).children(recursive=True)
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(60) == 0
    assert running.said.rstrip().endswith("stopped; everything is saved")
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
    again = _start(running.home, running.port, running.environment["ECOMGAN_DATABASE_URL"])
    try:
        _until(lambda: "/signin/link#" in again.said)
        assert "sign in as admin" in again.said
    finally:
        children = psutil.Process(again.process.pid).children(recursive=True)
        again.process.kill()  # and when the parent has no time to say anything, the children go too
        again.process.wait()
        _, alive = psutil.wait_procs(children, timeout=30)
        for child in alive:
            child.kill()
        assert not alive
