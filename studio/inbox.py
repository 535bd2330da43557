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

MENTION, REMARK, SENT_BACK, ASSIGNED = "mention", "comment", "changes_requested", "assigned"
"""Kinds of lines: one was named in a comment; something was said about, or changes were asked of, an image that one
made; images were given to one to look at."""


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
    gather: bool = False,
) -> None:
    """Put a line into a person's inbox, in the transaction of what it tells of. Nobody is told of their own deeds.

    kind: a short word of letters, digits and underscores, up to 32. text: one English sentence for people, without the
    name of `by`. number: how many images it is about. gather: where such a line of the same person is unread still, it
    grows by `number` and takes the text, for what happens hundreds of times an hour.
    """
    if by is not None and by.id == user_id:
        return
    line = _unread_line(session, user_id, kind, by) if gather else None
    if line is not None:
        line.number, line.text, line.asset_id, line.at = line.number + number, text, asset_id, utc_now()
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


def take_back(session: Session, user_id: int, kind: str, *, by: Actor) -> None:
    """One image less in a gathered line, for a deed that was taken back; nothing where the line was read."""
    line = _unread_line(session, user_id, kind, by)
    if line is None:
        return
    line.number -= 1
    if line.number == 0:
        session.delete(line)


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


def _unread_line(session: Session, user_id: int, kind: str, by: Actor | None) -> InboxItem | None:
    query = sa.select(InboxItem).where(InboxItem.user_id == user_id, InboxItem.read_at.is_(None))
    query = query.where(InboxItem.kind == kind, InboxItem.from_id == (None if by is None else by.id))
    return session.scalar(query.order_by(InboxItem.id.desc()).limit(1))
