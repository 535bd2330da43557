"""A made-up year of 50,000 images: the figures find the bad model version, the lenient reviewer and the drift."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from db.tables import Asset, Decision, Role, Score
from ecomgan.metrics import SCORERS
from studio.bootstrap import Studio, open_studio
from studio.quality.costs import costs
from studio.quality.drift import drifts
from studio.quality.extremes import extremes
from studio.quality.figures import Axis, QualityFilter, approval, approval_by_category, by_model, reasons, score_groups
from studio.quality.groups import groups
from studio.quality.histogram import shortfall
from studio.quality.kernel_distances import FEWEST_PHOTOS, kernel_distances
from studio.quality.kpis import kpis, last_days
from studio.quality.lenience import lenient_reviewers
from studio.quality.rollups import bring_up_to_date, standing
from studio.quality.table import COLUMNS, figures_as_csv
from studio.quality.waits import waits
from studio.review.review_queue import counts
from studio.review.verdicts import Days
from studio.roles import Actor
from studio.settings import Settings
from studio.trust.cases import cases
from studio.trust.fitting import fit
from tests.histories.filling import fill_year
from tests.histories.plan import CATEGORIES, MODELS, Plan

PLAN = Plan(images=50_000, until=dt.date(2026, 11, 22), days=365)
YEAR = QualityFilter(last_days(PLAN.days, PLAN.until))
VERA, PETRA = Actor(1, "Vera", Role.VIEWER), Actor(2, "Petra", Role.MANAGER)


@pytest.fixture(scope="module")
def year(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """The year on SQLite, with all its days counted."""
    home = tmp_path_factory.mktemp("year")
    shutil.copyfile(migrated_file, home / "studio.db")
    studio = open_studio(Settings(home=home, database_url=f"sqlite:///{home / 'studio.db'}"))
    fill_year(studio.engine, PLAN)
    while standing(studio).days:
        bring_up_to_date(studio, seconds=10)
    yield studio
    studio.close()


def test_the_year_is_as_large_as_planned(year: Studio) -> None:
    with year.reading() as session:
        images = session.scalar(sa.select(sa.func.count()).select_from(Asset))
        verdicts = session.scalar(sa.select(sa.func.count()).select_from(Decision))
        assert images == PLAN.images
        assert 2.5 * PLAN.images < (verdicts or 0) < 3.5 * PLAN.images
    assert set(groups(year, VERA).categories) == set(CATEGORIES)


def test_the_bad_model_version_stands_out_in_approval_reasons_scores_and_kernel_distance(year: Studio) -> None:
    good, bad, later = by_model(year, VERA, YEAR)
    assert [good.label, bad.label, later.label] == list(MODELS)
    assert (bad.rate.high or 1) < min(good.rate.low or 0, later.rate.low or 0) - 0.05
    why = reasons(year, VERA, replace(YEAR, model_version_id=int(bad.key)))
    assert (why[0].key, why[0].share > 0.35) == ("texture", True)
    sharp = {group.label: group.median for group in score_groups(year, VERA, "sharpness", Axis.MODEL, YEAR)}
    assert sharp["starter-2"] < min(sharp["starter-1"], sharp["starter-3"]) - 0.1
    whole = {one.model: one.distance for one in kernel_distances(year, VERA) if not one.category}
    low = whole["starter-2"].low if whole["starter-2"] else 0
    assert low > max(one.high for name, one in whole.items() if one and name != "starter-2")


def test_the_reviewer_who_approves_everything_is_named_to_managers_only(year: Studio) -> None:
    (found,) = lenient_reviewers(year, PETRA, YEAR)
    assert found.name == PLAN.lenient
    assert (found.approved.share or 0) > 0.97
    assert found.expected < 0.8
    assert lenient_reviewers(year, VERA, YEAR) == []


def test_the_drift_is_told_before_the_approval_rate_moves(year: Studio) -> None:
    early = PLAN.until - dt.timedelta(days=PLAN.drift_days // 3)
    found = drifts(year, VERA, QualityFilter(Days(until=early)))
    assert {drift.category for drift in found} == {PLAN.drifting}
    assert all(drift.early for drift in found)
    assert any(drift.metric == "border_whiteness" for drift in found)
    rates = approval_by_category(year, VERA, QualityFilter(last_days(21, early), category=PLAN.drifting))
    usual = approval_by_category(
        year, VERA, QualityFilter(last_days(90, early - dt.timedelta(days=21)), category=PLAN.drifting)
    )
    assert (rates[0].rate.high or 0) > (usual[0].rate.share or 1)


def test_the_drift_is_told_in_reasons_and_scores_at_the_end(year: Studio) -> None:
    found = drifts(year, VERA, QualityFilter(Days(until=PLAN.until)))
    assert {drift.category for drift in found} == {PLAN.drifting}
    whiteness = next(drift.score for drift in found if drift.metric == "border_whiteness")
    assert whiteness is not None
    assert whiteness.now < whiteness.before - 1


@pytest.mark.parametrize("days_before_the_end", [190, 220, 250])  # the bad version came 183 days before the end
def test_nothing_is_told_where_nothing_is_planted(year: Studio, days_before_the_end: int) -> None:
    until = PLAN.until - dt.timedelta(days=days_before_the_end)
    assert drifts(year, VERA, QualityFilter(Days(until=until))) == []


@pytest.mark.parametrize("metric", ["fill", "sharpness", "colour_difference"])
@pytest.mark.parametrize("category", [None, "Belts"])
def test_the_ten_worst_and_best_are_those_of_all_images(year: Studio, metric: str, category: str | None) -> None:
    wanted = replace(YEAR, category=category)
    found = extremes(year, VERA, metric, wanted)
    query = sa.select(Score.value).join(Asset, Asset.id == Score.asset_id).where(Score.metric == metric)
    with year.reading() as session:
        values = session.scalars(query if category is None else query.where(Asset.category == category)).all()
    short = sorted(shortfall(metric, value) for value in values if value is not None)
    for views, expected in ((found.worst, short[::-1][:10]), (found.best, short[:10])):
        assert [shortfall(metric, view.scores[metric] or 0.0) for view in views] == pytest.approx(expected)
        assert {view.category for view in views} <= ({category} if category else set(CATEGORIES))


def test_each_point_opens_as_many_images_as_it_tells(year: Studio) -> None:
    wanted = QualityFilter(last_days(60, PLAN.until), category="Handbags")
    points = [*approval(year, VERA, Axis.WEEK, wanted), *by_model(year, VERA, wanted)]
    for point in points:
        assert sum(counts(year, VERA, point.images).values()) == point.rate.n
    for reason in reasons(year, VERA, wanted):
        assert sum(counts(year, VERA, reason.images).values()) == reason.n


def test_key_figures_costs_and_waits_are_those_of_the_parts(year: Studio) -> None:
    found = kpis(year, VERA, YEAR).now
    by_category = costs(year, VERA, Axis.CATEGORY, YEAR)
    assert sum(group.cost.images for group in by_category) == found.images == PLAN.images
    assert sum(group.cost.approved for group in by_category) == found.approval.successes
    assert sum(group.cost.compute_seconds for group in by_category) == pytest.approx(found.cost.compute_seconds)
    assert sum(group.wait.n for group in waits(year, VERA, Axis.CATEGORY, YEAR)) == found.wait.n
    assert 3600 < (found.wait.median or 0) < 2 * 86_400
    assert 2 < found.cost.review_seconds / found.wait.n < 12


def test_kernel_distances_of_few_photos_are_left_out(year: Studio) -> None:
    few = [one for one in kernel_distances(year, VERA) if one.photos is not None and one.photos < FEWEST_PHOTOS]
    assert few
    assert all(one.distance is None for one in few)


def test_the_table_holds_what_the_page_shows(year: Studio) -> None:
    lines = figures_as_csv(year, VERA, YEAR).decode("utf-8-sig").splitlines()
    assert lines[0].split(",") == list(COLUMNS)
    assert sum(line.startswith("approved,category,") for line in lines) == len(CATEGORIES)
    assert any("KD_catalog" in line for line in lines)
    assert not any("nan" in line.lower().split(",") for line in lines)


def test_scores_are_those_of_their_scorers(year: Studio) -> None:
    with year.reading() as session:
        for metric in ("fill", "centring"):
            values = np.array(session.scalars(sa.select(Score.value).where(Score.metric == metric)).all())
            assert values.min() >= SCORERS[metric].low
            assert values.max() <= SCORERS[metric].high


def test_scores_foretell_what_people_will_decide(year: Studio) -> None:
    with year.reading() as session:
        fitted = fit(cases(session))
    overall = fitted.figures[""]
    assert overall.auc is not None
    assert overall.auc.low > 0.55
    assert overall.brier.value < overall.naive
