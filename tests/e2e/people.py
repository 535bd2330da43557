"""What people do in the browser, by the names that they see."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

PATIENCE_MS = 60_000
"""With a click and with what is looked for: everything runs on the two cores of the machine that tests."""


def sign_in(
    browser: Browser, link: str, *, dark: bool = False, width: int = 1280, height: int = 800, touch: bool = False
) -> Page:
    """A browser of one's own, signed in by a one-time link."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        locale="en-GB",
        accept_downloads=True,
        has_touch=touch,
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Hello")).to_be_visible()
    return page


def go_to(page: Page, url: str, path: str) -> None:
    """Open a page of the studio by its address."""
    page.goto(f"{url}/{path}")
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
