"""The steps of a working day by the names that people see: a shop's export, photos, words, a training, a vote."""

from __future__ import annotations

import re
from pathlib import Path
from time import monotonic

from playwright.sync_api import Locator, Page, expect

from tests.e2e.people import go_to
from tests.e2e.running import ROOT

LUMA = ROOT.parent / "shared" / "data" / "luma"
PHOTOS = 40
PAIRS = 20
REASON = "Tried out on a working day"

STEP_MS = 120_000
STALLED_SECONDS = 900.0  # on a machine that is busy with other things a training is slow, but it moves
OVER_WITHIN_SECONDS = 3_600.0


def import_catalogue(page: Page, url: str) -> None:
    """From the file to products in the catalogue."""
    go_to(page, url, "catalogue?view=import")
    page.locator("input[type=file]").set_input_files(LUMA / "products.csv")
    expect(page.get_by_text("Recognised: Magento")).to_be_visible(timeout=STEP_MS)
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Import 1,994 products").click()
    expect(page.get_by_text("1,994 products added, 0 changed, 0 rows refused")).to_be_visible(timeout=STEP_MS)
    expect(page.get_by_text("675 photos are named in it")).to_be_visible()


def bring_in_photos(page: Page) -> None:
    """From the import that is done to photos that found their products."""
    page.get_by_role("button", name="Bring in its photos").click()
    expect(page.get_by_text("Your catalogue names 675 photos")).to_be_visible()
    page.get_by_role("button", name="Add photos").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files(_photos())
    dialog.get_by_role("button", name=f"Bring in {PHOTOS} files").click()
    metric = page.get_by_test_id("stMetric")
    expect(metric.filter(has_text="Added")).to_contain_text(str(PHOTOS), timeout=STEP_MS)
    expect(metric.filter(has_text="Without a product")).to_contain_text("0")


