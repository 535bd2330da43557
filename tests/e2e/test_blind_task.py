"""A reviewer is asked about a decided image and answers it like any other: nothing on the screen tells."""

from __future__ import annotations

from uuid import uuid4

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from db.tables import Asset, AssetState, Decision, Role, SecondOpinion
from studio.bootstrap import Studio
from studio.review.log_check import check_log
from tests.e2e.people import go_to, sign_in
from tests.e2e.reviewing import DISPLAYED, person, press
from tests.e2e.running import RunningStudio
from tests.studio.conftest import Images
from tests.studio.review.asked import act, rates

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_a_blind_task_is_answered_by_keyboard(
    studio: Studio, studio_running: RunningStudio, chromium: Browser, category: str
) -> None:
    rates(studio, second=1.0)
    maker, first = person(studio, Role.EDITOR), person(studio, Role.REVIEWER)
    asked, _ = Images(studio).make(maker, 2, state=AssetState.IN_REVIEW, category=category)
    act(studio, first, asked)
    page = sign_in(chromium, studio_running.sign_in_link(f"r-{uuid4().hex[:8]}", role="reviewer"))
    go_to(page, studio_running.url, f"review?category={category}")
    page.locator(DISPLAYED).wait_for()
    cards = page.locator("li.card")
    expect(cards).to_have_count(2)
    told = [cards.nth(at).get_attribute("aria-label") or "" for at in range(2)]
    assert told[0].rpartition(", ")[2] == told[1].rpartition(", ")[2] == "In review"
    for at in range(2):
        press(page, "r6" if cards.nth(at).get_attribute("data-id") == str(asked) else "a")
    expect(page.get_by_text("All decisions saved")).to_be_visible()
    expect(page.locator("li.card[data-outcome=saved]")).to_have_count(2)
    with studio.reading() as session:
        of_asked = sa.select(SecondOpinion).where(SecondOpinion.asset_id == asked)
        answer = session.scalars(of_asked.order_by(SecondOpinion.id)).first()
        image = session.get_one(Asset, asked)
        lines = session.scalars(sa.select(Decision).where(Decision.asset_id == asked)).all()
    assert answer is not None
    assert (answer.verdict, answer.reason) == (AssetState.CHANGES_REQUESTED, "halo")
    assert image.state is AssetState.APPROVED  # it stays as it was decided
    assert [line.user_id for line in lines if line.to_state is AssetState.APPROVED] == [first.id]
    assert AssetState.CHANGES_REQUESTED not in {line.to_state for line in lines}
    assert check_log(studio).fault == ""
    page.reload()
    expect(page.get_by_text("Nothing waits for review")).to_be_visible()
    expect(page.locator(f"li.card[data-id='{asked}']")).to_have_count(0)
    rates(studio)
