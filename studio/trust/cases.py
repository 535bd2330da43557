"""What people decided, with the scores that the image had at that moment: what a calibration learns from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetState, Decision, OpinionKind, SecondOpinion
from studio.review.verdicts import is_last_verdict
from studio.trust.itself import itself_id
from studio.trust.measures import Bools
from studio.trust.model import Floats, Model, Scores

MOST = 50_000
"""So many of the newest verdicts are looked at."""


@dataclass(frozen=True)
class Case:
    """One verdict of a person on an image."""

    asset_id: int
    category: str
    at: dt.datetime
    approved: bool
    scores: Scores


def cases(
    session: Session, *, since: dt.datetime | None = None, category: str | None = None, limit: int = MOST
) -> list[Case]:
    """The newest `limit` verdicts of people, the oldest first, one an image: the one that stands.

    Verdicts of the studio itself say nothing of people; where people looked at such an image unasked and blind, what
    they said counts. These are fewer than the images that they stand for, which shifts no probability that is told from
    the scores themselves.
    """
    found = {case.asset_id: case for case in [*_decided(session, since, category, limit)]}
    found |= {case.asset_id: case for case in _audited(session, since, category, limit)}
    return sorted(found.values(), key=lambda case: (case.at, case.asset_id))[-limit:]


def count_cases(session: Session) -> tuple[int, int]:
    """How many verdicts of people there are, MOST at most, and how many of these approved; without reading scores."""
    newest = sa.select(Decision.to_state).where(is_last_verdict(Decision), Decision.user_id != itself_id(session))
    some = newest.order_by(Decision.at.desc()).limit(MOST).subquery()
    approved = sa.func.count(sa.case((some.c.to_state == AssetState.APPROVED, 1)))
    n, good = session.execute(sa.select(sa.func.count(), approved).select_from(some)).one()
    return n, good


def foretell(model: Model, some: Sequence[Case]) -> Floats:
    """The probability of each case by the model."""
    return model.predict([case.scores for case in some], [case.category for case in some])


def outcomes(some: Sequence[Case]) -> Bools:
    """Which were approved."""
    return np.array([case.approved for case in some], dtype=np.bool_)


def _decided(session: Session, since: dt.datetime | None, category: str | None, limit: int) -> list[Case]:
    query = (
        sa.select(Decision.asset_id, Asset.category, Decision.at, Decision.to_state, Decision.scores)
        .join(Asset, Asset.id == Decision.asset_id)
        .where(is_last_verdict(Decision), Decision.user_id != itself_id(session))
        .order_by(Decision.at.desc())
        .limit(limit)
    )
    if since is not None:
        query = query.where(Decision.at > since)
    if category is not None:
        query = query.where(Asset.category == category)
    rows = session.execute(query).all()
    return [Case(id_, kind, at, state is AssetState.APPROVED, told) for id_, kind, at, state, told in rows if told]


def _audited(session: Session, since: dt.datetime | None, category: str | None, limit: int) -> list[Case]:
    query = (
        sa.select(
            SecondOpinion.asset_id, Asset.category, SecondOpinion.answered_at, SecondOpinion.verdict, Decision.scores
        )
        .join(Asset, Asset.id == SecondOpinion.asset_id)
        .join(Decision, Decision.id == SecondOpinion.decision_id)
        .where(SecondOpinion.kind == OpinionKind.AUDIT, SecondOpinion.verdict.is_not(None))
        .order_by(SecondOpinion.answered_at.desc())
        .limit(limit)
    )
    if since is not None:
        query = query.where(SecondOpinion.answered_at > since)
    if category is not None:
        query = query.where(Asset.category == category)
    rows = session.execute(query).all()
    return [
        Case(id_, kind, at, verdict is AssetState.APPROVED, told)
        for id_, kind, at, verdict, told in rows
        if at is not None and told
    ]
