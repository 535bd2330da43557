"""The log of an image's decisions: read, added to, never changed."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from db.clock import database_now
from db.tables import Asset, AssetState, Decision, Role, Score, User
from studio.bootstrap import Studio
from studio.errors import Conflict, NotFound, StaleDecision
from studio.review.sealing import to_be_sealed
from studio.review.states import REASONS, UNDO
from studio.roles import Actor, require

# What each decision asks is built once: building a statement costs more than running it.
_BY_KEY = sa.select(Decision).where(Decision.idempotency_key == sa.bindparam("key"))
_OF_REVISION = (Decision.asset_id == sa.bindparam("asset_id"), Decision.revision == sa.bindparam("revision"))
_LAST = sa.select(Decision).where(*_OF_REVISION)
_LAST_AT = sa.select(Decision.at).where(*_OF_REVISION)
_SCORES = (
    sa.select(Score.metric, Score.version, Score.value)
    .where(Score.asset_id == sa.bindparam("asset_id"))
    .order_by(Score.version)  # a newer version comes later
)
_ADD = sa.insert(Decision).returning(Decision.id)
_MOVE = (
    sa.update(Asset)
    .where(Asset.id == sa.bindparam("asset_id"))
    .values({name: sa.bindparam(f"new_{name}") for name in ("state", "revision", "state_since")})
)


@dataclass(frozen=True)
class DecisionView:
    """One line of an image's history. `undo`: it took the line before it back. `approval`: it is one of several
    approvals that the image needs, not the last one.

    scores: metric -> {"version", "value"} at that moment; None in lines from before they were kept.
    """

    id: int
    revision: int
    from_state: AssetState
    to_state: AssetState
    undo: bool
    approval: bool
    user: str
    at: dt.datetime
    reason: str | None
    comment: str
    asset_sha256: str
    scores: dict[str, Any] | None


def history(studio: Studio, actor: Actor | None, asset_id: int) -> tuple[DecisionView, ...]:
    """All decisions on an image, the oldest first. Raises NotFound."""
    require(actor, Role.VIEWER)
    query = (
        sa.select(Decision, User.name).join(User, User.id == Decision.user_id).where(Decision.asset_id == asset_id)
    ).order_by(Decision.revision)
    with studio.reading() as session:
        if session.get(Asset, asset_id) is None:
            raise NotFound(f"There is no image {asset_id}.")
        return tuple(
            DecisionView(
                id=row.id,
                revision=row.revision,
                from_state=row.from_state,
                to_state=row.to_state,
                undo=row.reason == UNDO,
                approval=is_one_of_several(row),
                user=name,
                at=row.at,
                reason=None if row.reason == UNDO else row.reason,
                comment=row.comment,
                asset_sha256=row.asset_sha256,
                scores=row.scores,
            )
            for row, name in session.execute(query)
        )


def locked(session: Session, asset_id: int) -> Asset:
    """The image, which nobody else changes until the transaction ends. Raises NotFound."""
    image = session.get(Asset, asset_id, with_for_update=True)
    if image is None:
        raise NotFound(f"There is no image {asset_id}.")
    return image


def append(
    session: Session,
    image: Asset,
    to_state: AssetState,
    actor: Actor,
    key: str,
    *,
    reason: str | None = None,
    comment: str = "",
) -> Decision:
    """Write the next line of the log, and bring the image to `to_state`. The image must be locked.

    The line is sealed at the end of the transaction. Its time is the database's, never before the line it follows.
    """
    session.flush()  # what follows goes past the session, which takes three times as long
    last = session.connection().scalar(_LAST_AT, {"asset_id": image.id, "revision": image.revision})
    now = database_now(session)
    facts = {
        "asset_id": image.id,
        "revision": image.revision + 1,
        "from_state": image.state,
        "to_state": to_state,
        "user_id": actor.id,
        "at": now if last is None else max(now, last),
        "reason": reason,
        "comment": comment,
        "asset_sha256": image.sha256,
        "model_version_id": image.model_version_id,
        "idempotency_key": key,
        "scores": scores_now(session, image.id),
    }
    row = Decision(**facts)
    row.id = session.connection().execute(_ADD, facts).scalar_one()
    since = image.state_since
    if to_state is not image.state:
        since = _came_into(session, image, to_state) if reason == UNDO else row.at
    moved = {"state": to_state, "revision": row.revision, "state_since": since}
    session.connection().execute(_MOVE, {"asset_id": image.id} | {f"new_{name}": new for name, new in moved.items()})
    for name, new in moved.items():
        set_committed_value(image, name, new)
    to_be_sealed(session, row)
    return row


def _came_into(session: Session, image: Asset, state: AssetState) -> dt.datetime:
    """When the image came into a state to which it now returns: it waits no less because a decision was taken back."""
    came = sa.select(Decision.at).where(Decision.asset_id == image.id, Decision.to_state == state)
    came = came.where(Decision.from_state != state, sa.func.coalesce(Decision.reason, "") != UNDO)
    return session.scalar(came.order_by(Decision.revision.desc()).limit(1)) or image.created_at


def repeated(session: Session, actor: Actor, image: Asset, key: str) -> Decision | None:
    """The decision that this key made already. Raises Conflict when it was another person's or on another image."""
    row = session.scalar(_BY_KEY, {"key": key})
    if row is not None and (row.user_id, row.asset_id) != (actor.id, image.id):
        raise Conflict(f"The key {key!r} was used for another decision; make a new one.")
    return row


