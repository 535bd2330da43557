"""The packs of rules in use: the shipped ones, and those that a team wrote for its own channels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.clock import database_now
from db.tables import Channel, ChannelPack, Role, User
from studio.activity import record
from studio.errors import Conflict, InputError, NotFound
from studio.publishing.packs import RulePack, read_pack, shipped_packs
from studio.roles import Actor, require
from studio.scoring.wanted import judge_again

if TYPE_CHECKING:
    from studio.bootstrap import Studio

MOST_PACKS = 20
"""Own packs at a time: every image is judged by each."""


@dataclass(frozen=True)
class PackView:
    """A pack in use. `own`: the team wrote it; then who saved this version and when, else both are None."""

    pack: RulePack
    own: bool
    saved_by: str | None = None
    saved_at: dt.datetime | None = None


def packs_in_use(session: Session) -> dict[str, RulePack]:
    """The newest version of every pack, by key: the shipped ones by name, then the team's own."""
    return dict(shipped_packs()) | {row.key: read_pack(row.content) for row in session.scalars(_newest())}


def list_packs(studio: Studio, actor: Actor | None) -> tuple[PackView, ...]:
    """The packs in use, with who wrote the team's own."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        rows = session.execute(_newest().add_columns(User.name).join(User, User.id == ChannelPack.created_by_id))
        own = [PackView(read_pack(row.content), True, name, row.created_at) for row, name in rows]
    return tuple(PackView(pack, own=False) for pack in shipped_packs().values()) + tuple(own)


def versions(studio: Studio, actor: Actor | None, key: str) -> tuple[PackView, ...]:
    """All versions of an own pack, the newest first. Raises NotFound."""
    require(actor, Role.VIEWER)
    query = sa.select(ChannelPack, User.name).join(User, User.id == ChannelPack.created_by_id)
    query = query.where(ChannelPack.key == key).order_by(ChannelPack.version.desc())
    with studio.reading() as session:
        rows = session.execute(query).all()
    if not rows:
        raise NotFound("There is no own pack of rules {key}.", key=repr(key[:40]))
    return tuple(PackView(read_pack(row.content), True, name, row.created_at) for row, name in rows)


def save_pack(studio: Studio, actor: Actor | None, content: str | bytes | Mapping[str, Any]) -> RulePack:
    """Keep a pack that the team wrote, as JSON, as the next version of its key; images are judged by it from now on.
    The version in `content` does not count: the next free one is taken, and no older one changes. For admins.

    Raises InputError for what is no pack, Conflict for the key of a shipped pack, for content that is the newest
    version's already, and for more than MOST_PACKS own packs.
    """
    actor = require(actor, Role.ADMIN)
    pack = read_pack(content)
    if pack.key in shipped_packs():
        raise Conflict("{key} is a pack that comes with the studio: give yours another key.", key=repr(pack.key))
    with studio.writing() as session:
        session.scalars(sa.select(User.id).where(User.id == actor.id).with_for_update()).one()
        rows = session.scalars(
            sa.select(ChannelPack).where(ChannelPack.key == pack.key).order_by(ChannelPack.version.desc())
        ).all()
        newest = rows[0] if rows else None
        pack = pack.model_copy(update={"version": newest.version + 1 if newest else 1})
        in_use = newest is not None and newest.removed_at is None
        if in_use and newest and _same(read_pack(newest.content), pack):
            raise Conflict("These are the rules of version {version} already.", version=newest.version)
        if not in_use and len(session.scalars(_newest()).all()) >= MOST_PACKS:
            raise Conflict("There are {n} own packs already, the most. Remove one first.", n=MOST_PACKS)
        session.add(
            ChannelPack(
                key=pack.key,
                version=pack.version,
                content=pack.model_dump(mode="json", exclude_none=True),
                created_by_id=actor.id,
            )
        )
        told = f"Saved version {pack.version} of the rules of {pack.name} ({len(pack.rules)} rules)."
        record(session, actor, "saved", "channel_pack", pack.key, told, version=pack.version)
        judge_again(studio, session, actor)
    return pack


def remove_pack(studio: Studio, actor: Actor | None, key: str) -> None:
    """Judge no image by an own pack any more; its versions stay on record. For admins.

    Raises NotFound; Conflict while a channel's exports are checked against it.
    """
    actor = require(actor, Role.ADMIN)
    with studio.writing() as session:
        rows = session.scalars(sa.select(ChannelPack).where(ChannelPack.key == key, ChannelPack.removed_at.is_(None)))
        found = rows.all()
        if not found:
            raise NotFound("There is no own pack of rules {key}.", key=repr(key[:40]))
        if name := session.scalar(sa.select(Channel.name).where(Channel.pack == key).limit(1)):
            raise Conflict(
                "Exports for {channel} are checked against these rules: change that channel first.", channel=name
            )
        now = database_now(session)
        for row in found:
            row.removed_at = now
        record(session, actor, "removed", "channel_pack", key, f"Removed the rules {key}.")


def pack_named(session: Session, key: str) -> RulePack:
    """A pack in use. Raises InputError for a key that none has."""
    known = packs_in_use(session)
    if key not in known:
        raise InputError("There are no rules {key}; there are: {known}.", key=repr(key[:40]), known=", ".join(known))
    return known[key]


def _newest() -> sa.Select[ChannelPack]:
    newer = sa.orm.aliased(ChannelPack)
    later = sa.exists().where(newer.key == ChannelPack.key, newer.version > ChannelPack.version)
    return sa.select(ChannelPack).where(ChannelPack.removed_at.is_(None), ~later).order_by(ChannelPack.key)


def _same(one: RulePack, other: RulePack) -> bool:
    return one.model_copy(update={"version": 1}) == other.model_copy(update={"version": 1})
