"""Which model version is in production and which one wants to be, with the history of both."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import ModelAlias, ModelVersion, Role, User
from studio.roles import Actor, require

if TYPE_CHECKING:
    from studio.bootstrap import Studio

CHAMPION = "champion"
"""The version in production."""
CHALLENGER = "challenger"
"""The version that came last and may take its place."""

_LONGEST_REASON = 300


@dataclass(frozen=True)
class AliasLine:
    """One change of an alias: to which version, when, by whom (None: the studio itself), and why."""

    model_id: int
    model: str
    at: dt.datetime
    by: str | None
    reason: str


def holder(session: Session, alias: str) -> int | None:
    """The id of the version that has this alias now. Who is in production is no challenger any more."""
    last = sa.select(ModelAlias.model_version_id).where(ModelAlias.alias == alias).order_by(ModelAlias.id.desc())
    model_id = session.scalar(last.limit(1))
    if alias == CHALLENGER and model_id == holder(session, CHAMPION):
        return None
    return model_id


def set_alias(session: Session, alias: str, model_id: int, actor: Actor | None, reason: str) -> None:
    """Add a line to the history, within the caller's transaction."""
    by = None if actor is None else actor.id
    session.add(ModelAlias(alias=alias, model_version_id=model_id, set_by_id=by, reason=reason[:_LONGEST_REASON]))


def history(studio: Studio, actor: Actor | None, alias: str = CHAMPION) -> list[AliasLine]:
    """Who put what where, when and why; the newest line first."""
    require(actor, Role.VIEWER)
    query = (
        sa.select(ModelAlias, ModelVersion.name, User.name)
        .join(ModelVersion, ModelVersion.id == ModelAlias.model_version_id)
        .outerjoin(User, User.id == ModelAlias.set_by_id)
        .where(ModelAlias.alias == alias)
        .order_by(ModelAlias.id.desc())
    )
    with studio.reading() as session:
        return [
            AliasLine(model_id=row.model_version_id, model=name, at=row.set_at, by=by, reason=row.reason)
            for row, name, by in session.execute(query)
        ]


def before(session: Session) -> int | None:
    """The version to which a roll back would go: the one that was in production before the present one came.

    Going back is no step forward: after A, B, C and back to B, it is A.
    """
    ids = session.scalars(
        sa.select(ModelAlias.model_version_id).where(ModelAlias.alias == CHAMPION).order_by(ModelAlias.id)
    )
    way: list[int] = []
    for model_id in ids:
        if way and way[-1] == model_id:
            continue
        if len(way) > 1 and way[-2] == model_id:
            way.pop()
        else:
            way.append(model_id)
    return way[-2] if len(way) > 1 else None
