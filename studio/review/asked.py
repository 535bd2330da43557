"""Which decided images a reviewer is asked about, in SQL."""

from __future__ import annotations

import datetime as dt
from typing import TypeVarTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from db.plans import beside_index
from db.tables import Asset, AssetState, Decision, Role, SecondOpinion, User, utc_now

Columns = TypeVarTuple("Columns")

ASKED_DAYS = 14
"""So long an image is asked about: what piled up unanswered would keep a newcomer from the images that wait."""

DECIDED = (AssetState.APPROVED, AssetState.PUBLISHED, AssetState.CHANGES_REQUESTED)
"""States of an image that can be asked about."""

_REVIEWERS = (Role.REVIEWER, Role.MANAGER, Role.ADMIN)


def task_ids(actor_id: int) -> sa.Select[int]:
    """Ids of the images that a person is asked about, in SQL; none for who is no reviewer."""
    return _tasks(sa.select(SecondOpinion.asset_id), actor_id).correlate(None)


def open_tasks(actor_id: int) -> sa.Select[SecondOpinion]:
    """What a person is asked and has not answered, in SQL."""
    return _tasks(sa.select(SecondOpinion), actor_id)


def untouched_by(actor_id: int) -> sa.ColumnElement[bool]:
    """Images (`assets` in the query) that a person neither made nor ever decided or was heard about."""
    decided, answered = aliased(Decision), aliased(SecondOpinion)
    return sa.and_(
        Asset.created_by_id != actor_id,
        ~sa.exists().where(
            decided.asset_id == Asset.id,
            beside_index(decided.user_id) == actor_id,  # an image has few decisions, a reviewer has thousands
            decided.from_state == AssetState.IN_REVIEW,
        ),
        ~sa.exists().where(answered.asset_id == Asset.id, answered.answered_by_id == actor_id),
    )


def _tasks(query: sa.Select[*Columns], actor_id: int) -> sa.Select[*Columns]:
    return query.join(Asset, Asset.id == SecondOpinion.asset_id).where(
        SecondOpinion.answered_by_id.is_(None),
        SecondOpinion.for_id.is_(None) | (SecondOpinion.for_id == actor_id),
        SecondOpinion.created_at > utc_now() - dt.timedelta(days=ASKED_DAYS),
        Asset.state.in_(DECIDED),
        untouched_by(actor_id),
        sa.exists().where(User.id == actor_id, User.role.in_(_REVIEWERS)),
    )
