"""After a verdict: by the rates of the team, somebody is asked about an image that is decided already."""

from __future__ import annotations

import random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetState, Decision, GoldImage, OpinionKind, SecondOpinion, utc_now
from studio.review.asked import DECIDED, task_ids, untouched_by
from studio.review.opinion_rates import rates_of
from studio.review.verdicts import VERDICTS

_MIXED_INTO = 60
"""Among so many of the images that wait longest the asked one takes its place."""


def ask_after(session: Session, row: Decision) -> None:
    """To be called in the transaction of each decision: another reviewer may be asked about its image, and its author
    about a gold image.
    """
    if row.from_state is not AssetState.IN_REVIEW or row.to_state not in VERDICTS:
        return
    rates = rates_of(session)
    if random.random() < rates.second:
        _ask_another(session, row)
    if random.random() < rates.gold:
        _ask_about_gold(session, row.user_id)


def ask_to_audit(session: Session, row: Decision) -> SecondOpinion:
    """Ask whoever comes first about an image that the studio approved by itself (`row`)."""
    task = _task(session, session.get_one(Asset, row.asset_id), OpinionKind.AUDIT, decision_id=row.id)
    session.add(task)
    session.flush()
    return task


def _ask_another(session: Session, row: Decision) -> None:
    image = session.get_one(Asset, row.asset_id)
    asked = session.scalar(
        sa.select(SecondOpinion).where(
            SecondOpinion.asset_id == image.id,
            SecondOpinion.kind == OpinionKind.SECOND,
            SecondOpinion.answered_by_id.is_(None),
        )
    )
    if asked is not None:  # the verdict before was taken back, or the image reopened
        asked.decision_id, asked.seen_revision, asked.created_at = row.id, image.revision + 1, utc_now()
        return
    session.add(_task(session, image, OpinionKind.SECOND, decision_id=row.id))


def _ask_about_gold(session: Session, user_id: int) -> None:
    """One of the gold images that the person does not know yet, drawn at random."""
    drawn = (
        sa.select(Asset)
        .join(GoldImage, GoldImage.asset_id == Asset.id)
        .where(
            GoldImage.retired_at.is_(None),
            GoldImage.marked_by_id != user_id,
            Asset.state.in_(DECIDED),
            untouched_by(user_id),
            Asset.id.not_in(task_ids(user_id)),
        )
        .order_by(sa.func.random())
        .limit(1)
    )
    image = session.scalar(drawn)
    if image is not None:
        session.add(_task(session, image, OpinionKind.GOLD, for_id=user_id))


def _task(
    session: Session, image: Asset, kind: OpinionKind, *, decision_id: int | None = None, for_id: int | None = None
) -> SecondOpinion:
    """A new question about an image, placed at random among those that wait longest."""
    waiting = (
        sa.select(Asset.state_since)
        .where(Asset.state == AssetState.IN_REVIEW, Asset.priority == image.priority)
        .order_by(Asset.state_since, Asset.id)
        .limit(_MIXED_INTO)
    )
    moments = session.scalars(waiting).all()
    return SecondOpinion(
        asset_id=image.id,
        kind=kind,
        decision_id=decision_id,
        for_id=for_id,
        seen_revision=image.revision + 1,  # no image waits at it: a decision on the real one is never taken for this
        since=random.choice(moments) if moments else utc_now(),
    )
