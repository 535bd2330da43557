"""Filters of the queue under a name, kept by a person for themselves or for the team."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Role, SavedView, User
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError, NotFound
from studio.review.decisions import storable
from studio.review.queue_filter import QueueFilter, as_query, from_query
from studio.roles import Actor, require

MAX_NAME = 60
MOST_VIEWS = 30
"""Of one person; more would be a list to search, not to choose from."""


@dataclass(frozen=True)
class View:
    """A saved filter. `mine`: by the one who asks; `by`: whose it is; `query`: its address."""

    id: int
    name: str
    wanted: QueueFilter
    query: dict[str, str]
    shared: bool
    mine: bool
    by: str


def views(studio: Studio, actor: Actor | None) -> tuple[View, ...]:
    """One's own views by name, then those that others share."""
    actor = require(actor, Role.VIEWER)
    query = sa.select(SavedView, User.name).join(User, User.id == SavedView.owner_id)
    query = query.where((SavedView.owner_id == actor.id) | SavedView.shared)
    with studio.reading() as session:
        found = [_view(row, name, actor) for row, name in session.execute(query)]
    return tuple(sorted(found, key=lambda view: (not view.mine, view.name.casefold(), view.id)))


def save(studio: Studio, actor: Actor | None, name: str, wanted: QueueFilter, *, shared: bool = False) -> int:
    """Keep a filter under a name; one's own view of that name takes it over. Returns its id. Editors and above share.

    Raises InputError for a name that is none, Conflict for more than MOST_VIEWS.
    """
    actor = require(actor, Role.EDITOR if shared else Role.VIEWER)
    name = " ".join(name.split())
    if not 1 <= len(name) <= MAX_NAME or not storable(name):
        raise InputError(f"The name of a view has 1 to {MAX_NAME} characters, got {len(name)}.")
    with studio.writing() as session:
        own = session.scalars(sa.select(SavedView).where(SavedView.owner_id == actor.id)).all()
        row = next((row for row in own if row.name.casefold() == name.casefold()), None)
        if row is None:
            if len(own) >= MOST_VIEWS:
                raise Conflict(f"You keep {MOST_VIEWS} views already. Remove one first.")
            row = SavedView(owner_id=actor.id)
            session.add(row)
        row.name, row.query, row.shared = name, dict(as_query(wanted)), shared
        session.flush()
        return row.id


def remove(studio: Studio, actor: Actor | None, view_id: int) -> None:
    """Forget a view. Its owner may, and managers may where it is shared. Raises NotFound, Forbidden."""
    actor = require(actor, Role.VIEWER)
    with studio.writing() as session:
        session.delete(_own(session, actor, view_id))


def _own(session: Session, actor: Actor, view_id: int) -> SavedView:
    row = session.get(SavedView, view_id)
    if row is None or (row.owner_id != actor.id and not row.shared):
        raise NotFound(f"There is no saved view {view_id}.")
    if row.owner_id != actor.id and not actor.may(Role.MANAGER):
        raise Forbidden("A shared view is removed by who made it, or by a manager.")
    return row


def _view(row: SavedView, name: str, actor: Actor) -> View:
    query = {str(key): str(value) for key, value in row.query.items()}
    return View(
        id=row.id,
        name=row.name,
        wanted=from_query(query),
        query=query,
        shared=row.shared,
        mine=row.owner_id == actor.id,
        by=name,
    )
