"""Who acts, and the one check of what they may do."""

from __future__ import annotations

from dataclasses import dataclass

from db.tables import Role
from studio.errors import Forbidden, NotSignedIn

_ORDER = tuple(Role)  # defined from the least to the most


@dataclass(frozen=True)
class Actor:
    """A signed-in person."""

    id: int
    name: str
    role: Role

    def may(self, minimum: Role) -> bool:
        """Whether this person's role is `minimum` or above it."""
        return _ORDER.index(self.role) >= _ORDER.index(minimum)


def require(actor: Actor | None, minimum: Role) -> Actor:
    """The actor, when signed in with at least the role `minimum`. The first line of every use case.

    Raises NotSignedIn without an actor, Forbidden with a role below `minimum`.
    """
    if actor is None:
        raise NotSignedIn("You are not signed in, or your session is over. Sign in and try again.")
    if not actor.may(minimum):
        raise Forbidden(f"This needs the role {minimum.value} or above; {actor.name} is {actor.role.value}.")
    return actor
