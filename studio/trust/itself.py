"""The studio as one who decides: a person in the log whom nobody can sign in as."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Role, User
from studio.roles import Actor

IDENTITY = "urn:ecomgan:studio|itself"
"""How its row is known; no provider of single sign-on has such an issuer."""

_NAME = "The studio"


def itself(session: Session) -> Actor:
    """The studio, put down among the people at the first time: without a password, and not let in."""
    found = session.scalar(sa.select(User).where(User.identity == IDENTITY))
    if found is None:
        taken = set(session.scalars(sa.select(User.name).where(User.name.like(f"{_NAME}%"))))
        name = next(one for k in range(len(taken) + 1) if (one := _NAME + " itself" * k) not in taken)
        found = User(name=name, role=Role.REVIEWER, identity=IDENTITY, active=False)
        session.add(found)
        session.flush()
    # whatever its row says: it decides as a reviewer does, and nothing more
    return Actor(found.id, found.name, Role.REVIEWER)


def is_person() -> sa.ColumnElement[bool]:
    """Users who are people, in SQL: all but the studio itself."""
    return User.identity.is_distinct_from(IDENTITY)


def itself_id(session: Session) -> int:
    """Its id; 0, which nobody has, as long as it never acted."""
    return session.scalar(sa.select(User.id).where(User.identity == IDENTITY)) or 0