def _photos() -> list[Path]:
    """Main photos spread evenly over the whole shop: styles of men and women, in many colours."""
    mains = sorted((LUMA / "media").rglob("*_main.jpg"))
    return [mains[at * len(mains) // PHOTOS] for at in range(PHOTOS)]


def map_categories(page: Page) -> None:
    """The sure suggestions at once; one that is not sure by its own box."""
    page.get_by_test_id("stMain").get_by_text("Words", exact=True).click()
    page.get_by_role("button", name=re.compile("Confirm .* sure")).click()
    confirmed = page.get_by_text(re.compile(r"\d+ of \d+ confirmed"))
    expect(confirmed).not_to_have_text(re.compile("^0 of"))
    before = int(confirmed.inner_text().split()[0])
    _tick_first_unconfirmed(page)
    page.get_by_role("button", name="Save 1 change").click()
    expect(confirmed).to_have_text(re.compile(f"^{before + 1} of"))


def _tick_first_unconfirmed(page: Page) -> None:
    """The table is painted on a canvas; its hidden twin for screen readers says in which row the box is."""
    rows = page.locator("table[role=grid] tbody tr")
    expect(rows.filter(has_text="suggested")).not_to_have_count(0)
    row = next(at for at in range(rows.count()) if "suggested" in (rows.nth(at).text_content() or ""))
    table = page.get_by_test_id("data-grid-canvas").bounding_box()
    assert table
    x, y = table["x"] + 950, table["y"] + 35 + 40 * row + 20  # where the box is in a window of 1280 pixels
    page.mouse.move(x - 3, y - 5)  # a box that nobody pointed at may be selected by the first click, not ticked
    page.mouse.click(x, y)


def start_training(page: Page, url: str) -> None:
    """Two minutes on two quiet cores, on all photos, whose rights somebody answers for."""
    go_to(page, url, "fine_tune")
    metric = page.get_by_test_id("stMetric")
    expect(metric.filter(has_text="Photos to learn from")).to_contain_text(str(PHOTOS))
    page.get_by_text("A first look").click()
    expect(page.get_by_text("each photo about 120 times")).to_be_visible(timeout=STEP_MS)
    start = page.get_by_role("button", name=f"Teach it {PHOTOS} photos")
    expect(start).to_be_disabled()  # the rights are open
    page.get_by_text("I answer for the photos with unconfirmed rights").click()
    expect(start).to_be_enabled()
    start.click()
    expect(page.get_by_text(re.compile("Waiting|Preparing photos|Learning")).first).to_be_visible(timeout=STEP_MS)


def watch_it_learn(page: Page) -> None:
    """Samples and held-out figures come while it learns; at the end its figures stand beside those of its base."""
    wait_for_samples(page)
    expect(page.get_by_test_id("stMetric").filter(has_text="Held-out distance")).to_contain_text(re.compile(r"\d"))
    wait_while_it_moves(page, page.get_by_role("link", name="Open Models"))
    result = page.locator(".st-key-training-result")
    expect(result).to_contain_text(re.compile(r"on 8 held-out photos|Too few photos were held out"))
    expect(page.get_by_text("After so many photos seen")).to_be_visible()
    expect(page.get_by_text("40 photos (32 to learn from, 8 held out)")).to_be_visible()


def wait_for_samples(page: Page) -> None:
    """Wait for the first pictures of a training."""
    samples = page.get_by_role("img", name=re.compile("What the model makes after"))
    wait_while_it_moves(page, samples)
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=samples.element_handle())


def wait_while_it_moves(page: Page, wanted: Locator) -> None:
    """Wait for `wanted` as long as the line of progress changes."""
    told, since, began = "", monotonic(), monotonic()
    while not wanted.is_visible():
        now = page.locator(".st-key-training-head").inner_text()
        if now != told:
            told, since = now, monotonic()
        assert monotonic() - since < STALLED_SECONDS, f"nothing moved for {STALLED_SECONDS:.0f} s: {told}"
        assert monotonic() - began < OVER_WITHIN_SECONDS, f"not over in time: {told}"
        assert "Failed" not in now, page.get_by_test_id("stMain").inner_text()
        page.wait_for_timeout(1_000)


def open_the_challenger(page: Page) -> tuple[str, str]:
    """The names of the version in production and of the challenger."""
    page.get_by_role("link", name="Open Models").click()
    production, candidate = page.locator(".st-key-production"), page.locator(".st-key-candidate")
    expect(candidate).to_contain_text("Challenger", timeout=STEP_MS)
    return production.locator("h3").inner_text(), candidate.locator("h3").inner_text()


def start_vote(page: Page) -> None:
    """Have the fewest pairs made that the gate takes, and wait for the first one."""
    page.get_by_test_id("stPopover").filter(has_text="Start a vote").get_by_role("button").click()
    slider = page.get_by_role("slider", name="Pairs")
    slider.press("Home")
    expect(page.get_by_test_id("stSliderThumbValue")).to_have_text(str(PAIRS))
    page.get_by_role("button", name="Make the pairs").click()
    expect(page.locator(".ballot .sides img")).to_have_count(2, timeout=STEP_MS)


def vote_on_every_pair(page: Page) -> None:
    """Left and right in turn, which is what a voter without an opinion does."""
    ballot = page.locator(".ballot")
    over = page.get_by_text(f"Thank you: you judged all {PAIRS} pairs")
    for number in range(PAIRS):
        expect(ballot.locator(".told")).to_contain_text(f"{number} judged", timeout=STEP_MS)
        expect(ballot.locator(".sides img")).to_have_count(2, timeout=STEP_MS)
        expect(ballot.locator(".chosen, .passed")).to_have_count(0)  # the last choice is seen for a moment
        ballot.locator(".sides button").nth(number % 2).click()
    expect(over).to_be_visible(timeout=STEP_MS)
    expect(page.locator(".st-key-vote-result")).to_contain_text(f"{PAIRS} of {PAIRS} pairs judged")


def promote(page: Page, taught: str) -> None:
    """By the gate if it is passed; else by an admin's word for it, which is written down."""
    page.get_by_role("link", name="On to the gate").click()
    answer = page.locator(".st-key-candidate").get_by_role("button", name="I answer for it")
    into_production = page.locator(".st-key-promote").get_by_role("button")
    expect(into_production).to_be_visible(timeout=STEP_MS)
    if answer.is_visible():
        answer.click()
        expect(answer).to_be_hidden()
    overridden = into_production.is_disabled()
    if overridden:
        page.get_by_test_id("stPopover").filter(has_text="Override").get_by_role("button").click()
        page.get_by_label("Reason").fill(REASON)
        page.get_by_label("Reason").press("Tab")
        page.get_by_role("button", name="Put into production all the same").click()
    else:
        into_production.click()
    production = page.locator(".st-key-production")
    expect(production.locator("h3")).to_have_text(taught, timeout=STEP_MS)
    if overridden:
        expect(production).to_contain_text(REASON)
