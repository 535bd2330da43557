"""Keeps the figures of quality counted by day. The only module that writes them.

A day that changed carries a mark from the transaction of the change (triggers of the database leave it), and is counted
anew in whole from the rows themselves: there is no sum that could drift from what it sums up.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import (
    Base,
    QualityDay,
    QualityReviewer,
    QualityScore,
    QualityVerdict,
    RollupMark,
)
from studio.bootstrap import Studio
from studio.errors import DatabaseBusy
from studio.quality import raw_counts

_MOMENT_SECONDS = 0.3
_LOCK = 0x524F4C4C  # of PostgreSQL's advisory lock: who counts, counts alone


@dataclass(frozen=True)
class Standing:
    """How far the figures are behind. days: to be counted anew; since: when the first of them changed."""

    days: int
    since: dt.datetime | None


def standing(studio: Studio) -> Standing:
    """What is not in the figures yet; none of it, most of the time."""
    query = sa.select(sa.func.count(RollupMark.day.distinct()), sa.func.min(RollupMark.marked_at))
    with studio.reading() as session:
        days, since = session.execute(query).one()
    return Standing(days, since)


def bring_up_to_date(studio: Studio, *, seconds: float) -> int:
    """Count marked days anew, the latest first, for about so many seconds; returns how many days were counted.

    Each day is a transaction of its own, so that nobody waits long. Where another process counts just now, it is left
    to that one.
    """
    start, counted = time.monotonic(), 0
    while time.monotonic() - start < seconds:
        if standing(studio).days == 0:  # asked as a reader: on SQLite every other transaction holds up those who write
            break
        with studio.writing() as session:
            if not _count_next(session):
                break
        counted += 1
    return counted


def _count_next(session: Session) -> bool:
    """Count one day; False when there is none, or another process is at it."""
    free = sa.select(sa.func.pg_try_advisory_xact_lock(_LOCK))
    if session.get_bind().dialect.name == "postgresql" and not session.scalar(free):
        return False
    day = session.scalar(sa.select(sa.func.max(RollupMark.day)))
    if day is None:
        return False
    # The marks go first: what is marked from now on is not sure to be in the rows read below, and its mark stays.
    session.execute(sa.delete(RollupMark).where(RollupMark.day == day))
    count_day(session, day)
    return True


def count_day(session: Session, day: dt.date) -> None:
    """Replace all figures of a day by what its rows say."""
    tables: tuple[type[Base], ...] = (QualityDay, QualityVerdict, QualityReviewer, QualityScore)
    rows = defaultdict(list)
    for row in rows_of(session, day):
        rows[type(row)].append(row)
    for table in tables:
        session.execute(sa.delete(table).where(sa.column("day") == day))
        if rows[table]:
            columns = [column.key for column in sa.inspect(table).columns]
            session.execute(sa.insert(table), [{name: getattr(row, name) for name in columns} for row in rows[table]])


def rows_of(session: Session, day: dt.date) -> Iterable[Base]:
    """The figures of a day, counted from the rows."""
    yield from raw_counts.days(session, day)
    yield from raw_counts.verdicts(session, day)
    yield from raw_counts.reviewers(session, day)
    yield from raw_counts.scores(session, day)


def refreshed(studio: Studio) -> Standing:
    """For pages: count what takes a moment, then say what is left. A database that is busy is not waited for twice."""
    now = standing(studio)
    if now.days == 0:
        return now
    with suppress(DatabaseBusy):
        bring_up_to_date(studio, seconds=_MOMENT_SECONDS)
    return standing(studio)
