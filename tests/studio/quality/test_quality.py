"""Figures agree with the images behind them, carry their n, and never divide by nothing."""

from __future__ import annotations

import datetime as dt
import itertools
from statistics import median

import pytest
from scipy.stats import binomtest

from db import portions
from db.tables import Asset, AssetState, Score
from studio.errors import InputError, NotSignedIn
from studio.quality.extremes import extremes
from studio.quality.figures import (
    Axis,
    QualityFilter,
    approval,
    approval_by_category,
    by_model,
    distribution,
    reasons,
    score_groups,
    trend,
)
from studio.quality.histogram import bins_of
from studio.quality.kpis import days_before, kpis, last_days
from studio.quality.rates import wilson
from studio.quality.rollups import bring_up_to_date
from studio.review import decisions
from studio.review.deciding import Decide, decide, undo
from studio.review.review_queue import QueueFilter, queue
from studio.review.states import Action
from studio.review.verdicts import Days
from tests.studio.conftest import seen

KEYS = (f"press-{number:04}" for number in itertools.count())


def act(studio, actor, asset_id: int, action: Action, reason: str | None = None) -> None:
    with studio.reading() as session:
        revision = session.get_one(Asset, asset_id).revision
    decide(studio, actor, Decide(asset_id, revision, action, next(KEYS), reason, seen_sha256=seen(studio, asset_id)))


def counted(studio) -> None:
    """Have the figures by day counted, as the worker does."""
    while bring_up_to_date(studio, seconds=10):
        pass


def behind(studio, actor, images: QueueFilter) -> int:
    return len(queue(studio, actor, images, limit=500).assets)


@pytest.fixture
def clock(monkeypatch):
    """Sets the time of the decisions that follow."""

    def at(day: int, hour: int = 12, second: int = 0) -> None:
        moment = dt.datetime(2026, 11, day, hour, 0, second, tzinfo=dt.UTC)
        monkeypatch.setattr(decisions, "database_now", lambda _: moment)

    return at


@pytest.fixture
def reviewed(studio_on_both, images, editor, reviewer, clock, monkeypatch):
    """Shirts: 3 approved, 1 rejected (halo). Bags, of a second model: 1 rejected (halo), 1 (shape), 1 undone."""
    studio = studio_on_both
    shirts = images.make(editor, 4, state=AssetState.IN_REVIEW, category="Shirts")
    bags = images.make(editor, 3, state=AssetState.IN_REVIEW, category="Bags", model="second")
    clock(20)
    for image in shirts[:2]:
        act(studio, reviewer, image, Action.APPROVE)
    clock(21, hour=23)
    act(studio, reviewer, shirts[2], Action.APPROVE)
    act(studio, reviewer, shirts[3], Action.REJECT, "halo")
    clock(22, hour=0)
    act(studio, reviewer, bags[0], Action.REJECT, "halo")
    act(studio, reviewer, bags[1], Action.REJECT, "shape")
    monkeypatch.undo()  # taking back looks at the real clock
    act(studio, reviewer, bags[2], Action.REJECT, "shape")
    undo(studio, reviewer, bags[2], next(KEYS))
    counted(studio)
    return studio


def test_wilson_agrees_with_scipy() -> None:
    for successes, n in [(0, 1), (1, 1), (3, 4), (0, 40), (40, 40), (617, 1000)]:
        rate, expected = wilson(successes, n), binomtest(successes, n).proportion_ci(0.95, method="wilson")
        assert (rate.low, rate.high) == pytest.approx((expected.low, expected.high), abs=1e-9)
        assert rate.share == successes / n
    assert wilson(0, 0).share is wilson(0, 0).low is None
    with pytest.raises(ValueError, match="5 of 4"):
        wilson(5, 4)


def test_approval_by_category_counts_the_verdicts_that_stand(reviewed, viewer) -> None:
    groups = approval_by_category(reviewed, viewer)
    assert [(group.label, group.rate.successes, group.rate.n) for group in groups] == [("Shirts", 3, 4), ("Bags", 0, 2)]
    assert [behind(reviewed, viewer, group.images) for group in groups] == [4, 2]


