"""Figures kept by day say what the rows say, whatever happened to the rows; and nobody reads stale ones unaware."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
import sqlalchemy as sa

from db.tables import (
    Asset,
    Decision,
    Job,
    QualityDay,
    QualityReviewer,
    QualityScore,
    QualityVerdict,
    RollupMark,
    Score,
)
from studio.bootstrap import Studio
from studio.quality import rollups
from studio.quality.rollups import bring_up_to_date, refreshed, rows_of, standing
from studio.review import decisions
from studio.review.deciding import Decide, decide, undo
from studio.review.states import Action
from studio.roles import Actor
from tests.studio.conftest import Images, seen

KEYS = (f"rolled-{number:04}" for number in itertools.count())
TABLES = (QualityDay, QualityVerdict, QualityReviewer, QualityScore)


def act(studio: Studio, actor: Actor, asset_id: int, action: Action, reason: str | None = None) -> None:
    with studio.reading() as session:
        revision = session.get_one(Asset, asset_id).revision
    decide(studio, actor, Decide(asset_id, revision, action, next(KEYS), reason, seen_sha256=seen(studio, asset_id)))


def marked(studio: Studio) -> set[dt.date]:
    with studio.reading() as session:
        return set(session.scalars(sa.select(RollupMark.day)))


def facts(row: object) -> tuple[object, ...]:
    return tuple(getattr(row, column.key) for column in sa.inspect(type(row)).columns)


def check_against_rows(studio: Studio) -> None:
    """What is kept is what counting all days of all rows gives."""
    assert bring_up_to_date(studio, seconds=30) >= 0
    assert standing(studio).days == 0
    with studio.reading() as session:
        days = set(session.scalars(sa.select(sa.func.date(Decision.at)))) | set(
            session.scalars(sa.select(sa.func.date(Asset.created_at)))
        )
        days |= set(session.scalars(sa.select(sa.func.date(Job.created_at))))
        counted = {facts(row) for day in days for row in rows_of(session, dt.date.fromisoformat(str(day)))}
        kept = {facts(row) for table in TABLES for row in session.scalars(sa.select(table))}
    assert kept == counted
    assert kept


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch):
    """`on(20)` sets the day of the decisions that follow."""

    def at(day: int, hour: int = 12) -> None:
        moment = dt.datetime(2026, 11, day, hour, tzinfo=dt.UTC)
        monkeypatch.setattr(decisions, "database_now", lambda _: moment)

    return at


@pytest.fixture
def day() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


def test_figures_follow_decisions_undo_second_rounds_and_withdrawals(
    studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor, manager: Actor, on, monkeypatch
) -> None:
    studio = studio_on_both
    shirts = images.make(editor, 4, category="Shirts")
    bags = images.make(editor, 3, category="Bags", model="second")
    check_against_rows(studio)
    on(18)
    for image in (*shirts, *bags):
        act(studio, editor, image, Action.SUBMIT)
    check_against_rows(studio)
    on(19)
    for image in shirts[:3]:
        act(studio, reviewer, image, Action.APPROVE)
    act(studio, reviewer, shirts[3], Action.REJECT, "halo")
    act(studio, reviewer, bags[0], Action.REJECT, "shape")
    check_against_rows(studio)
    on(20, hour=23)
    act(studio, editor, shirts[3], Action.SUBMIT)  # a second round moves the verdict that stands to another day
    on(21, hour=0)
    act(studio, reviewer, shirts[3], Action.APPROVE)
    assert marked(studio) >= {dt.date(2026, 11, 19), dt.date(2026, 11, 21)}
    check_against_rows(studio)
    monkeypatch.undo()
    act(studio, reviewer, bags[1], Action.APPROVE)
    check_against_rows(studio)
    undo(studio, reviewer, bags[1], next(KEYS))
    check_against_rows(studio)
    act(studio, manager, shirts[0], Action.WITHDRAW)
    check_against_rows(studio)
    with studio.reading() as session:
        found = session.execute(
            sa.select(QualityVerdict.category, QualityVerdict.reason, sa.func.sum(QualityVerdict.standing))
            .group_by(QualityVerdict.category, QualityVerdict.reason)
            .having(sa.func.sum(QualityVerdict.standing) > 0)
        ).all()
    assert set(found) == {("Shirts", "", 4), ("Bags", "shape", 1)}


def test_figures_follow_scores_that_come_later_change_or_go(
    studio_on_both: Studio, images: Images, editor: Actor, day: dt.date
) -> None:
    studio = studio_on_both
    first, second = images.make(editor, 2, scores={"fill": 80.0})
    check_against_rows(studio)
    with studio.writing() as session:
        session.add(Score(asset_id=first, metric="fill", version=9, value=90.0))  # a newer scorer
        session.execute(sa.insert(Score), [{"asset_id": second, "metric": "centring", "version": 1, "value": 0.1}])
    assert marked(studio) == {day}
    check_against_rows(studio)
    with studio.writing() as session:
        session.execute(sa.update(Score).where(Score.asset_id == second, Score.metric == "fill").values(value=None))
    assert marked(studio) == {day}
    check_against_rows(studio)
    with studio.reading() as session:
        assert session.execute(sa.select(QualityScore.metric, QualityScore.n, QualityScore.total)).all() == [
            ("centring", 1, 0.1),
            ("fill", 1, 90.0),
        ]
    with studio.writing() as session:
        session.execute(sa.delete(Score).where(Score.asset_id == second))
    assert marked(studio) == {day}
    check_against_rows(studio)


def test_computing_goes_to_the_images_of_its_order(
    studio_on_both: Studio, images: Images, editor: Actor, day: dt.date
) -> None:
    studio = studio_on_both
    images.make(editor, 4, category="Shirts", compute_seconds=10.0)
    check_against_rows(studio)
    with studio.writing() as session:
        job = session.scalars(sa.select(Job)).one()
        session.add(Job(id="retry", kind="images", title="again", owner_id=editor.id, total=1, retry_of_id=job.id))
        job.compute_seconds = 12.0
    assert marked(studio) == {day}
    with studio.writing() as session:
        session.get_one(Job, "retry").compute_seconds = 3.0
    check_against_rows(studio)
    with studio.reading() as session:
        assert session.execute(sa.select(QualityDay.category, QualityDay.compute_seconds)).all() == [("Shirts", 15.0)]


def test_a_change_while_a_day_is_counted_is_counted_again(
    studio_on_both: Studio, images: Images, editor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = studio_on_both
    if studio.engine.dialect.name == "sqlite":
        pytest.skip("SQLite writes one transaction at a time")
    (image,) = images.make(editor, 1, scores={"fill": 80.0})
    counted = rollups.count_day

    def count_and_be_disturbed(session: sa.orm.Session, day: dt.date) -> None:
        counted(session, day)
        with studio.writing() as other:
            other.add(Score(asset_id=image, metric="centring", version=1, value=0.1))

    monkeypatch.setattr(rollups, "count_day", count_and_be_disturbed)
    with studio.writing() as session:
        assert rollups._count_next(session)
    monkeypatch.undo()
    assert standing(studio).days == 1
    check_against_rows(studio)


def test_a_page_counts_what_it_can_and_says_what_is_left(
    studio_on_both: Studio, images: Images, editor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = studio_on_both
    images.make(editor, 2)
    monkeypatch.setattr(rollups, "_MOMENT_SECONDS", 0.0)
    left = refreshed(studio)
    assert left.days == 1
    assert left.since is not None
    monkeypatch.undo()
    assert refreshed(studio).days == 0
    assert bring_up_to_date(studio, seconds=1) == 0
