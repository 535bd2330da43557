"""The key figures of a period beside those of the period before it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from db.tables import Asset, AssetState, Decision, Job, Role, utc_now
from studio.bootstrap import Studio
from studio.errors import InputError
from studio.quality.rates import Rate, percentile, seconds_between, wilson
from studio.review.states import UNDO
from studio.review.verdicts import VERDICTS, is_first_verdict, is_last_verdict, is_verdict
from studio.roles import Actor, require

MAX_DAYS = 3_660


@dataclass(frozen=True)
class PeriodFigures:
    """What happened from `start` to `end`.

    `approval`: of the images decided on, those approved. `first_pass`: those approved at their first verdict. `undone`:
    of all verdicts, those taken back. Seconds to decide run from the last sending to review; None without verdicts, as
    is `compute_per_approved`, the computing seconds of the period's jobs for each image approved in it.
    """

    start: dt.datetime
    end: dt.datetime
    images: int
    approval: Rate
    first_pass: Rate
    undone: Rate
    median_seconds: float | None
    p90_seconds: float | None
    compute_per_approved: float | None


@dataclass(frozen=True)
class Kpis:
    """The period until now, the one of the same length before it, and the queue of this moment."""

    now: PeriodFigures
    before: PeriodFigures
    waiting: int
    oldest_seconds: float | None


def kpis(studio: Studio, actor: Actor | None, *, days: int = 30) -> Kpis:
    """The key figures of the last `days` days. Raises InputError."""
    require(actor, Role.VIEWER)
    if not 1 <= days <= MAX_DAYS:
        raise InputError(f"A period has 1 to {MAX_DAYS:,} days, got {days}.")
    end, length = utc_now(), dt.timedelta(days=days)
    with studio.reading() as session:
        waiting = Asset.state == AssetState.IN_REVIEW
        number = session.scalar(sa.select(sa.func.count()).select_from(Asset).where(waiting)) or 0
        since = sa.select(sa.func.min(Decision.at)).join(
            Asset, sa.and_(Asset.id == Decision.asset_id, Asset.revision == Decision.revision)
        )
        oldest = session.scalar(since.where(waiting))
        return Kpis(
            now=_figures(session, end - length, end),
            before=_figures(session, end - 2 * length, end - length),
            waiting=number,
            oldest_seconds=None if oldest is None else (end - oldest).total_seconds(),
        )


def _figures(session: Session, start: dt.datetime, end: dt.datetime) -> PeriodFigures:
    def within(moment: sa.orm.InstrumentedAttribute[dt.datetime]) -> sa.ColumnElement[bool]:
        return sa.and_(moment > start, moment <= end)

    def verdicts(condition: sa.ColumnElement[bool], success: sa.ColumnElement[bool]) -> Rate:
        counted = sa.func.count(), sa.func.count(sa.case((success, 1)))
        n, successes = session.execute(sa.select(*counted).where(condition, within(Decision.at))).one()
        return wilson(successes, n)

    given = sa.and_(
        Decision.to_state.in_(VERDICTS),
        Decision.from_state == AssetState.IN_REVIEW,
        sa.func.coalesce(Decision.reason, "") != UNDO,
    )
    approved = Decision.to_state == AssetState.APPROVED
    approval = verdicts(is_last_verdict(Decision), approved)
    median, p90 = _times(session, sa.and_(is_verdict(Decision), within(Decision.at)))
    images = session.scalar(sa.select(sa.func.count()).select_from(Asset).where(within(Asset.created_at)))
    seconds = session.scalar(sa.select(sa.func.sum(Job.compute_seconds)).where(within(Job.created_at))) or 0.0
    return PeriodFigures(
        start=start,
        end=end,
        images=images or 0,
        approval=approval,
        first_pass=verdicts(is_first_verdict(Decision), approved),
        undone=verdicts(given, sa.not_(is_verdict(Decision))),
        median_seconds=median,
        p90_seconds=p90,
        compute_per_approved=seconds / approval.successes if approval.successes else None,
    )


def _times(session: Session, condition: sa.ColumnElement[bool]) -> tuple[float | None, float | None]:
    """Median and 90th percentile of the seconds from the last sending to review to the verdict."""
    sent = aliased(Decision)
    sent_at = (
        sa.select(sa.func.max(sent.at))
        .where(
            sent.asset_id == Decision.asset_id,
            sent.revision < Decision.revision,
            sent.to_state == AssetState.IN_REVIEW,
            sa.func.coalesce(sent.reason, "") != UNDO,
        )
        .scalar_subquery()
    )
    seconds = (
        sa.select(seconds_between(session, sent_at, Decision.at).label("seconds")).where(condition).subquery().c.seconds
    )
    ranked = sa.select(
        seconds.label("seconds"),
        sa.func.row_number().over(order_by=seconds).label("rank"),
        sa.func.count().over().label("n"),
    )
    row = ranked.where(seconds.is_not(None)).subquery().c
    median, p90 = session.execute(sa.select(*(percentile(row.rank, row.n, row.seconds, p) for p in (50, 90)))).one()
    return (None, None) if median is None else (float(median), float(p90))