def test_approval_by_model_and_day(reviewed, viewer) -> None:
    models = by_model(reviewed, viewer)
    assert [(group.label, group.rate.successes, group.rate.n) for group in models] == [
        ("starter", 3, 4),
        ("second", 0, 2),
    ]
    days = trend(reviewed, viewer)
    assert [(group.key, group.rate.successes, group.rate.n) for group in days] == [
        ("2026-11-20", 2, 2),
        ("2026-11-21", 1, 2),
        ("2026-11-22", 0, 2),
    ]
    for group in (*models, *days):
        assert behind(reviewed, viewer, group.images) == group.rate.n


def test_filters_narrow_the_figures_and_the_images_alike(reviewed, viewer) -> None:
    day = dt.date(2026, 11, 21)
    wanted = QualityFilter(days=Days(since=day), category="Shirts")
    (group,) = approval_by_category(reviewed, viewer, wanted)
    assert (group.rate.successes, group.rate.n, behind(reviewed, viewer, group.images)) == (1, 2, 2)
    (only,) = trend(reviewed, viewer, wanted)
    assert (only.key, only.rate.n, behind(reviewed, viewer, only.images)) == ("2026-11-21", 2, 2)
    second = int(by_model(reviewed, viewer)[1].key)
    assert [
        group.label for group in approval_by_category(reviewed, viewer, QualityFilter(model_version_id=second))
    ] == ["Bags"]
    assert approval_by_category(reviewed, viewer, QualityFilter(days=Days(until=dt.date(2026, 1, 1)))) == []


def test_reasons_come_as_a_pareto(reviewed, viewer) -> None:
    found = reasons(reviewed, viewer)
    assert [(reason.key, reason.n) for reason in found] == [("halo", 2), ("shape", 1)]
    assert [reason.cumulative for reason in found] == pytest.approx([2 / 3, 1.0])
    assert [behind(reviewed, viewer, reason.images) for reason in found] == [2, 1]
    assert found[1].family == "factual"


def test_scores_by_category_are_percentiles_of_the_newest_scorer(studio_on_both, images, editor) -> None:
    studio = studio_on_both
    values = [float(value) for value in range(1, 12)]
    for value in values:
        images.make(editor, category="Shirts", scores={"fill": value})
    (bag,) = images.make(editor, category="Bags", scores={"fill": 1.0})
    images.make(editor, category="Bags", scores={"fill": None})
    with studio.writing() as session:
        session.add(Score(asset_id=bag, metric="fill", version=9, value=90.0))
    counted(studio)
    shirts, bags = score_groups(studio, editor, "fill", Axis.CATEGORY)
    bin_width = bins_of("fill").width
    assert (shirts.n, shirts.mean) == (11, pytest.approx(6.0))
    assert (shirts.median, shirts.p10, shirts.p90) == pytest.approx((median(values), 2.0, 10.0), abs=bin_width)
    assert (bags.n, bags.mean, bags.p10, bags.median, bags.p90) == (1, 90.0, 90.0, 90.0, 90.0)
    assert behind(studio, editor, shirts.images) == 11
    (model,) = score_groups(studio, editor, "fill", Axis.MODEL)
    (day,) = score_groups(studio, editor, "fill", Axis.DAY)
    (week,) = score_groups(studio, editor, "fill", Axis.WEEK)
    assert model.n == day.n == week.n == 12
    assert day.key == dt.datetime.now(dt.UTC).date().isoformat()
    assert behind(studio, editor, day.images) == 13  # one of them could not be measured
    only = score_groups(studio, editor, "fill", Axis.CATEGORY, QualityFilter(category="Bags"))
    assert only == [bags]
    assert distribution(studio, editor, "fill", QualityFilter()).sum() == 12


def test_an_unknown_score_is_told(studio, viewer) -> None:
    with pytest.raises(InputError, match="'beauty'; there are: sharpness"):
        score_groups(studio, viewer, "beauty", Axis.CATEGORY)


def test_weeks_hold_their_days_and_no_more_than_the_filter(reviewed, viewer) -> None:
    (week,) = approval(reviewed, viewer, Axis.WEEK)
    assert (week.key, week.rate.successes, week.rate.n) == ("2026-11-16", 3, 6)
    assert behind(reviewed, viewer, week.images) == 6
    part = QualityFilter(days=Days(since=dt.date(2026, 11, 21), until=dt.date(2026, 11, 21)))
    (week,) = approval(reviewed, viewer, Axis.WEEK, part)
    assert (week.rate.n, behind(reviewed, viewer, week.images)) == (2, 2)


