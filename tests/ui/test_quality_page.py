"""Quality: charts where there is something to compare, a sentence where there is not."""

import pytest

from db.tables import AssetState
from studio.bootstrap import Studio
from studio.review.deciding import Action, Decide, decide
from studio.roles import Actor
from tests.studio.conftest import Images, seen
from tests.ui.conftest import Visit, told


@pytest.fixture
def decided(studio: Studio, editor: Actor, reviewer: Actor, images: Images):
    """`decided("Shirts", 3, 1)`: three approved and one rejected image of a category."""

    def make(category: str, approved: int, rejected: int) -> None:
        ids = images.make(editor, approved + rejected, state=AssetState.IN_REVIEW, category=category)
        for at, asset_id in enumerate(ids):
            good = at < approved
            action, reason = (Action.APPROVE, None) if good else (Action.REJECT, "halo")
            shown = seen(studio, asset_id)
            decide(studio, reviewer, Decide(asset_id, 0, action, f"key-{asset_id:08}", reason, seen_sha256=shown))

    return make


def test_without_images_the_page_says_what_to_do(visit: Visit, viewer: Actor) -> None:
    page = visit("quality", viewer)
    assert "No images yet" in told(page)
    assert not page.get("plotly_chart")


def test_one_category_is_a_sentence(visit: Visit, viewer: Actor, decided) -> None:
    decided("Shirts", 3, 1)
    page = visit("quality", viewer)
    assert "Shirts: 75% of 4 approved" in told(page)
    assert ("Approved", "75%") in [(metric.label, metric.value) for metric in page.metric]


def test_two_categories_are_a_chart_with_words_under_it(visit: Visit, viewer: Actor, decided) -> None:
    decided("Shirts", 5, 0)
    decided("Bags", 1, 4)
    page = visit("quality", viewer)
    assert len(page.get("plotly_chart")) == 3  # by category, scores, reasons; one day and one model are sentences
    assert "Best: Shirts (100%). Lowest: Bags (20%)" in told(page)
    assert "The first thing to work on: Halo or fringe." in told(page)


def test_few_decisions_are_not_compared(visit: Visit, viewer: Actor, decided) -> None:
    decided("Shirts", 1, 0)
    decided("Bags", 0, 1)
    assert "Too few decisions to compare yet" in told(visit("quality", viewer))


@pytest.mark.parametrize("days", ["7", "90", "nonsense"])
def test_any_period_can_be_asked_for(visit: Visit, viewer: Actor, decided, days: str) -> None:
    decided("Shirts", 1, 1)
    assert not visit("quality", viewer, days=days).exception


@pytest.mark.parametrize("way", ["category", "model"])
def test_reasons_stand_against_categories_and_models(visit: Visit, viewer: Actor, decided, way: str) -> None:
    decided("Shirts", 5, 1)
    decided("Bags", 1, 6)
    page = visit("quality", viewer, why=way)
    assert not page.exception
    group = "Bags" if way == "category" else "starter"
    share = "86%" if way == "category" else "54%"
    assert f"Most striking: {group}: Halo or fringe" in told(page)
    assert f"{share} of those decided there" in told(page)


def test_without_rejections_the_table_of_reasons_is_a_sentence(visit: Visit, viewer: Actor, decided) -> None:
    decided("Shirts", 2, 0)
    assert "Nothing was rejected in this time" in told(visit("quality", viewer, why="category"))
