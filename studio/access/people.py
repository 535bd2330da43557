"""The admin's side of accounts: who is here, with which role."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import LinkKind, Role, User
from studio.access.accounts import add_link, add_user, end_sessions, link_path
from studio.activity import record
from studio.bootstrap import Studio
from studio.errors import Conflict, NotFound
from studio.roles import Actor, require
from studio.trust.itself import IDENTITY, is_person


@dataclass(frozen=True)
class UserView:
    """One person as the page People shows them. `has_password` is False while an invitation is open; `has_identity`:
    they sign in with a company account.
    """

    id: int
    name: str
    role: Role
    active: bool
    has_password: bool
    has_identity: bool
    created_at: dt.datetime


def list_users(studio: Studio, actor: Actor) -> list[UserView]:
    """All people by name. For admins."""
    require(actor, Role.ADMIN)
    with studio.reading() as session:
        return [
            UserView(
                id=user.id,
                name=user.name,
                role=user.role,
                active=user.active,
                has_password=user.password_hash is not None,
                has_identity=user.identity is not None,
                created_at=user.created_at,
            )
            for user in session.scalars(sa.select(User).where(is_person()).order_by(sa.func.lower(User.name)))
        ]


def invite(studio: Studio, actor: Actor, name: str, role: Role) -> str:
    """Add a person, and the path of the link on which they set their password. For admins."""
    require(actor, Role.ADMIN)
    with studio.writing() as session:
        user = add_user(session, name, role)
        token = add_link(session, user, LinkKind.INVITE)
        record(session, actor, "invited", "user", user.id, f"Invited {user.name} as {role.value}.", role=role.value)
    return link_path(token, LinkKind.INVITE)


def invite_again(studio: Studio, actor: Actor, user_id: int) -> str:
    """The path of a fresh link on which the person sets a password; earlier ones end. For admins."""
    require(actor, Role.ADMIN)
    with studio.writing() as session:
        user = _user(session, user_id)
        if not user.active:
            raise Conflict(f"{user.name} is deactivated. Bring them back first.")
        token = add_link(session, user, LinkKind.INVITE)
    return link_path(token, LinkKind.INVITE)


def change_role(studio: Studio, actor: Actor, user_id: int, role: Role) -> None:
    """Give a person another role, from their next click on. For admins; one active admin always stays."""
    require(actor, Role.ADMIN)
    with studio.writing() as session:
        user = _user(session, user_id)
        if role != Role.ADMIN:
            _keep_an_admin(session, user)
        told = f"Changed the role of {user.name} from {user.role.value} to {role.value}."
        record(session, actor, "changed", "user", user.id, told, role=role.value, before=user.role.value)
        user.role = role


def deactivate(studio: Studio, actor: Actor, user_id: int) -> None:
    """Sign a person out everywhere and let them in no more; their work stays theirs. For admins."""
    require(actor, Role.ADMIN)
    with studio.writing() as session:
        user = _user(session, user_id)
        _keep_an_admin(session, user)
        user.active = False
        end_sessions(session, user.id)
        record(session, actor, "deactivated", "user", user.id, f"Deactivated {user.name}.")


def reactivate(studio: Studio, actor: Actor, user_id: int) -> None:
    """Let a deactivated person in again. For admins."""
    require(actor, Role.ADMIN)
    with studio.writing() as session:
        user = _user(session, user_id)
        user.active = True
        record(session, actor, "reactivated", "user", user.id, f"Brought {user.name} back.")


def _user(session: Session, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None or user.identity == IDENTITY:
        raise NotFound(f"There is no person {user_id}.")
    return user


def _keep_an_admin(session: Session, user: User) -> None:
    # Locked until the commit: two admins who remove each other at once are taken one after the other.
    admins = session.scalars(sa.select(User).where(User.role == Role.ADMIN, User.active).with_for_update()).all()
    if [admin.id for admin in admins] == [user.id]:
        raise Conflict(f"{user.name} is the only admin. Make someone else admin first.")
