"""The account menu in a real browser: the language stays, and signing out ends the session."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.people import go_to, sign_in
from tests.e2e.running import RunningStudio

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_the_language_is_kept_by_the_browser_until_after_signing_out(
    studio_running: RunningStudio, chromium: Browser
) -> None:
    page = sign_in(chromium, studio_running.sign_in_link("lin", role="viewer"))
    page.get_by_role("button", name="lin").click()
    page.get_by_role("radio", name="简体中文").click()
    expect(page.get_by_role("heading", name="你好，lin")).to_be_visible()
    page.wait_for_function("document.cookie.includes('ecomgan_language=zh')")  # the browser keeps it a moment later
    go_to(page, studio_running.url, "review")
    expect(page.get_by_role("heading", name="审核", exact=True)).to_be_visible()
    page.get_by_role("button", name="lin").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("heading", name="登录", exact=True)).to_be_visible()
    go_to(page, studio_running.url, "")
    expect(page.get_by_role("link", name="登录", exact=True)).to_be_visible()


def test_a_person_sets_a_password_and_signs_in_with_it(studio_running: RunningStudio, chromium: Browser) -> None:
    page = sign_in(chromium, studio_running.sign_in_link("pat", role="viewer"))
    page.get_by_role("button", name="pat").click()
    page.get_by_role("button", name="Set password").click()
    dialog = page.get_by_role("dialog", name="Set password")
    dialog.get_by_label("New password", exact=True).fill("seven quiet lamps")
    dialog.get_by_label("New password, once more").fill("seven quiet lamps")
    dialog.get_by_role("button", name="Set password").click()
    expect(page.get_by_text("Your password is set.")).to_be_visible()
    other = chromium.new_context(locale="en-GB").new_page()
    other.goto(f"{studio_running.url}/signin?next=/quality")
    other.get_by_label("Name").fill("pat")
    other.get_by_label("Password").fill("seven quiet lamps")
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("heading", name="Quality")).to_be_visible()
