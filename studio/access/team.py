"""The switches of the team, each a row that says who turned it and when."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from db.tables import Role
from studio.bootstrap import Studio
from studio.errors import InputError
from studio.roles import Actor, require
from studio.team_settings import keep_setting, setting

SWITCHES: Final = {"self_approval": False}
"""Each switch with its first position. `self_approval`: one may approve images that one made (teams of one)."""


def get_switch(studio: Studio, actor: Actor, name: str) -> bool:
    """The position of a switch."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        return switch_is_on(session, name)


def set_switch(studio: Studio, actor: Actor, name: str, on: bool) -> None:
    """Turn a switch. For admins."""
    require(actor, Role.ADMIN)
    _check(name)
    with studio.writing() as session:
        keep_setting(session, actor, name, {"on": on}, f"Turned {name} {'on' if on else 'off'}.")


def switch_is_on(session: Session, name: str) -> bool:
    """The position of a switch, inside a transaction that is open already."""
    _check(name)
    value = setting(session, name)
    return SWITCHES[name] if value is None else bool(value["on"])


def _check(name: str) -> None:
    if name not in SWITCHES:
        raise InputError(f"There is no switch {name!r}; there are: {', '.join(SWITCHES)}.")
