"""The pictures of `make shots` in which a category is recalled: before, at the button, and what came of it."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.e2e.camera import Camera

_WHY = "The supplier changed the cut of these."


def recall_category(anna: Camera, category: str) -> None:
    """Recall all images of a category as a manager would, with the pictures on the way."""
    wanted = f"recalls?new=1&by=category&category={category}"
    anna.take("recalls-empty", "recalls", lambda page: page.get_by_role("button", name="Recall images").wait_for())
    anna.take("recall-new", wanted, _wait_for_images)
    anna.take("recall-why", wanted, _say_why)
    with anna.page("light") as page:
        page.goto(f"{anna.studio.url}/{wanted}")
        _say_why(page)
        page.get_by_role("button", name="Withdraw").click()
        page.get_by_text("● Done").wait_for()
        done = page.url.removeprefix(f"{anna.studio.url}/")
    anna.take("recall-done", done, lambda page: page.get_by_text("Whom it concerns").wait_for())
    anna.take("recalls", "recalls", lambda page: page.get_by_text(_WHY).first.wait_for())


def _wait_for_images(page: Page) -> None:
    page.locator(".recalled img").first.wait_for()


def _say_why(page: Page) -> None:
    _wait_for_images(page)
    page.get_by_label("Why? Everyone concerned reads this").fill(_WHY)
    page.keyboard.press("Tab")
    page.get_by_text("I looked at what is withdrawn").click()
    button = page.get_by_role("button", name="Withdraw")
    page.wait_for_function("button => !button.disabled", arg=button.element_handle())
    button.scroll_into_view_if_needed()
