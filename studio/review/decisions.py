"""The log of an image's decisions: read, added to, never changed."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetState, Decision, User, utc_now
from studio.errors import Conflict, NotFound, StaleDecision
from studio.review.states import REASONS, UNDO
from studio.roles import Actor


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
    """Write the next line of the log, and bring the image to `to_state`. The image must be locked."""
    row = Decision(
        asset_id=image.id,
        revision=image.revision + 1,
        from_state=image.state,
        to_state=to_state,
        user_id=actor.id,
        at=utc_now(),
        reason=reason,
        comment=comment,
        asset_sha256=image.sha256,
        model_version_id=image.model_version_id,
        idempotency_key=key,
    )
    session.add(row)
    image.state, image.revision = to_state, row.revision
    session.flush()
    return row


def repeated(session: Session, actor: Actor, image: Asset, key: str) -> Decision | None:
    """The decision that this key made already. Raises Conflict when it was another person's or on another image."""
    row = session.scalar(sa.select(Decision).where(Decision.idempotency_key == key))
    if row is not None and (row.user_id, row.asset_id) != (actor.id, image.id):
        raise Conflict(f"The key {key!r} was used for another decision; make a new one.")
    return row


def last_decision(session: Session, image: Asset) -> Decision | None:
    """The decision that brought the image where it stands; None for a new one."""
    return session.scalar(sa.select(Decision).where(Decision.asset_id == image.id, Decision.revision == image.revision))


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
