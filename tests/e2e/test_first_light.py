"""The main way through: from an empty studio to an approved, charted, exported and marked image, by two people."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from studio.publishing.marking import TRAINED_ALGORITHMIC_MEDIA, read_mark
from tests.e2e.people import go_to, sign_in
from tests.e2e.reviewing import press
from tests.e2e.running import RunningStudio

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

_IMAGES_MS = 180_000
"""The first images wait for a worker that starts and for a model that is loaded, beside everything else that starts."""


def test_sample_catalogue_to_approved_charted_and_exported_image(
    studio_running: RunningStudio, chromium: Browser, tmp_path: Path
) -> None:
    editor = sign_in(chromium, studio_running.link)
    _make_first_images(editor)
    _send_all_to_review(editor)

    reviewer = sign_in(chromium, studio_running.sign_in_link("rita", role="reviewer"))
    _approve_one_and_reject_one_by_keyboard(reviewer, studio_running.url)
    _see_them_on_the_quality_page(reviewer, studio_running.url)

    _check_the_export(_export_approved(editor, studio_running.url, tmp_path))


def test_an_editor_cannot_approve_images_of_their_own(studio_running: RunningStudio, chromium: Browser) -> None:
    editor = sign_in(chromium, studio_running.sign_in_link("admin"))
    go_to(editor, studio_running.url, "review")
    first = editor.locator("li.card").first
    expect(first).to_be_visible()
    before = first.get_attribute("data-outcome")
    first.click()
    editor.keyboard.press("a")
    expect(editor.get_by_role("status")).to_contain_text("another person has to approve it")
    assert first.get_attribute("data-outcome") == before


@pytest.mark.parametrize("path", ["", "catalogue", "generate", "review", "quality", "jobs", "people"])
def test_a_stranger_sees_nothing_but_the_way_to_sign_in(
    studio_running: RunningStudio, chromium: Browser, path: str
) -> None:
    context = chromium.new_context()
    page = context.new_page()
    go_to(page, studio_running.url, path)
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    assert page.locator("img").count() == 0
    assert page.get_by_test_id("stDataFrame").count() == 0
    context.close()


def test_the_sign_in_link_works_once(studio_running: RunningStudio, chromium: Browser) -> None:
    link = studio_running.sign_in_link("vera", role="viewer")
    sign_in(chromium, link)
    second = chromium.new_context().new_page()
    second.goto(link)
    second.get_by_role("button", name="Sign in").click()
    expect(second.get_by_role("alert")).to_be_visible()


def _make_first_images(page: Page) -> None:
    page.get_by_role("button", name="Load the sample catalogue").click()
    page.get_by_role("button", name="Generate images of").click(timeout=_IMAGES_MS)  # there as soon as a model is
    expect(page.locator("li.card img")).to_have_count(8, timeout=_IMAGES_MS)
    # The grid comes before its pictures: an image counts when the browser has decoded it.
    decoded = "image => image.complete && image.naturalWidth > 0"
    for image in page.locator("li.card img").all():
        image.scroll_into_view_if_needed()
        page.wait_for_function(decoded, arg=image.element_handle())


def _send_all_to_review(page: Page) -> None:
    # The bar is drawn anew while images arrive; the order's summary says that they are all there.
    expect(page.get_by_text("best first")).to_be_visible(timeout=_IMAGES_MS)
    page.get_by_role("button", name="Select all").click()
    page.get_by_role("button", name=re.compile("Send .*review")).first.click()
    expect(page.get_by_text("8 images sent to review")).to_be_visible()


def _approve_one_and_reject_one_by_keyboard(page: Page, url: str) -> None:
    go_to(page, url, "review")
    cards = page.locator("li.card")
    expect(cards).to_have_count(8)
    cards.first.click()
    press(page, "a")
    expect(cards.nth(0)).to_have_attribute("data-outcome", "saved")
    press(page, "r6")
    expect(cards.nth(1)).to_have_attribute("data-outcome", "saved")
    expect(cards.nth(1)).to_have_attribute("data-action", "reject")
    page.reload()
    expect(page.locator("li.card")).to_have_count(6)


def _see_them_on_the_quality_page(page: Page, url: str) -> None:
    go_to(page, url, "quality")
    metric = page.get_by_test_id("stMetric")
    expect(metric.filter(has_text="Decided")).to_contain_text("2")
    expect(metric.filter(has_text="Approved").first).to_contain_text("50")
    expect(page.get_by_text(re.compile(r"50\s?% of 2")).first).to_be_visible()


def _export_approved(page: Page, url: str, folder: Path) -> Path:
    go_to(page, url, "review?state=approved")
    page.get_by_role("button", name="Export 1 image").click()
    page.get_by_role("button", name="Make the ZIP").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile(r"Download .*\.zip")).click()
    target = folder / download.value.suggested_filename
    download.value.save_as(target)
    return target


def _check_the_export(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        rows = list(csv.DictReader(io.StringIO(archive.read("images.csv").decode("utf-8-sig"))))
        assert len(rows) == 1
        marked = archive.read(rows[0]["file"])
    assert read_mark(marked) == TRAINED_ALGORITHMIC_MEDIA
