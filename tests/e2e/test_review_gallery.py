"""The review gallery in a real browser: every key press is one decision, and none is lost."""

from __future__ import annotations

from uuid import uuid4

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, Route, expect

from db.tables import AssetState, ReviewClaim, Role
from studio.bootstrap import Studio
from studio.review.deciding import Action, Decide, decide
from tests.e2e.people import go_to, sign_in
from tests.e2e.reviewing import DISPLAYED, begin, number, person, press, wait_for_claims
from tests.e2e.running import RunningStudio
from tests.studio.conftest import seen

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

DECISIONS = "**/api/v1/decisions**"


@pytest.fixture
def reviewing(studio: Studio, studio_running: RunningStudio, chromium: Browser, category: str) -> Page:
    """The review page with 12 images of another person, as a reviewer sees it."""
    page = begin(chromium, studio_running, studio, category, 12)
    expect(page.locator("li.card")).to_have_count(12)
    return page


def test_quick_key_presses_are_all_saved(reviewing: Page, studio: Studio, category: str) -> None:
    press(reviewing, "aaaar6aaaar2")
    expect(reviewing.get_by_text("All decisions saved")).to_be_visible()
    assert number(studio, category, AssetState.APPROVED) == 8
    assert number(studio, category, AssetState.CHANGES_REQUESTED) == 2
    expect(reviewing.get_by_text("10 decided · 2 left")).to_be_visible()


def test_decisions_made_without_a_connection_outlive_a_reload(reviewing: Page, studio: Studio, category: str) -> None:
    reviewing.route(DECISIONS, lambda route: route.abort())
    press(reviewing, "aa")
    expect(reviewing.get_by_text("No connection: 2 decisions wait here")).to_be_visible()
    assert number(studio, category, AssetState.APPROVED) == 0
    reviewing.reload()
    expect(reviewing.locator("li.card[data-outcome=pending]")).to_have_count(2)
    reviewing.unroute(DECISIONS)
    expect(reviewing.locator("li.card[data-outcome=saved]")).to_have_count(2)
    assert number(studio, category, AssetState.APPROVED) == 2


def test_a_call_of_several_that_fails_takes_none_of_them_down(reviewing: Page, studio: Studio, category: str) -> None:
    connected, failed = False, []

    def answer(route: Route) -> None:
        if not connected:
            route.abort()
        elif route.request.url.endswith("/several"):
            failed.append(route.request.post_data_json["items"])
            route.fulfill(status=500, json={"error": "Fault", "message": "Something is broken."})
        else:
            route.continue_()

    reviewing.route(DECISIONS, answer)
    press(reviewing, "aaaa")
    expect(reviewing.get_by_text("No connection: 4 decisions wait here")).to_be_visible()
    connected = True
    expect(reviewing.locator("li.card[data-outcome=saved]")).to_have_count(4)
    assert [len(items) for items in failed] == [4]
    assert number(studio, category, AssetState.APPROVED) == 4


def test_decisions_outlive_the_end_of_a_session(reviewing: Page, studio: Studio, category: str) -> None:
    cookies = reviewing.context.cookies()
    reviewing.context.clear_cookies()
    press(reviewing, "a")
    expect(reviewing.get_by_text("Signed out: sign in in another tab")).to_be_visible()
    assert number(studio, category, AssetState.APPROVED) == 0
    reviewing.context.add_cookies(cookies)  # as signing in in another tab does
    expect(reviewing.get_by_text("All decisions saved")).to_be_visible()
    assert number(studio, category, AssetState.APPROVED) == 1


def test_the_keys_go_on_after_another_filter(reviewing: Page, studio: Studio, category: str) -> None:
    reviewing.get_by_text("Draft 0", exact=True).click()
    expect(reviewing.get_by_text("No images fit")).to_be_visible()
    reviewing.get_by_text("In review 12", exact=True).click()
    reviewing.locator(DISPLAYED).wait_for()
    reviewing.keyboard.press("a")
    expect(reviewing.get_by_text("All decisions saved")).to_be_visible()
    assert number(studio, category, AssetState.APPROVED) == 1


def test_the_numbers_above_follow_once_the_keys_rest(reviewing: Page) -> None:
    press(reviewing, "aar6")
    expect(reviewing.get_by_text("In review 9", exact=True)).to_be_visible()
    expect(reviewing.get_by_text("Approved 2", exact=True)).to_be_visible()
    expect(reviewing.locator("li.card[data-outcome=saved]")).to_have_count(3)  # the gallery stands as it stood
    press(reviewing, "a")
    expect(reviewing.get_by_text("4 decided · 8 left")).to_be_visible()


