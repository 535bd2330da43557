"""The filters of the review page, its saved views and the sharing of what waits."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from db.tables import Asset, AssetState, utc_now
from studio.bootstrap import Studio
from studio.images.library import ScoreRange
from studio.review.queue_filter import Foretold, QueueFilter, as_query, from_query
from studio.review.saved_views import save, views
from studio.review.sharing import share
from studio.roles import Actor
from tests.studio.conftest import Images
from tests.ui.conftest import Visit, press, told


def wanted(page: AppTest) -> QueueFilter:
    """What the page's address asks for, which is what its gallery is fed with."""
    return from_query({name: values if isinstance(values, str) else values[0] for name, values in query(page).items()})


def query(page: AppTest) -> dict[str, str | list[str]]:
    return dict(page.query_params)


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def select(page: AppTest, label: str, value: str) -> AppTest:
    (box,) = [box for box in page.selectbox if box.label == label]
    return box.select(value).run()


@pytest.fixture
def waiting(images: Images, editor: Actor) -> list[int]:
    return images.make(editor, 3, state=AssetState.IN_REVIEW)


def test_what_the_widgets_say_stands_in_the_address(visit: Visit, reviewer: Actor, waiting: list[int]) -> None:
    page = select(visit("review", reviewer), "Given to", "me")
    assert wanted(page) == QueueFilter(state=AssetState.IN_REVIEW, assignee="me")
    assert "No images fit" in told(page) or "Nothing waits for review" in told(page)
    page = select(page, "Given to", "nobody")
    page = select(page, "Purpose", "concept")
    assert wanted(page) == from_query({"assignee": "nobody", "purpose": "concept"})


def test_ages_are_told_and_lead_to_what_is_overdue(
    visit: Visit, reviewer: Actor, studio: Studio, waiting: list[int]
) -> None:
    with studio.writing() as session:
        session.get_one(Asset, waiting[0]).state_since = utc_now() - dt.timedelta(days=2)
    page = visit("review", reviewer)
    assert "The oldest came 2 days ago." in told(page)
    page = press(page, "1 waits for more than a day")
    assert wanted(page).waited_hours == 24


def test_a_score_is_chosen_by_its_range_and_taken_away_by_its_chip(
    visit: Visit, reviewer: Actor, waiting: list[int]
) -> None:
    page = select(visit("review", reviewer), "Score", "fill")
    (scale,) = [slider for slider in page.slider if slider.label.startswith("Fill")]
    page = press(scale.set_range(60, 90).run(), "Only these scores")
    assert wanted(page).score == ScoreRange("fill", 60, 90)
    page = press(page, "Fill: 60")
    assert wanted(page).score is None


def test_a_view_is_kept_opened_and_forgotten(
    visit: Visit, editor: Actor, reviewer: Actor, studio: Studio, waiting: list[int]
) -> None:
    page = visit("review", editor, category="Tshirts")
    (name,) = [field for field in page.text_input if field.label == "Name of a new view"]
    name.input("Soft shirts")
    (share,) = [toggle for toggle in page.toggle if toggle.label == "Share it with the team"]
    share.set_value(True)
    page = press(page, "Keep these filters")
    (view,) = views(studio, reviewer)
    assert (view.name, view.wanted.category, view.shared) == ("Soft shirts", "Tshirts", True)
    page = press(visit("review", reviewer), "Soft shirts")
    assert wanted(page) == view.wanted
    assert not [button for button in page.button if button.key == f"unview-{view.id}"]  # another's
    page = visit("review", editor)
    page = next(button for button in page.button if button.key == f"unview-{view.id}").click().run()
    assert views(studio, editor) == ()


def test_an_address_opens_every_filter(visit: Visit, reviewer: Actor, waiting: list[int]) -> None:
    full = QueueFilter(
        state=AssetState.IN_REVIEW,
        category="Tshirts",
        model_version_id=1,
        assignee="nobody",
        waited_hours=24,
        score=ScoreRange("fill", 60),
        foretold=Foretold(2, 0.25, 0.5),
        claimed=True,
        text="shirt",
    )
    page = visit("review", reviewer, **as_query(full))
    assert wanted(page) == full


def test_managers_share_out_what_waits(
    visit: Visit, manager: Actor, reviewer: Actor, studio: Studio, waiting: list[int]
) -> None:
    assert "Give them out" not in labels(visit("review", reviewer))
    page = visit("review", manager)
    (part,) = [box for box in page.number_input if box.label == "Share of Rune, in per cent"]
    page = press(part.set_value(100).run(), "Give them out")
    with studio.reading() as session:
        assert set(session.scalars(sa.select(Asset.assignee_id))) == {reviewer.id}


def test_what_cannot_be_shared_out_says_why(
    visit: Visit, manager: Actor, reviewer: Actor, studio: Studio, waiting: list[int]
) -> None:
    page = visit("review", manager)
    assert "Write beside at least one name" in told(page)
    share(studio, manager, QueueFilter(), {reviewer.id: 1})
    page = visit("review", manager)
    assert "All of them were given to somebody already" in told(page)
    (part,) = [box for box in page.number_input if box.label == "Share of Rune, in per cent"]
    page = part.set_value(50).run()
    assert "All of them were given to somebody already" in told(page)
    page = next(one for one in page.toggle if one.label.startswith("Also those that")).set_value(True).run()
    assert not next(button for button in page.button if button.label == "Give them out").disabled


def test_the_first_of_ones_own_views_is_named_on_the_button(
    visit: Visit, reviewer: Actor, studio: Studio, waiting: list[int]
) -> None:
    save(studio, reviewer, "What waits", QueueFilter(state=AssetState.IN_REVIEW))
    page = visit("review", reviewer)
    (view,) = [button for button in page.button if button.label == "What waits"]
    assert view.disabled
