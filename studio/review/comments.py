"""What people say to each other about an image: plain text, in which @Name tells a person of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, Comment, Role, User
from studio.bootstrap import Studio
from studio.errors import Conflict, InputError, NotFound
from studio.inbox import MENTION, REMARK, tell
from studio.review.decisions import storable
from studio.review.opinions import is_task_for
from studio.roles import Actor, require

MAX_TEXT = 2_000

_TOLD = 300
_HAN = "\u4e00-\u9fff"


@dataclass(frozen=True)
class CommentView:
    """One comment. `text` is plain: markup in it means nothing. `mentions`: names in it that follow an @."""

    id: int
    by: str
    mine: bool
    at: dt.datetime
    text: str
    mentions: tuple[str, ...]


@dataclass(frozen=True)
class Person:
    """Someone of the team, to be named in a comment or given images."""

    id: int
    name: str
    role: Role


def comments(studio: Studio, actor: Actor | None, asset_id: int) -> tuple[CommentView, ...]:
    """All comments on an image, the oldest first. Raises NotFound.

    Who is asked about a decided image without knowing it sees only their own.
    """
    actor = require(actor, Role.VIEWER)
    with studio.reading() as session:
        _image(session, asset_id)
        query = sa.select(Comment).where(Comment.asset_id == asset_id).order_by(Comment.id)
        if is_task_for(session, actor, [asset_id]):
            query = query.where(Comment.user_id == actor.id)
        return _views(session, actor, session.scalars(query).all())


def comment(studio: Studio, actor: Actor | None, asset_id: int, text: str, idempotency_key: str) -> CommentView:
    """Say something about an image. People who are named are told, and so is who made the image. For editors and above.

    Sent again with the same key, it gets the same answer. Raises InputError, NotFound, Conflict (another's key).
    """
    actor = require(actor, Role.EDITOR)
    text = text.strip()
    if not 1 <= len(text) <= MAX_TEXT:
        raise InputError(f"A comment has 1 to {MAX_TEXT:,} characters, got {len(text):,}.")
    if not storable(text):
        raise InputError("The comment holds characters that cannot be stored (NUL, or half of a surrogate pair).")
    if not 8 <= len(idempotency_key) <= 64 or not storable(idempotency_key):
        raise InputError(f"An idempotency key has 8 to 64 characters, got {len(idempotency_key)}.")
    with studio.writing() as session:
        image = _image(session, asset_id, lock=True)
        earlier = session.scalar(sa.select(Comment).where(Comment.idempotency_key == idempotency_key))
        if earlier is not None:
            if (earlier.user_id, earlier.asset_id) != (actor.id, asset_id):
                raise Conflict(f"The key {idempotency_key!r} was used for another comment; make a new one.")
            return _views(session, actor, [earlier])[0]
        named = _named(session, text)
        row = Comment(
            asset_id=asset_id, user_id=actor.id, text=text, mentions=sorted(named), idempotency_key=idempotency_key
        )
        session.add(row)
        told = text if len(text) <= _TOLD else f"{text[: _TOLD - 1]}…"
        for user_id in sorted(named):
            tell(session, user_id, MENTION, asset_id, text=told, by=actor)
        if image.created_by_id not in named:
            tell(session, image.created_by_id, REMARK, asset_id, text=told, by=actor)
        session.flush()
        return _views(session, actor, [row])[0]


def people(studio: Studio, actor: Actor | None, *, least: Role = Role.VIEWER) -> tuple[Person, ...]:
    """The team by name, those with at least this role."""
    require(actor, Role.VIEWER)
    roles = list(Role)[list(Role).index(least) :]
    query = sa.select(User.id, User.name, User.role).where(User.active, User.role.in_(roles))
    with studio.reading() as session:
        return tuple(Person(*row) for row in session.execute(query.order_by(sa.func.lower(User.name), User.id)))


def mentioned(text: str, names: Iterable[str]) -> Iterator[str]:
    """The names that stand in a text after an @, in any case; of two that fit, the longer one."""
    by_length = sorted(names, key=len, reverse=True)
    if not by_length:
        return
    either = "|".join(re.escape(name) for name in by_length)
    known = {name.casefold(): name for name in by_length}
    # An @ inside a word is an address; and "@Anna" does not name Ann. Chinese stands without spaces around a name.
    for found in re.finditer(rf"(?<![^\W{_HAN}])@({either})(?![^\W{_HAN}])", text, re.IGNORECASE):
        name = known.get(found[1].casefold())
        if name is not None:
            yield name


def _named(session: Session, text: str) -> set[int]:
    if "@" not in text:
        return set()
    ids: dict[str, int] = dict(session.execute(sa.select(User.name, User.id).where(User.active)).all())
    return {ids[name] for name in mentioned(text, ids)}


def _image(session: Session, asset_id: int, *, lock: bool = False) -> Asset:
    image = session.get(Asset, asset_id, with_for_update=lock)
    if image is None:
        raise NotFound(f"There is no image {asset_id}.")
    return image


def _views(session: Session, actor: Actor, rows: Iterable[Comment]) -> tuple[CommentView, ...]:
    rows = list(rows)
    ids = {row.user_id for row in rows} | {user_id for row in rows for user_id in row.mentions}
    names: dict[int, str] = dict(session.execute(sa.select(User.id, User.name).where(User.id.in_(ids))).all())
    return tuple(
        CommentView(
            id=row.id,
            by=names[row.user_id],
            mine=row.user_id == actor.id,
            at=row.at,
            text=row.text,
            mentions=tuple(names[user_id] for user_id in row.mentions if user_id in names),
        )
        for row in rows
    )
