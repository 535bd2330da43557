"""A camera for the screens: one signed-in person who looks at pages in both themes, and the moment to press."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.running import RunningStudio

THEMES = ("light", "dark")
PATIENCE = 600_000  # milliseconds; a busy machine is slow, not broken
SIZE = {"width": 1280, "height": 800}

PICTURES_LOADED = """async () => {
    const roots = [document, ...[...document.querySelectorAll("*")].map((node) => node.shadowRoot).filter(Boolean)];
    const pictures = roots.flatMap((root) => [...root.querySelectorAll("img")]);
    const seen = pictures.filter((one) => one.offsetParent && one.getBoundingClientRect().top < innerHeight);
    await Promise.all(seen.map((one) => one.decode().catch(() => null)));
}"""


class Camera:
    """Takes the same view in both themes for one signed-in person."""

    def __init__(
        self, chromium: Browser, studio: RunningStudio, out: Path, link: str | None, locale: str = "en-GB"
    ) -> None:
        self.chromium, self.studio, self.out, self.locale = chromium, studio, out, locale
        self.cookies: object = None
        if link is None:  # a stranger
            return
        with self.page("light") as page:
            page.goto(link)
            page.click("#go")
            page.wait_for_selector("[data-testid=stAppViewContainer] h1")
            self.cookies = page.context.storage_state()

    def take(self, name: str, path: str, prepare: Callable[[Page], None], themes: tuple[str, ...] = THEMES) -> None:
        """Open `path`, bring it into the state to show, wait until it stands still, and keep the picture."""
        for theme in themes:
            with self.page(theme) as page:
                page.goto(f"{self.studio.url}/{path}")
                prepare(page)
                settle(page)
                file = self.out / f"{name}-{theme}.png"
                page.screenshot(path=file)
                print(file)  # noqa: T201 - a command that people watch

    def post(self, path: str, body: dict[str, object]) -> None:
        """Call the REST routes as a page of this person would."""
        context = self.chromium.new_context(storage_state=self.cookies)
        answer = context.request.post(
            f"{self.studio.url}/api/v1/{path}", data=body, headers={"Origin": self.studio.url}, timeout=PATIENCE
        )
        assert answer.ok, answer.text()
        context.close()

    def get(self, path: str) -> Any:
        """Read from the REST routes."""
        context = self.chromium.new_context(storage_state=self.cookies)
        answer = context.request.get(f"{self.studio.url}/api/v1/{path}", timeout=PATIENCE)
        assert answer.ok, answer.text()
        found = answer.json()
        context.close()
        return found

    @contextmanager
    def page(self, theme: str) -> Iterator[Page]:
        """A tab of this person in a theme."""
        context: BrowserContext = self.chromium.new_context(
            viewport=SIZE, color_scheme=theme, storage_state=self.cookies, locale=self.locale
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("pageerror", lambda error: sys.exit(f"an error in the browser: {error}"))
        try:
            yield page
        finally:
            context.close()


def settle(page: Page) -> None:
    """Wait until nothing loads any more: no placeholder, no running script, every picture there, every chart drawn."""
    page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton], [data-testid=stStatusWidget]')")
    page.wait_for_load_state("networkidle")
    page.evaluate(PICTURES_LOADED)
    page.wait_for_timeout(700)