def test_what_one_reviewer_looks_at_another_is_not_offered(
    reviewing: Page, studio: Studio, studio_running: RunningStudio, chromium: Browser, category: str
) -> None:
    wait_for_claims(studio, category, 12)  # a moment after the images were shown, those ahead are held
    other = sign_in(chromium, studio_running.sign_in_link(f"r-{uuid4().hex[:8]}", role="reviewer"))
    go_to(other, studio_running.url, f"review?category={category}")
    expect(other.get_by_text("No image is left under these filters.")).to_be_visible()


def test_an_answer_that_got_lost_does_not_count_twice(reviewing: Page, studio: Studio, category: str) -> None:
    def lose_the_answer(route: Route) -> None:
        route.fetch()  # the server decides, the browser never hears of it
        route.abort()

    reviewing.route(DECISIONS, lose_the_answer, times=1)
    press(reviewing, "a")
    expect(reviewing.locator("li.card").first).to_have_attribute("data-outcome", "saved")
    assert number(studio, category, AssetState.APPROVED) == 1


def test_a_stale_decision_tells_what_happened_meanwhile(reviewing: Page, studio: Studio, category: str) -> None:
    first = reviewing.locator("li.card").first
    other = person(studio, Role.REVIEWER)
    wait_for_claims(studio, category, 12)
    with studio.writing() as session:
        session.execute(sa.delete(ReviewClaim))  # as when the minutes are over for which an image is held
    asset_id = int(first.get_attribute("data-id") or 0)
    decide(studio, other, Decide(asset_id, 0, Action.REJECT, uuid4().hex, "halo", seen_sha256=seen(studio, asset_id)))
    press(reviewing, "a")
    expect(first).to_have_attribute("data-outcome", "refused")
    first.click()
    expect(reviewing.get_by_role("alert")).to_contain_text(other.name)
    assert number(studio, category, AssetState.CHANGES_REQUESTED) == 1


def test_undo_takes_the_last_decision_back(reviewing: Page, studio: Studio, category: str) -> None:
    first = reviewing.locator("li.card").first
    press(reviewing, "a")
    expect(first).to_have_attribute("data-outcome", "saved")
    press(reviewing, "u")
    expect(first).to_have_attribute("data-outcome", "")
    assert number(studio, category, AssetState.APPROVED) == 0
    press(reviewing, "r3")
    expect(first).to_have_attribute("data-outcome", "saved")
    assert number(studio, category, AssetState.CHANGES_REQUESTED) == 1


def test_a_comment_goes_with_the_reason(reviewing: Page, studio: Studio, category: str) -> None:
    press(reviewing, "r")
    reviewing.get_by_label("Comment (optional)").fill("left sleeve, 6 stitches")  # digits are text here, no reasons
    reviewing.get_by_role("button", name="Halo or fringe").click()
    expect(reviewing.locator("li.card").first).to_have_attribute("data-action", "reject")
    expect(reviewing.get_by_text("All decisions saved")).to_be_visible()
    assert number(studio, category, AssetState.CHANGES_REQUESTED) == 1


def test_mouse_and_keys_move_enlarge_and_help(reviewing: Page) -> None:
    cards = reviewing.locator("li.card")
    stage = reviewing.locator(".stage")
    reviewing.keyboard.press("ArrowRight")
    expect(cards.nth(1)).to_be_focused()
    reviewing.keyboard.press("k")
    expect(cards.nth(0)).to_be_focused()
    reviewing.keyboard.press("z")
    expect(stage).to_be_visible()
    reviewing.keyboard.press("j")  # the large view follows
    second = cards.nth(1).get_attribute("data-id") or ""
    expect(stage.locator("[aria-current=true]")).to_have_attribute("data-id", second)
    reviewing.keyboard.press("Escape")
    expect(cards.nth(1)).to_be_focused()
    reviewing.keyboard.press("c")
    expect(reviewing.get_by_text("There is no real photo of this product.").first).to_be_visible()
    reviewing.keyboard.press("?")
    expect(reviewing.get_by_role("dialog", name="Keys")).to_be_visible()
    reviewing.get_by_role("button", name="Close").click()
    cards.nth(4).click()
    expect(cards.nth(4)).to_be_focused()
    reviewing.locator(DISPLAYED).wait_for()
    reviewing.get_by_role("button", name="Approve").click()
    expect(cards.nth(4)).to_have_attribute("data-outcome", "saved")


def test_after_the_last_image_the_next_ones_come(reviewing: Page, studio: Studio, category: str) -> None:
    press(reviewing, "a" * 12)
    reviewing.get_by_role("button", name="Next images").click()
    expect(reviewing.get_by_text("Nothing waits for review")).to_be_visible()
    assert number(studio, category, AssetState.APPROVED) == 12
