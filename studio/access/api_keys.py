"""Keys with which an integrator's program acts for a person: made once, narrowed by scopes, revoked at any time."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from db.tables import ApiKey, Role, User, utc_now
from studio.access.accounts import actor_of
from studio.activity import record
from studio.errors import Conflict, DatabaseBusy, DiskFull, Forbidden, InputError, NotFound, NotSignedIn
from studio.roles import Actor, require

if TYPE_CHECKING:
    from studio.bootstrap import Studio


class Scope(StrEnum):
    """What a key may do; its owner's role must allow it as well."""

    READ = "read"
    ORDER = "order"
    DECIDE = "decide"
    EXPORT = "export"


SCOPE_ROLES: Final[dict[Scope, Role]] = {
    Scope.READ: Role.VIEWER,
    Scope.ORDER: Role.EDITOR,
    Scope.DECIDE: Role.EDITOR,
    Scope.EXPORT: Role.EDITOR,
}
"""The smallest role that can make use of each scope."""

PREFIX: Final = "eg_"
"""How every key begins, so that scanners for leaked secrets know one."""

MOST_KEYS = 20
LONGEST_DAYS = 730
_LONGEST_NAME = 80
_STAMP_EVERY = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class ApiKeyView:
    """A key without its token. `active`: neither revoked nor expired, and its owner may sign in."""

    id: int
    name: str
    owner_id: int
    owner: str
    scopes: tuple[Scope, ...]
    active: bool
    created_at: dt.datetime
    expires_at: dt.datetime | None
    last_used_at: dt.datetime | None
    revoked_at: dt.datetime | None


def make_key(
    studio: Studio, actor: Actor | None, name: str, scopes: Collection[Scope], *, days: int | None
) -> tuple[int, str]:
    """A new key for the actor: its id and its token, which is told only here. days: until it expires; None is never.

    Raises InputError for a name, scope or time that cannot be, Forbidden for a scope beyond the actor's role, Conflict
    when the actor has MOST_KEYS working keys.
    """
    actor = require(actor, Role.VIEWER)
    name = " ".join(name.split())
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        raise InputError(f"A key has a name of 1 to {_LONGEST_NAME} printable characters, got {name[:100]!r}.")
    if not scopes:
        raise InputError("Choose at least one thing that the key may do.")
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise InputError(f"A key lasts 1 to {LONGEST_DAYS} days, or until it is revoked; got {days} days.")
    for scope in scopes:
        if not actor.may(SCOPE_ROLES[scope]):
            needed = SCOPE_ROLES[scope].value
            raise Forbidden(f"The scope {scope.value} needs the role {needed} or above; you are {actor.role.value}.")
    token = PREFIX + secrets.token_urlsafe(32)
    with studio.writing() as session:
        session.get_one(User, actor.id, with_for_update=True)  # two keys made at once are counted one by one
        working = sa.select(sa.func.count()).select_from(ApiKey).where(ApiKey.user_id == actor.id, *_working())
        if (session.scalar(working) or 0) >= MOST_KEYS:
            raise Conflict(f"You have {MOST_KEYS} working keys already. Revoke one that is not used any more.")
        row = ApiKey(
            name=name,
            user_id=actor.id,
            token_hash=_hash(token),
            scopes=[scope.value for scope in Scope if scope in scopes],
            expires_at=None if days is None else utc_now() + dt.timedelta(days=days),
        )
        session.add(row)
        session.flush()
        may = ", ".join(row.scopes)
        record(session, actor, "made", "api_key", row.id, f"Made the API key {name} ({may}).", scopes=row.scopes)
        return row.id, token


def own_keys(studio: Studio, actor: Actor | None) -> list[ApiKeyView]:
    """The actor's own keys, the newest first."""
    actor = require(actor, Role.VIEWER)
    return _list(studio, ApiKey.user_id == actor.id)


def all_keys(studio: Studio, actor: Actor | None) -> list[ApiKeyView]:
    """Everyone's keys, the newest first. For admins."""
    require(actor, Role.ADMIN)
    return _list(studio)


def revoke_key(studio: Studio, actor: Actor | None, key_id: int) -> None:
    """End a key, from its next call on: one's own, or as an admin anyone's. Raises NotFound."""
    actor = require(actor, Role.VIEWER)
    with studio.writing() as session:
        row = session.get(ApiKey, key_id)
        if row is None or (row.user_id != actor.id and not actor.may(Role.ADMIN)):
            raise NotFound(f"You have no API key {key_id}.")
        if row.revoked_at is None:
            row.revoked_at = utc_now()
            record(session, actor, "revoked", "api_key", row.id, f"Revoked the API key {row.name}.")


def actor_with_key(studio: Studio, token: str, address: str, scope: Scope | None) -> Actor:
    """The owner of a key that a call brought, with the role of this moment. scope: what the call needs of the key;
    None: keys cannot make it.

    Raises NotSignedIn for a token that is unknown, revoked or too old (these count as tries of the address), Forbidden
    without the scope, RateLimited after too many calls.
    """
    with studio.reading() as session:
        query = sa.select(ApiKey).options(joinedload(ApiKey.user)).where(ApiKey.token_hash == _hash(token))
        row = session.scalar(query.join(User).where(User.active, *_working()))
    if row is None:
        studio.attempts.count(address)
        raise NotSignedIn("This API key is not known, was revoked, or is too old.")
    studio.attempts.count_call(row.id)
    if scope is None:
        raise Forbidden("This call is for people on the pages; API keys cannot make it.")
    if scope.value not in row.scopes:
        raise Forbidden(f"This call needs a key with the scope {scope.value}; this key has: {', '.join(row.scopes)}.")
    if row.last_used_at is None or utc_now() - row.last_used_at >= _STAMP_EVERY:
        _stamp(studio, row.id)
    return actor_of(row.user)


def _stamp(studio: Studio, key_id: int) -> None:
    """Keep when the key was used. A busy database or a full disk is no reason to refuse a call that reads."""
    try:
        with studio.writing() as session:
            session.execute(sa.update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=utc_now()))
    except (DatabaseBusy, DiskFull):
        return


def _working() -> tuple[sa.ColumnElement[bool], ...]:
    return ApiKey.revoked_at.is_(None), sa.or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > utc_now())


def _list(studio: Studio, *conditions: sa.ColumnElement[bool]) -> list[ApiKeyView]:
    query = sa.select(ApiKey).options(joinedload(ApiKey.user)).where(*conditions).order_by(ApiKey.id.desc())
    with studio.reading() as session:
        return [_view(row) for row in session.scalars(query)]


def _view(row: ApiKey) -> ApiKeyView:
    over = row.expires_at is not None and row.expires_at <= utc_now()
    return ApiKeyView(
        id=row.id,
        name=row.name,
        owner_id=row.user_id,
        owner=row.user.name,
        scopes=tuple(Scope(scope) for scope in row.scopes),
        active=row.revoked_at is None and not over and row.user.active,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
