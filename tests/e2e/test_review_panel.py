"""What stands beside the image in focus, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from studio.bootstrap import Studio
from tests.e2e.reviewing import begin
from tests.e2e.running import RunningStudio

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_a_channel_whose_scores_are_still_missing_is_not_said_to_fit(
    studio: Studio, studio_running: RunningStudio, chromium: Browser, category: str
) -> None:
    page = begin(chromium, studio_running, studio, category, 1)
    signs = {
        "Google Merchant": "…",
        "eBay": "✗",
    }  # both refuse text on it; no job has looked for any
    for name, sign in signs.items():
        line = page.locator(".channels li").filter(has_text=name)
        expect(line).to_contain_text("not all of it is measured yet")
        expect(line.locator(".verdict")).to_have_text(sign)
    expect(page.locator(".channels li").filter(has_text="Shopify")).to_contain_text("fits")