def test_nothing_reviewed_gives_nothing_and_no_error(studio_on_both, viewer) -> None:
    studio = studio_on_both
    assert approval_by_category(studio, viewer) == by_model(studio, viewer) == trend(studio, viewer) == []
    assert reasons(studio, viewer) == score_groups(studio, viewer, "fill", Axis.CATEGORY) == []
    figures = kpis(studio, viewer, QualityFilter(last_days(30)))
    assert (figures.waiting, figures.oldest_seconds, figures.now.images) == (0, None, 0)
    assert figures.now.approval.share is figures.now.wait.median is figures.now.cost.per_approved is None


def test_key_figures_of_a_period_beside_the_one_before(studio_on_both, images, editor, reviewer, monkeypatch) -> None:
    studio, now = studio_on_both, dt.datetime.now(dt.UTC)

    def ago(**parts: float) -> None:
        monkeypatch.setattr(decisions, "database_now", lambda _: now - dt.timedelta(**parts))

    first, second, third, fourth, old = images.make(editor, 5, compute_seconds=30.0)
    ago(days=40)
    act(studio, editor, old, Action.SUBMIT)
    ago(days=39)
    act(studio, reviewer, old, Action.APPROVE)
    ago(seconds=100)
    for image in (first, second, third, fourth):
        act(studio, editor, image, Action.SUBMIT)
    ago(seconds=90)
    act(studio, reviewer, first, Action.APPROVE)
    ago(seconds=80)
    act(studio, reviewer, second, Action.REJECT, "halo")
    ago(seconds=60)
    act(studio, editor, second, Action.SUBMIT)
    ago(seconds=55)
    act(studio, reviewer, second, Action.APPROVE)
    ago(seconds=0)
    act(studio, reviewer, third, Action.APPROVE)
    undo(studio, reviewer, third, next(KEYS))
    counted(studio)
    figures = kpis(studio, editor, QualityFilter(last_days(30)))
    assert (figures.now.approval.successes, figures.now.approval.n) == (2, 2)
    assert (figures.now.first_pass.successes, figures.now.first_pass.n) == (1, 2)
    assert (figures.now.undone.successes, figures.now.undone.n) == (1, 4)
    assert figures.now.wait.n == 3
    assert figures.now.wait.median == pytest.approx(10, rel=0.1)
    assert figures.now.wait.p90 == pytest.approx(20, rel=0.1)
    assert (figures.now.cost.compute_seconds, figures.now.cost.approved) == (pytest.approx(30.0), 2)
    assert (figures.now.images, figures.before.images) == (5, 0)
    assert (figures.before.approval.successes, figures.before.wait.n) == (1, 1)
    assert figures.before.wait.median == pytest.approx(86_400, rel=0.05)
    assert figures.before.cost.compute_seconds == 0.0
    assert figures.waiting == 2
    assert figures.oldest_seconds == pytest.approx(100, abs=20)


def test_figures_need_a_person_and_a_sane_period(studio, viewer) -> None:
    with pytest.raises(NotSignedIn):
        kpis(studio, None, QualityFilter(last_days(7)))
    with pytest.raises(NotSignedIn):
        approval_by_category(studio, None)
    with pytest.raises(InputError, match="got 0"):
        last_days(0)
    with pytest.raises(InputError, match="needs its first and its last day"):
        days_before(Days(since=dt.date(2026, 1, 1)))


def test_the_worst_and_the_best_are_found_among_more_images_than_one_statement_takes(
    studio_on_both, images, editor, monkeypatch
) -> None:
    monkeypatch.setattr(portions, "MOST", 3)
    made = {sharpness: images.make(editor, scores={"sharpness": sharpness})[0] for sharpness in (2, 5, 1, 4, 3, 7, 6)}
    (same,) = images.make(editor, scores={"sharpness": 7})
    counted(studio_on_both)
    found = extremes(studio_on_both, editor, "sharpness", QualityFilter(Days()), number=3)
    assert [view.id for view in found.worst] == [made[1], made[2], made[3]]
    assert [view.id for view in found.best] == [same, made[7], made[6]]
