"""Which decisions count as the outcome of a review, in SQL: for the figures, and for the images behind a figure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, aliased

from db.tables import AssetState, Decision
from studio.errors import InputError
from studio.review.states import UNDO

VERDICTS = (AssetState.APPROVED, AssetState.CHANGES_REQUESTED)


@dataclass(frozen=True)
class Days:
    """The days `since` to `until` in UTC, both included; None is open. As text: "2026-11-01..2026-11-23"."""

    since: dt.date | None = None
    until: dt.date | None = None

    def __str__(self) -> str:
        return f"{self.since or ''}..{self.until or ''}"

    @classmethod
    def parse(cls, text: str) -> Days:
        """Read the text form. Raises InputError."""
        since, dots, until = text.partition("..")
        try:
            if not dots:
                raise ValueError(text)
            return cls(*(dt.date.fromisoformat(day) if day else None for day in (since, until)))
        except ValueError as error:
            raise InputError(
                f"Days are given as 2026-11-01..2026-11-23 (an end may be empty), got {text!r}."
            ) from error


def was_given(decision: type[Decision]) -> sa.ColumnElement[bool]:
    """An approval or a rejection of an image in review, whether or not it was taken back since."""
    return sa.and_(
        decision.to_state.in_(VERDICTS),
        decision.from_state == AssetState.IN_REVIEW,
        sa.func.coalesce(decision.reason, "") != UNDO,
    )


def was_taken_back(decision: type[Decision]) -> sa.ColumnElement[bool]:
    """A decision that the next one on the image took back."""
    undoing = aliased(Decision)
    return sa.exists().where(
        undoing.asset_id == decision.asset_id,
        undoing.revision == decision.revision + 1,
        undoing.reason == UNDO,
    )


def is_verdict(decision: type[Decision]) -> sa.ColumnElement[bool]:
    """An approval or a rejection of an image in review that was not taken back."""
    return sa.and_(was_given(decision), ~was_taken_back(decision))


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


def within(
    moment: InstrumentedAttribute[dt.datetime]
    | InstrumentedAttribute[dt.datetime | None]
    | sa.ColumnElement[dt.datetime],
    days: Days | None,
) -> list[sa.ColumnElement[bool]]:
    """The conditions that a moment lies in these days; none for None."""
    found: list[sa.ColumnElement[bool]] = []
    if days is not None and days.since is not None:
        found.append(moment >= dt.datetime.combine(days.since, dt.time(), dt.UTC))
    if days is not None and days.until is not None:
        found.append(moment < dt.datetime.combine(days.until + dt.timedelta(days=1), dt.time(), dt.UTC))
    return found
