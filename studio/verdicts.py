"""Which decisions count as the outcome of a review, in SQL: for the figures, and for the images behind a figure."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from db.tables import AssetState, Decision
from studio.states import UNDO

VERDICTS = (AssetState.APPROVED, AssetState.CHANGES_REQUESTED)


def is_verdict(decision: type[Decision]) -> sa.ColumnElement[bool]:
    """An approval or a rejection of an image in review that was not taken back."""
    undoing = aliased(Decision)
    return sa.and_(
        decision.to_state.in_(VERDICTS),
        decision.from_state == AssetState.IN_REVIEW,
        sa.func.coalesce(decision.reason, "") != UNDO,
        ~sa.exists().where(
            undoing.asset_id == decision.asset_id,
            undoing.revision == decision.revision + 1,
            undoing.reason == UNDO,
        ),
    )


def is_last_verdict(decision: type[Decision]) -> sa.ColumnElement[bool]:
    """The verdict that stands: no later one on the same image. At most one an image."""
    later = aliased(Decision)
    return sa.and_(
        is_verdict(decision),
        ~sa.exists().where(later.asset_id == decision.asset_id, later.revision > decision.revision, is_verdict(later)),
    )


def is_first_verdict(decision: type[Decision]) -> sa.ColumnElement[bool]:
    """The first verdict on its image."""
    earlier = aliased(Decision)
    return sa.and_(
        is_verdict(decision),
        ~sa.exists().where(
            earlier.asset_id == decision.asset_id, earlier.revision < decision.revision, is_verdict(earlier)
        ),
    )


def day_bounds(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """First moment of a day in UTC and first moment of the next."""
    start = dt.datetime.combine(day, dt.time(), dt.UTC)
    return start, start + dt.timedelta(days=1)
