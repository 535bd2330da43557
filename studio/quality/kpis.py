"""The key figures of a period beside those of the period before it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetState, QualityDay, QualityVerdict, Role, utc_now
from studio.bootstrap import Studio
from studio.errors import InputError
from studio.quality.costs import Cost, cost_of
from studio.quality.figures import QualityFilter, matching
from studio.quality.rates import Rate, wilson
from studio.quality.waits import Wait, wait_of
from studio.review.verdicts import Days
from studio.roles import Actor, require

MAX_DAYS = 3_660


@dataclass(frozen=True)
class PeriodFigures:
    """What happened on the days, in UTC.

    `approval`: of the images decided on, those approved. `first_pass`: those approved at their first verdict. `undone`:
    of all verdicts, those taken back.
    """

    days: Days
    images: int
    approval: Rate
    first_pass: Rate
    undone: Rate
    wait: Wait
    cost: Cost


@dataclass(frozen=True)
class Kpis:
    """The period, the one of the same length before it, and the queue of this moment."""

    now: PeriodFigures
    before: PeriodFigures
    waiting: int
    oldest_seconds: float | None


def last_days(number: int, today: dt.date | None = None) -> Days:
    """The last `number` days in UTC, today among them. Raises InputError."""
    if not 1 <= number <= MAX_DAYS:
        raise InputError("A period has 1 to {most} days, got {number}.", most=f"{MAX_DAYS:,}", number=number)
    today = today or utc_now().date()
    return Days(today - dt.timedelta(days=number - 1), today)


def days_before(days: Days) -> Days:
    """As many days, just before these. Raises InputError where an end is open."""
    if days.since is None or days.until is None or days.until < days.since:
        raise InputError("A period needs its first and its last day, got {days}.", days=str(days))
    length = days.until - days.since + dt.timedelta(days=1)
    return Days(days.since - length, days.since - dt.timedelta(days=1))


def kpis(studio: Studio, actor: Actor | None, wanted: QualityFilter) -> Kpis:
    """The key figures of the days, which must have both ends. Raises InputError."""
    require(actor, Role.VIEWER)
    before = replace(wanted, days=days_before(wanted.days))
    waiting = [Asset.state == AssetState.IN_REVIEW]
    if wanted.category is not None:
        waiting.append(Asset.category == wanted.category)
    if wanted.model_version_id is not None:
        waiting.append(Asset.model_version_id == wanted.model_version_id)
    with studio.reading() as session:
        number, oldest = session.execute(
            sa.select(sa.func.count(), sa.func.min(Asset.state_since)).where(*waiting)
        ).one()
        return Kpis(
            now=figures_of(session, wanted),
            before=figures_of(session, before),
            waiting=number,
            oldest_seconds=None if oldest is None else (utc_now() - oldest).total_seconds(),
        )


def figures_of(session: Session, wanted: QualityFilter) -> PeriodFigures:
    """The figures of one period."""
    row, passed = QualityVerdict, QualityVerdict.reason == ""

    def total(column: sa.orm.InstrumentedAttribute[int], *, of_approved: bool = False) -> sa.ColumnElement[int]:
        counted = sa.case((passed, column), else_=0) if of_approved else column
        return sa.func.coalesce(sa.func.sum(counted), 0)

    sums = (
        *(total(column, of_approved=good) for column in (row.standing, row.first) for good in (True, False)),
        total(row.taken_back),
        total(row.given),
    )
    found = [int(n) for n in session.execute(sa.select(*sums).where(*matching(row, wanted))).one()]
    images = sa.select(sa.func.coalesce(sa.func.sum(QualityDay.images), 0)).where(*matching(QualityDay, wanted))
    return PeriodFigures(
        days=wanted.days,
        images=int(session.scalar(images) or 0),
        approval=wilson(found[0], found[1]),
        first_pass=wilson(found[2], found[3]),
        undone=wilson(found[4], found[5]),
        wait=wait_of(session, wanted),
        cost=cost_of(session, wanted),
    )