def last_decision(session: Session, image: Asset) -> Decision | None:
    """The decision that brought the image where it stands; None for a new one."""
    return session.scalar(_LAST, {"asset_id": image.id, "revision": image.revision})


def is_one_of_several(row: Decision) -> bool:
    """Whether the decision is an approval that left the image in review, for another person to approve as well."""
    return row.from_state is row.to_state is AssetState.IN_REVIEW and row.reason != UNDO


def approvers(rows: Iterable[Decision]) -> tuple[int, ...]:
    """Ids of those whose approval still counts after these decisions on one image, given oldest first.

    One that was taken back does not count, nor one from before the image last came into review.
    """
    standing: list[Decision] = []
    for row in rows:
        if row.reason == UNDO:
            del standing[-1:]
        else:
            standing.append(row)
    found: list[int] = []
    for row in reversed(standing):
        if not is_one_of_several(row):
            break
        found.append(row.user_id)
    return tuple(reversed(found))


def scores_now(session: Session, asset_id: int) -> dict[str, dict[str, float | None]]:
    """The scores of an image by metric, each of the newest version of its scorer."""
    rows = session.execute(_SCORES, {"asset_id": asset_id})
    return {metric: {"version": version, "value": value} for metric, version, value in rows}


def stale(session: Session, image: Asset) -> StaleDecision:
    """The refusal of a decision that was taken on an outdated view."""
    told_now = told(session, image)
    return StaleDecision(
        f"Image {image.id} changed since you saw it: it is {word(image.state)} now. {told_now} Nothing was saved.",
        current_state=image.state.value,
        last_decision=told_now,
    )


def told(session: Session, image: Asset) -> str:
    """Who did what to the image last, and when; empty for a new one."""
    last = last_decision(session, image)
    if last is None:
        return ""
    name = session.scalar(sa.select(User.name).where(User.id == last.user_id))
    did = "took a decision back" if last.reason == UNDO else f"set it to {word(last.to_state)}"
    if is_one_of_several(last):
        did = "approved it, as one of several"
    why = f" ({REASONS[last.reason].label.lower()})" if last.reason in REASONS else ""
    return f"{name} {did}{why} at {last.at:%Y-%m-%d %H:%M:%S} UTC."


def word(state: AssetState) -> str:
    """The state in words of a sentence."""
    return state.value.replace("_", " ")


def derived_key(*parts: object) -> str:
    """An idempotency key that is the same whenever the parts are."""
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()


def storable(text: str) -> bool:
    """Whether every database can hold the text: no NUL, no half of a surrogate pair."""
    return "\0" not in text and text.encode("utf-8", errors="ignore").decode() == text
