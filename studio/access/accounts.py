"""Who signs in, and how: one-time links, passwords, sessions. Tokens are kept only as their SHA-256."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import unicodedata

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import LinkKind, Role, SignInLink, User, UserSession, utc_now
from studio.access import passwords
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError, NotSignedIn
from studio.roles import Actor, require
from studio.trust.itself import is_person

COOKIE_NAME = "ecomgan_session"
_SIGNED_IN = (  # asked by every call, so built once
    sa.select(User.id, User.name, User.role)
    .join(UserSession, UserSession.user_id == User.id)
    .where(UserSession.token_hash == sa.bindparam("token_hash"), UserSession.expires_at > sa.bindparam("now"))
    .where(User.active)
)
_LINK_HOURS = {LinkKind.SIGN_IN: 24.0, LinkKind.INVITE: 24.0 * 7}


def create_link(
    studio: Studio,
    name: str,
    *,
    kind: LinkKind = LinkKind.SIGN_IN,
    role: Role | None = None,
    hours: float | None = None,
) -> str:
    """A one-time token for the person `name`, for the console of the machine, where nobody is signed in.

    Someone new is added with `role`; the very first person becomes admin. Earlier unused links of the same kind end.
    Raises InputError for someone new without a role, Conflict for a person who was deactivated.
    """
    with studio.writing() as session:
        user = find_user(session, name)
        if user is None:
            first = session.scalar(sa.select(User.id).where(is_person()).limit(1)) is None
            if role is None and not first:
                raise InputError(f"Nobody is named {name!r}. Give a role to add them, or take one of the known names.")
            user = add_user(session, name, role or Role.ADMIN)
        elif role is not None and role != user.role:
            raise Conflict(f"{user.name} is {user.role.value} already; an admin changes roles on the page People.")
        if not user.active:
            raise Conflict("{name} was deactivated; an admin can bring them back on the page People.", name=user.name)
        return add_link(session, user, kind, hours)


def link_path(token: str, kind: LinkKind) -> str:
    """Where the link leads. The token stands behind `#`: browsers do not send that part, so that no log ever has it."""
    return f"/{'invite' if kind == LinkKind.INVITE else 'signin/link'}#{token}"


def sign_in_with_link(studio: Studio, token: str, *, replaces: str | None = None) -> tuple[Actor, str]:
    """Use up a sign-in link: the person and the token of a new session, in place of the session `replaces`."""
    with studio.writing() as session:
        user = _use_link(session, token, LinkKind.SIGN_IN)
        return actor_of(user), _open_session(studio, session, user, replaces)


def accept_invitation(studio: Studio, token: str, password: str, *, replaces: str | None = None) -> tuple[Actor, str]:
    """Use up an invitation by setting a password. A password that is refused leaves the link as it was."""
    with studio.writing() as session:
        user = _use_link(session, token, LinkKind.INVITE)
        user.password_hash = passwords.hash_password(password, user.name)
        return actor_of(user), _open_session(studio, session, user, replaces)


def sign_in(
    studio: Studio, name: str, password: str, address: str, *, replaces: str | None = None
) -> tuple[Actor, str]:
    """Sign in by password, from a network address that counts the tries.

    Raises RateLimited after too many tries, NotSignedIn when name or password is wrong (the same for both).
    """
    studio.attempts.count(address, name)
    with studio.reading() as session:
        user = find_user(session, name)
        stored = user.password_hash if user is not None and user.active else None
    if not passwords.is_right(password, stored) or user is None or stored is None:
        raise NotSignedIn("This name and password do not fit together.")
    studio.attempts.forget(address, name)
    with studio.writing() as session:
        user = session.get_one(User, user.id)
        if not user.active or user.password_hash != stored:  # changed while argon2 was at work
            raise NotSignedIn("This name and password do not fit together.")
        if passwords.is_outdated(stored):
            user.password_hash = passwords.hash_password(password, user.name)
        return actor_of(user), _open_session(studio, session, user, replaces)


def set_password(studio: Studio, actor: Actor, password: str, *, current: str = "", keep: str | None = None) -> None:
    """Set one's own password; `current` must be right where there is one.

    All sessions of the person end but the one of the token `keep`.
    """
    require(actor, Role.VIEWER)
    hashed = passwords.hash_password(password, actor.name)
    studio.attempts.count("own password", actor.name)
    with studio.reading() as session:
        stored = session.get_one(User, actor.id).password_hash
    if stored is not None and not passwords.is_right(current, stored):
        raise Forbidden("The present password is not right.")
    studio.attempts.forget("own password", actor.name)
    with studio.writing() as session:
        session.get_one(User, actor.id).password_hash = hashed
        end_sessions(session, actor.id, keep=keep)


def actor_for(studio: Studio, session_token: str | None) -> Actor | None:
    """The person behind a session cookie, with the role of this moment; None when it is unknown or over."""
    if not session_token:
        return None
    with studio.reading() as session:
        row = session.execute(_SIGNED_IN, {"token_hash": _hash(session_token), "now": utc_now()}).first()
        return None if row is None else Actor(*row)


def sign_out(studio: Studio, session_token: str | None) -> None:
    """End a session; its cookie is worth nothing afterwards. Doing it twice is the same as once."""
    if session_token:
        with studio.writing() as session:
            session.execute(sa.delete(UserSession).where(UserSession.token_hash == _hash(session_token)))


def actor_of(user: User) -> Actor:
    """The person of a row, without the row."""
    return Actor(id=user.id, name=user.name, role=user.role)


def find_user(session: Session, name: str) -> User | None:
    """The person of this name, whatever its capitals."""
    return session.scalar(sa.select(User).where(sa.func.lower(User.name) == sa.func.lower(_tidy(name))))


def add_user(session: Session, name: str, role: Role) -> User:
    """A new person without a password. Raises InputError for a name that cannot be one, Conflict when it is taken."""
    name = _tidy(name)
    if not 1 <= len(name) <= 80 or not name.isprintable():
        raise InputError("A name has 1 to 80 printable characters, got {name!r}.", name=name[:100])
    if find_user(session, name) is not None:
        raise Conflict("Someone is named {name!r} already. Take another name.", name=name)
    user = User(name=name, role=role)
    session.add(user)
    session.flush()
    return user


def add_link(session: Session, user: User, kind: LinkKind, hours: float | None = None) -> str:
    """The token of a new link for `user`, good for `hours`; earlier unused ones of the same kind end."""
    session.execute(
        sa.delete(SignInLink).where(
            SignInLink.user_id == user.id, SignInLink.kind == kind, SignInLink.used_at.is_(None)
        )
    )
    token = secrets.token_urlsafe(32)
    lasts = dt.timedelta(hours=_LINK_HOURS[kind] if hours is None else hours)
    session.add(SignInLink(user_id=user.id, kind=kind, token_hash=_hash(token), expires_at=utc_now() + lasts))
    return token


def end_sessions(session: Session, user_id: int, *, keep: str | None = None) -> None:
    """Sign a person out of every browser but the one whose session token is `keep`."""
    ending = sa.delete(UserSession).where(UserSession.user_id == user_id)
    session.execute(ending.where(UserSession.token_hash != _hash(keep)) if keep else ending)


def _use_link(session: Session, token: str, kind: LinkKind) -> User:
    known = sa.select(SignInLink).where(SignInLink.token_hash == _hash(token), SignInLink.kind == kind)
    link = session.scalar(known.with_for_update())  # of two at once only one gets through
    if link is None:
        raise NotSignedIn("This link is not known, or a newer one took its place. Ask for a fresh one.")
    if link.used_at is not None:
        raise NotSignedIn("This link was used already. Ask for a fresh one.")
    if link.expires_at <= utc_now():
        raise NotSignedIn("This link is too old. Ask for a fresh one.")
    user = session.get_one(User, link.user_id)
    if not user.active:
        raise NotSignedIn("This account was deactivated. Ask an admin.")
    link.used_at = utc_now()
    return user


def _open_session(studio: Studio, session: Session, user: User, replaces: str | None) -> str:
    over = UserSession.expires_at <= utc_now()
    session.execute(
        sa.delete(UserSession).where(sa.or_(over, UserSession.token_hash == _hash(replaces)) if replaces else over)
    )
    token = secrets.token_urlsafe(32)
    expires_at = utc_now() + dt.timedelta(days=studio.settings.session_days)
    session.add(UserSession(user_id=user.id, token_hash=_hash(token), expires_at=expires_at))
    return token


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _tidy(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split())
