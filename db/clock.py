"""The clock that all machines of one studio share."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import utc_now


def database_now(session: Session) -> dt.datetime:
    """The time by the database's clock, in UTC. Machines' own clocks may differ by more than a worker may be silent.

    A SQLite file is on the machine that asks, so that its clock is the machine's.
    """
    if session.get_bind().dialect.name == "sqlite":
        return utc_now()
    now: dt.datetime = session.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return now.astimezone(dt.UTC)
