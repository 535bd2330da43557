"""What reviewers are asked about decided images without knowing it: second opinions, and gold images.

Such an image stands in the queue as if it waited, and is decided by the same call. The answer is kept beside the log:
the image, its state and its log stay as they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.clock import database_now
from db.tables import Asset, Decision, OpinionKind, SecondOpinion, utc_now
from studio.errors import Conflict, IntegrityError
from studio.review.asked import DECIDED, open_tasks, task_ids, untouched_by
from studio.review.claims import refuse_claimed
from studio.review.permitting import check_seen
from studio.review.states import RULES, Action
from studio.roles import Actor

if TYPE_CHECKING:
    from studio.review.taking import Decide

__all__ = ["answer", "is_task_for", "open_tasks", "take_back", "task_ids", "to_take_back"]

_ANSWERS = (Action.APPROVE, Action.REJECT)
_BY_KEY = sa.select(SecondOpinion).where(SecondOpinion.idempotency_key == sa.bindparam("key"))


def is_task_for(session: Session, actor: Actor, asset_ids: Iterable[int]) -> set[int]:
    """Which of these images the actor is asked about, and should see as images that wait."""
    ids = list(asset_ids)
    return set(session.scalars(task_ids(actor.id).where(SecondOpinion.asset_id.in_(ids)))) if ids else set()


def answer(
    session: Session, actor: Actor, image: Asset, decision: Decide, damage: IntegrityError | None
) -> SecondOpinion | None:
    """Keep a decision as the answer to what the actor was asked; None where it is an ordinary decision.

    The image must be locked. An answer is refused where an ordinary decision would be: claimed by another, not
    displayed, its bytes damaged (`damage`), the key used for another one.
    """
    if decision.action not in _ANSWERS:
        return None
    verdict = RULES[decision.action].path[-1]
    earlier = session.scalar(_BY_KEY, {"key": decision.idempotency_key})
    if earlier is not None:
        if (earlier.answered_by_id, earlier.asset_id, earlier.verdict) != (actor.id, image.id, verdict):
            raise Conflict(f"The key {decision.idempotency_key!r} was used for another decision; make a new one.")
        return earlier
    if image.state not in DECIDED:
        return None
    asked = _asked(session, actor, image, decision.revision)
    if asked is None:
        return None
    refuse_claimed(session, actor, image)
    check_seen(image, decision)
    if damage is not None:
        raise damage
    asked.answered_by_id, asked.answered_at = actor.id, database_now(session)
    asked.verdict, asked.reason, asked.comment = verdict, decision.reason, decision.comment.strip()
    asked.idempotency_key = decision.idempotency_key
    session.flush()
    return asked


def to_take_back(session: Session, actor: Actor, image: Asset, key: str) -> SecondOpinion | None:
    """The actor's answer about an image, as long as they decided nothing on the image after it."""
    found = session.scalar(
        sa.select(SecondOpinion)
        .where(SecondOpinion.asset_id == image.id)
        .where((SecondOpinion.undo_key == key) | (SecondOpinion.answered_by_id == actor.id))
        .order_by(SecondOpinion.id.desc())
        .limit(1)
    )
    if found is None or found.answered_at is None:
        return found
    later = sa.exists().where(
        Decision.asset_id == image.id, Decision.user_id == actor.id, Decision.at > found.answered_at
    )
    return None if session.scalar(sa.select(later)) else found


def take_back(opinion: SecondOpinion, key: str) -> None:
    """Ask the one who answered again, at the revision that an ordinary decision taken back would lead to."""
    opinion.for_id, opinion.answered_by_id, opinion.answered_at = opinion.answered_by_id, None, None
    opinion.verdict, opinion.reason, opinion.comment, opinion.idempotency_key = None, None, "", None
    opinion.undo_key, opinion.seen_revision = key, opinion.seen_revision + 2


def _asked(session: Session, actor: Actor, image: Asset, revision: int) -> SecondOpinion | None:
    """The open question that the actor answers. Who answers what another answered a moment ago is heard as well."""
    of_it = (SecondOpinion.asset_id == image.id, SecondOpinion.seen_revision == revision)
    found = session.scalar(open_tasks(actor.id).where(*of_it).order_by(SecondOpinion.id).limit(1))
    if found is not None:
        return found
    answered = (
        sa.select(SecondOpinion)
        .join(Asset, Asset.id == SecondOpinion.asset_id)
        .where(
            *of_it,
            SecondOpinion.kind == OpinionKind.SECOND,
            SecondOpinion.for_id.is_(None),
            SecondOpinion.answered_at > utc_now() - dt.timedelta(days=1),
            untouched_by(actor.id),
        )
    )
    first = session.scalar(answered.order_by(SecondOpinion.id).limit(1))
    if first is None:
        return None
    also = SecondOpinion(
        asset_id=image.id,
        kind=OpinionKind.SECOND,
        decision_id=first.decision_id,
        seen_revision=revision,
        since=first.since,
    )
    session.add(also)
    return also
