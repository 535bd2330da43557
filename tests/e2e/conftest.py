"""Browser tests: a running studio and a Chromium for each file of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect

from studio.bootstrap import Studio, open_studio
from studio.settings import Settings
from tests.e2e.people import PATIENCE_MS
from tests.e2e.running import RunningStudio, browser, browser_executable, running_studio


@pytest.fixture(scope="session", autouse=True)
def patience() -> None:
    """What is looked for has as long as a click has: five seconds, the usual, are short on a busy machine."""
    expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")  # Playwright keeps an event loop running, in which other tests could not start theirs
def chromium() -> Iterator[Browser]:
    """A headless Chromium; where there is none the test is skipped, unless ECOMGAN_REQUIRE_BROWSER is set."""
    if browser_executable() is None:
        message = "no chromium-headless-shell found (Debian: apt-get install chromium-headless-shell)"
        if os.environ.get("ECOMGAN_REQUIRE_BROWSER"):
            pytest.fail(message)
        pytest.skip(message)
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def studio_running(
    tmp_path_factory: pytest.TempPathFactory, empty_database: Callable[[Path], str]
) -> Iterator[RunningStudio]:
    """Server and worker on an empty home and an empty database."""
    home = tmp_path_factory.mktemp("home")
    with running_studio(home, ECOMGAN_DATABASE_URL=empty_database(home)) as running:
        yield running


@pytest.fixture
def studio(studio_running: RunningStudio) -> Iterator[Studio]:
    """The same studio that the browser sees, opened beside it."""
    home, url = studio_running.home, studio_running.environment["ECOMGAN_DATABASE_URL"]
    studio = open_studio(Settings(home=home, database_url=url))
    yield studio
    studio.close()


@pytest.fixture
def category() -> str:
    """A category of its own for each test, so that its filter shows the images of this test alone."""
    return f"Category {uuid4().hex[:6]}"
