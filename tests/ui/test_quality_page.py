"""Quality: charts where there is something to compare, a sentence where there is not."""

import datetime as dt
import math

import pytest
import sqlalchemy as sa
from plotly.offline import get_plotlyjs

from db.tables import AssetState, Score
from studio.bootstrap import Studio
from studio.errors import Forbidden, InputError
from studio.quality import rollups
from studio.quality.costs import CostRates, set_cost_rates
from studio.quality.figures import QualityFilter
from studio.review.deciding import Action, Decide, decide
from studio.review.verdicts import Days
from studio.roles import Actor
from studio.ui.quality_report import report_of_month
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
    assert len(page.get("plotly_chart")) == 1  # by category; one day, one model and one reason are sentences
    assert "Best: Shirts (100%). Lowest: Bags (20%)" in told(page)
    assert "Only one reason was given: Halo or fringe: 4 (100%)." in told(page)


def test_few_decisions_are_not_compared(visit: Visit, viewer: Actor, decided) -> None:
    decided("Shirts", 1, 0)
    decided("Bags", 0, 1)
    assert "Too few decisions to compare yet" in told(visit("quality", viewer))


@pytest.mark.parametrize("view", ["overview", "scores", "reasons", "cost", "models", "trust"])
@pytest.mark.parametrize(
    "query", [{"days": "7"}, {"days": "365"}, {"between": "2026-01-05..2026-02-01"}, {"days": "?"}]
)
def test_any_part_and_period_can_be_asked_for(
    visit: Visit, viewer: Actor, decided, view: str, query: dict[str, str]
) -> None:
    decided("Shirts", 1, 1)
    assert not visit("quality", viewer, view=view, **query).exception


@pytest.mark.parametrize("way", ["category", "model"])
def test_reasons_stand_against_categories_and_models(visit: Visit, viewer: Actor, decided, way: str) -> None:
    decided("Shirts", 5, 1)
    decided("Bags", 1, 6)
    page = visit("quality", viewer, view="reasons", why=way)
    assert not page.exception
    group = "Bags" if way == "category" else "starter"
    share = "86%" if way == "category" else "54%"
    assert f"Most striking: {group}: Halo or fringe" in told(page)
    assert f"{share} of those decided there" in told(page)


def test_without_rejections_the_table_of_reasons_is_a_sentence(visit: Visit, viewer: Actor, decided) -> None:
    decided("Shirts", 2, 0)
    assert "Nothing was rejected in this time" in told(visit("quality", viewer, view="reasons"))


def test_the_address_narrows_to_a_category_and_keeps_it(visit: Visit, viewer: Actor, decided) -> None:
    decided("Shirts", 3, 0)
    decided("Bags", 1, 1)
    page = visit("quality", viewer, category="Bags", days="7")
    assert ("Decided", "2") in [(metric.label, metric.value) for metric in page.metric]
    assert page.query_params["category"] == "Bags"


def test_one_image_and_a_score_that_is_missing_are_sentences(
    visit: Visit, viewer: Actor, editor: Actor, images: Images
) -> None:
    images.make(editor, 1, scores={"fill": 80.0, "centring": None})
    page = visit("quality", viewer, view="scores", score="fill")
    assert not page.exception
    assert "Only one image has this score so far." in told(page)
    assert not page.get("plotly_chart")


def test_a_value_that_is_no_number_is_left_out(
    visit: Visit, viewer: Actor, editor: Actor, images: Images, studio: Studio
) -> None:
    first, *_ = images.make(editor, 3, scores={"fill": 80.0})
    with studio.writing() as session:
        session.execute(sa.update(Score).where(Score.asset_id == first).values(value=float("inf")))
    page = visit("quality", viewer, view="scores", score="fill")
    assert not page.exception
    assert "(2 images)" in told(page)


def test_without_rates_costs_are_told_in_time_and_with_them_in_money(
    visit: Visit, viewer: Actor, admin: Actor, decided, studio: Studio
) -> None:
    decided("Shirts", 3, 1)
    decided("Bags", 2, 1)
    page = visit("quality", viewer, view="cost")
    assert "No rates are set" in told(page)
    set_cost_rates(studio, admin, CostRates(3600.0, 36.0, "EUR"))
    page = visit("quality", viewer, view="cost")
    assert "No rates are set" not in told(page)
    (cost,) = [metric.value for metric in visit("quality", viewer).metric if metric.label == "Cost per approved"]
    assert cost.startswith("€")


@pytest.mark.parametrize(
    "rates", [CostRates(-1, 0, "EUR"), CostRates(1, 1e9, "EUR"), CostRates(1, 1, "euro"), CostRates(1, math.nan, "EUR")]
)
def test_wrong_rates_are_refused(studio: Studio, admin: Actor, viewer: Actor, rates: CostRates) -> None:
    with pytest.raises(InputError):
        set_cost_rates(studio, admin, rates)
    with pytest.raises(Forbidden):
        set_cost_rates(studio, viewer, CostRates(1, 1, "EUR"))


def test_figures_that_are_behind_say_so(visit: Visit, viewer: Actor, decided, monkeypatch: pytest.MonkeyPatch) -> None:
    decided("Shirts", 3, 1)
    monkeypatch.setattr(rollups, "_MOMENT_SECONDS", 0.0)
    assert "changed since its figures were counted" in told(visit("quality", viewer))


def test_the_report_of_a_month_holds_everything_and_fetches_nothing(
    visit: Visit, viewer: Actor, decided, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided("Shirts", 3, 1)
    decided("Bags", 2, 1)
    visit("quality", viewer)
    today = dt.datetime.now(dt.UTC).date()
    wanted = QualityFilter(Days(today.replace(day=1), today))
    report = report_of_month(studio, viewer, today.replace(day=1), wanted)
    assert "<h2>Approved, by category</h2>" in report
    assert "Best: Shirts" not in report  # too few decisions to compare
    assert "data:image/webp;base64," in report
    assert "@media print" in report
    without_library = report.replace(get_plotlyjs(), "")
    assert "src='http" not in without_library
    assert "<link" not in without_library
