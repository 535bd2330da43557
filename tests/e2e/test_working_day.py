"""A working day in the browser: a shop's export comes in, the model is taught 40 of its photos, compared, voted into
production, used, and rolled back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.people import PATIENCE_MS, go_to, sign_in
from tests.e2e.running import RunningStudio
from tests.e2e.working_day import (
    LUMA,
    STEP_MS,
    bring_in_photos,
    import_catalogue,
    map_categories,
    open_the_challenger,
    promote,
    start_training,
    start_vote,
    vote_on_every_pair,
    watch_it_learn,
)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.skipif(not LUMA.is_dir(), reason=f"the shop export to import is not at {LUMA}"),
]


@pytest.fixture(autouse=True)
def patience_with_a_training() -> Iterator[None]:
    """While a model learns in the background, pages of a busy machine may take longer than usual."""
    expect.set_options(timeout=STEP_MS)
    yield
    expect.set_options(timeout=PATIENCE_MS)


def test_a_shops_photos_become_a_model_in_production_and_back(studio_running: RunningStudio, chromium: Browser) -> None:
    page, url = sign_in(chromium, studio_running.link), studio_running.url
    page.set_default_timeout(STEP_MS)
    expect(page.get_by_text("Worker ready")).to_be_visible(timeout=STEP_MS)
    import_catalogue(page, url)
    bring_in_photos(page)
    map_categories(page)
    start_training(page, url)
    watch_it_learn(page)
    starter, taught = open_the_challenger(page)
    start_vote(page)
    vote_on_every_pair(page)
    promote(page, taught)
    _generate_with(page, url, taught)
    _roll_back(page, url, starter)


def _generate_with(page: Page, url: str, taught: str) -> None:
    go_to(page, url, "generate")
    page.get_by_label("What should be on the images?").fill("green jacket for men")
    page.get_by_role("button", name="Generate 8 images").click()
    images = page.locator("li.card img")
    expect(images).to_have_count(8, timeout=STEP_MS)
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=images.first.element_handle())
    go_to(page, url, "library")
    page.locator("li.card").first.click()
    expect(page.get_by_test_id("stMain")).to_contain_text(taught, timeout=STEP_MS)


def _roll_back(page: Page, url: str, starter: str) -> None:
    go_to(page, url, "models")
    page.get_by_role("button", name=f"Roll back to {starter}").click()
    expect(page.locator(".st-key-production").locator("h3")).to_have_text(starter, timeout=STEP_MS)
