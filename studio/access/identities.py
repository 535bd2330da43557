"""People of a single sign-on provider (OpenID Connect): who may come in, and as whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import LinkKind, Role, User, utc_now
from studio.access.accounts import add_link, add_user, find_user
from studio.activity import record
from studio.errors import Conflict, NotSignedIn
from studio.roles import Actor, require

if TYPE_CHECKING:
    from studio.bootstrap import Studio

FRESH: Final = dt.timedelta(hours=1)
"""A proof of identity that is older is not taken: who left the company must not come in with last month's."""

_LINK_HOURS = 1 / 30


@dataclass(frozen=True)
class Identity:
    """Who the provider says someone is. `key` (issuer and subject) never changes; `email` is empty unless verified."""

    key: str
    name: str
    email: str
    issued_at: dt.datetime


def identity_from(claims: Mapping[str, Any]) -> Identity:
    """The identity in the claims of an ID token whose signature was checked. Raises NotSignedIn for what is none."""
    issuer, subject, issued = claims.get("iss"), claims.get("sub"), claims.get("iat")
    if not (isinstance(issuer, str) and issuer and isinstance(subject, str) and subject and isinstance(issued, int)):
        raise NotSignedIn("The sign-in service did not say who you are. Try again, or ask an admin.")
    email = str(claims.get("email") or "").strip()
    verified = claims.get("email_verified") is True
    return Identity(
        key=f"{issuer}|{subject}",
        name=str(claims.get("name") or email).strip(),
        email=email if verified else "",
        issued_at=dt.datetime.fromtimestamp(issued, dt.UTC),
    )


def enter(studio: Studio, identity: Identity) -> str:
    """The token of a one-time sign-in link, good for two minutes, for the person of this identity.

    That is who has linked it; else who was invited under this very e-mail address and has no password yet; else, where
    the address is of the domain that the settings allow, someone new with the role viewer. Raises NotSignedIn.
    """
    if utc_now() - identity.issued_at > FRESH:
        raise NotSignedIn("This single sign-on is too old. Sign in again.")
    with studio.writing() as session:
        user = session.scalar(sa.select(User).where(User.identity == identity.key))
        user = user or _invited(session, identity) or _new(studio, session, identity)
        if user is None:
            raise NotSignedIn("Your company account is not known here yet. Ask an admin for an invitation.")
        if not user.active:
            raise NotSignedIn("This account was deactivated. Ask an admin.")
        return add_link(session, user, LinkKind.SIGN_IN, _LINK_HOURS)


def link_identity(studio: Studio, actor: Actor | None, identity: Identity) -> None:
    """Let the actor sign in with this identity from now on. Raises Conflict when someone has it, NotSignedIn."""
    actor = require(actor, Role.VIEWER)
    if utc_now() - identity.issued_at > FRESH:
        raise NotSignedIn("This single sign-on is too old. Sign in again.")
    with studio.writing() as session:
        if session.scalar(sa.select(User.id).where(User.identity == identity.key, User.id != actor.id)):
            raise Conflict("This company account belongs to someone else here already.")
        user = session.get_one(User, actor.id)
        user.identity = identity.key
        record(session, actor, "linked", "user", user.id, "Linked a company account.", identity=identity.key)


def has_identity(studio: Studio, actor: Actor | None) -> bool:
    """Whether the actor can sign in by single sign-on."""
    actor = require(actor, Role.VIEWER)
    with studio.reading() as session:
        return session.scalar(sa.select(User.identity).where(User.id == actor.id)) is not None


def _invited(session: Session, identity: Identity) -> User | None:
    """Never someone with a password: an e-mail address alone takes no account over."""
    user = find_user(session, identity.email) if identity.email else None
    if user is None or user.password_hash is not None or user.identity is not None:
        return None
    user.identity = identity.key
    text = "Came in by the company account of the invitation."
    record(session, None, "linked", "user", user.id, text, identity=identity.key)
    return user


def _new(studio: Studio, session: Session, identity: Identity) -> User | None:
    domain = studio.settings.oidc_domain.lower()
    if not domain or identity.email.lower().rpartition("@")[2] != domain:
        return None
    if find_user(session, identity.email) is not None:
        return None
    free = identity.name and len(identity.name) <= 80 and find_user(session, identity.name) is None
    user = add_user(session, identity.name if free else identity.email, Role.VIEWER)
    user.identity = identity.key
    record(session, None, "joined", "user", user.id, f"{user.name} joined by single sign-on.", identity=identity.key)
    return user
