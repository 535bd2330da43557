"""What a person should know: said to them once, kept until they read it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import InboxItem, Role, User, utc_now
from studio.bootstrap import Studio
from studio.roles import Actor, require

SHOWN = 50


@dataclass(frozen=True)
class Message:
    """One thing to know. `kind`: a short word, such as "mention"; `by`: who caused it, None for the studio itself.

    `number`: the images that it is about; `asset_id`: the one, or the first of many.
    """

    id: int
    kind: str
    text: str
    by: str | None
    asset_id: int | None
    number: int
    at: dt.datetime
    unread: bool


def tell(
    session: Session,
    user_id: int,
    kind: str,
    asset_id: int | None = None,
    *,
    text: str,
    by: Actor | None = None,
    number: int = 1,
) -> None:
    """Put a line into a person's inbox, in the transaction of what it tells of. Nobody is told of their own deeds.

    kind: a short word of letters, digits and underscores, up to 32. text: one English sentence for people, without the
    name of `by`. number: how many images it is about.
    """
    if by is not None and by.id == user_id:
        return
    session.add(
        InboxItem(
            user_id=user_id,
            from_id=None if by is None else by.id,
            kind=kind,
            asset_id=asset_id,
            number=number,
            text=text,
        )
    )


def messages(studio: Studio, actor: Actor | None, *, unread: bool = False, limit: int = SHOWN) -> tuple[Message, ...]:
    """What one was told, the newest first; with `unread` only what one has not read."""
    actor = require(actor, Role.VIEWER)
    query = sa.select(InboxItem, User.name).outerjoin(User, User.id == InboxItem.from_id)
    query = query.where(InboxItem.user_id == actor.id).order_by(InboxItem.id.desc()).limit(limit)
    if unread:
        query = query.where(InboxItem.read_at.is_(None))
    with studio.reading() as session:
        return tuple(
            Message(
                id=row.id,
                kind=row.kind,
                text=row.text,
                by=name,
                asset_id=row.asset_id,
                number=row.number,
                at=row.at,
                unread=row.read_at is None,
            )
            for row, name in session.execute(query)
        )


def count_unread(studio: Studio, actor: Actor | None) -> int:
    """How many lines of one's inbox one has not read."""
    actor = require(actor, Role.VIEWER)
    query = sa.select(sa.func.count()).select_from(InboxItem)
    query = query.where(InboxItem.user_id == actor.id, InboxItem.read_at.is_(None))
    with studio.reading() as session:
        return session.scalar(query) or 0


def mark_read(studio: Studio, actor: Actor | None, message_ids: Sequence[int] | None = None) -> int:
    """Mark lines of one's own inbox as read, all of them by default; returns how many were not before."""
    actor = require(actor, Role.VIEWER)
    change = sa.update(InboxItem).where(InboxItem.user_id == actor.id, InboxItem.read_at.is_(None))
    if message_ids is not None:
        change = change.where(InboxItem.id.in_(message_ids))
    with studio.writing() as session:
        return len(session.scalars(change.values(read_at=utc_now()).returning(InboxItem.id)).all())
