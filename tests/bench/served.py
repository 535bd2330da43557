"""How fast the running studio is: until it is ready, until a first image is on the page, and a page's server time."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import psutil
from playwright.sync_api import Page

from tests.bench.table import Row
from tests.e2e.people import go_to, sign_in
from tests.e2e.running import ROOT, browser, free_port, running_studio

_ORDERS = 7
_RERUNS = 30
_PATIENCE_SECONDS = 120.0


def speeds() -> list[Row]:
    """All figures of this module; the second start is measured, as the first one migrates the database."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        rows = _readiness(home)
        with running_studio(home) as studio, browser() as chromium:
            page = sign_in(chromium, studio.link)
            go_to(page, studio.url, "generate")
            rows.append(_first_image(page))
            rows.append(_rerun(page, studio.url, _server_of(studio.process.pid)))
    return rows


def _readiness(home: Path) -> list[Row]:
    with process("migrate", home, 0) as migrating:
        migrating.wait(_PATIENCE_SECONDS)
    port = free_port()
    with process("serve", home, port) as _:
        server = seconds_until(lambda: health(port) is not None)
        with process("worker", home, port) as _:
            worker = seconds_until(lambda: b'"worker":"ready"' in (health(port) or b""))
    return [
        Row("web server ready", server, "s", "<= 6", "process start to the first answer"),
        Row("worker ready", worker, "s", "<= 20", "process start to model loaded and warmed up"),
    ]


def _first_image(page: Page) -> Row:
    """Click on Generate to the first picture decoded in the browser, with a warm worker."""
    page.get_by_label("What should be on the images?").fill("blue casual shirt")
    button = page.get_by_role("button", name="Generate 8 images")
    button.wait_for()
    seconds = []
    for _ in range(_ORDERS):
        shown = page.evaluate("() => location.search")
        started = time.perf_counter()
        button.click()
        page.wait_for_function(
            """before => location.search !== before && [...document.querySelectorAll('*')].some(host =>
              [...(host.shadowRoot ?? host).querySelectorAll?.('li.card img') ?? []].some(i => i.naturalWidth > 0))""",
            arg=shown,
            polling=20,
        )
        seconds.append(time.perf_counter() - started)
        page.get_by_text("best first").wait_for()
    note = f"click to picture decoded in Chromium, median of {_ORDERS}; slowest {max(seconds):.2f} s"
    return Row("order to first image on the page", median(seconds), "s", "<= 2", note)


def _rerun(page: Page, url: str, server: psutil.Process) -> Row:
    """Server CPU of one rerun of the page Generate, caused by moving a slider a step."""
    go_to(page, url, "generate")
    slider = page.get_by_role("slider", name="Variety")
    slider.wait_for()
    costs = []
    for number in range(_RERUNS):
        before = cpu_seconds(server)
        slider.press("ArrowLeft" if number % 2 else "ArrowRight")
        page.wait_for_timeout(400)
        costs.append(cpu_seconds(server) - before)
    idle = cpu_seconds(server)
    page.wait_for_timeout(400 * 5)
    idle = (cpu_seconds(server) - idle) / 5
    note = f"median of {_RERUNS}, of which {1000 * idle:.1f} ms are the server's idle share"
    return Row("page rerun, server CPU", 1000 * median(costs), "ms", "<= 15", note)


def cpu_seconds(process: psutil.Process) -> float:
    """Seconds of CPU so far, from the scheduler's nanosecond account where there is one."""
    total = 0
    for task in Path(f"/proc/{process.pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def _server_of(parent: int) -> psutil.Process:
    return next(c for c in psutil.Process(parent).children(recursive=True) if "serve" in c.cmdline())


@contextmanager
def process(command: str, home: Path, port: int, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """One command of the studio on `home`, ended with the block."""
    environment = os.environ | {"ECOMGAN_HOME": str(home), "ECOMGAN_PORT": str(port or 8501)} | settings
    arguments = [sys.executable, "-m", "studio", command]
    process = subprocess.Popen(
        arguments,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def seconds_until(holds: Callable[[], bool]) -> float:
    """How long it took until this held. Raises TimeoutError."""
    started = time.perf_counter()
    while not holds():
        if time.perf_counter() - started > _PATIENCE_SECONDS:
            raise TimeoutError(f"not ready after {_PATIENCE_SECONDS:.0f} s")
        time.sleep(0.02)
    return time.perf_counter() - started


def health(port: int) -> bytes | None:
    """What the server says of itself; None while it does not answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/api/v1/health")
        return connection.getresponse().read()
    except OSError:
        return None
    finally:
        connection.close()
