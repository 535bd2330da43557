"""The places that take images: an admin names them, with the frame and the format that each wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Channel, Export, Role
from studio.activity import record
from studio.errors import Conflict, InputError, NotFound
from studio.publishing.marking import FORMATS
from studio.publishing.own_packs import pack_named
from studio.roles import Actor, require

if TYPE_CHECKING:
    from studio.bootstrap import Studio

SIDES: Final = (100, 8_000)
"""The least and the most pixels of a frame's side: no channel takes less, and 64 MP is the most that shops accept."""

_LONGEST_NAME = 80


def save_channel(
    studio: Studio,
    actor: Actor | None,
    channel_id: int | None,
    *,
    name: str,
    height: int | None,
    width: int | None,
    image_format: str,
    pack: str = "",
) -> int:
    """Add a channel (channel_id None) or change one; returns its id. height, width: the frame in pixels, both None is
    as made. image_format: a key of FORMATS. pack: key of the rules that every export is checked against, "": none. For
    admins.

    Raises InputError for what cannot be, Conflict for a name that is taken, NotFound.
    """
    actor = require(actor, Role.ADMIN)
    name = " ".join(name.split())
    _check(name, height, width, image_format)
    with studio.writing() as session:
        row = Channel() if channel_id is None else _channel(session, channel_id)
        same = sa.func.lower(Channel.name) == sa.func.lower(name)
        if session.scalar(sa.select(Channel.id).where(same, Channel.id != channel_id if channel_id else sa.true())):
            raise Conflict(f"There is a channel {name!r} already.")
        row.name, row.height, row.width, row.image_format = name, height, width, image_format
        row.pack = pack_named(session, pack).key if pack else ""
        session.add(row)
        session.flush()
        verb, told = ("added", "Added") if channel_id is None else ("changed", "Changed")
        rules = f", rules of {pack}" if pack else ""
        frame = "as made" if height is None else f"{width} x {height} px"
        record(session, actor, verb, "channel", row.id, f"{told} the channel {name} ({frame}, {image_format}{rules}).")
        return row.id


def remove_channel(studio: Studio, actor: Actor | None, channel_id: int) -> None:
    """Remove a channel that nothing was exported to yet. For admins. Raises Conflict, NotFound."""
    actor = require(actor, Role.ADMIN)
    with studio.writing() as session:
        row = _channel(session, channel_id)
        if session.scalar(sa.select(Export.id).where(Export.channel_id == row.id).limit(1)):
            raise Conflict(f"Images were exported to {row.name}: it stays, so that the record of them stays whole.")
        session.delete(row)
        record(session, actor, "removed", "channel", row.id, f"Removed the channel {row.name}.")


def _check(name: str, height: int | None, width: int | None, image_format: str) -> None:
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        raise InputError(f"A channel has a name of 1 to {_LONGEST_NAME} printable characters, got {name[:100]!r}.")
    if (height is None) != (width is None):
        raise InputError("A frame has a height and a width; leave both empty for images as they were made.")
    for side in (height, width):
        if side is not None and not SIDES[0] <= side <= SIDES[1]:
            raise InputError(f"A side of the frame is {SIDES[0]} to {SIDES[1]:,} pixels, got {side:,}.")
    if image_format not in FORMATS:
        raise InputError(f"Images leave as {', '.join(FORMATS)}, got {image_format[:20]!r}.")


def _channel(session: Session, channel_id: int) -> Channel:
    row = session.get(Channel, channel_id)
    if row is None:
        raise NotFound(f"There is no channel {channel_id}.")
    return row
