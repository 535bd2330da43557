"""All that is known of each model version, for the people who answer for what is in production."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, Evaluation, ModelVersion, Role, Training, TrainingPhoto, User
from studio.models.aliases import CHALLENGER, CHAMPION, holder
from studio.models.figures import Interval, intervals
from studio.models.licences import refusal
from studio.models.showcase import showcase
from studio.models.views import ECOMGAN, ModelView, model_view
from studio.roles import Actor, require

if TYPE_CHECKING:
    from studio.bootstrap import Studio


@dataclass(frozen=True)
class VersionView:
    """One version with its origin, rights and figures.

    training_id, photos: the fine-tuning that made it and the number of photos of its snapshot. images: made with it so
    far. figures: data -> measure -> figure. words_shown: the rows of its picture. refusal: why nothing of it may leave.
    """

    model: ModelView
    in_production: bool
    challenger: bool
    parent: str | None
    registered_by: str | None
    licence_note: str
    acknowledged_by: str | None
    acknowledged_at: dt.datetime | None
    refusal: str | None
    training_id: int | None
    photos: int
    images: int
    card: str
    figures: Mapping[str, Mapping[str, Interval]]
    words_shown: tuple[str, ...]


def versions(studio: Studio, actor: Actor | None) -> list[VersionView]:
    """All registered versions, the newest first."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        rows = session.scalars(sa.select(ModelVersion).order_by(ModelVersion.id.desc())).all()
        images = _counts(session, sa.select(Asset.model_version_id, sa.func.count()).group_by(Asset.model_version_id))
        people = {row.id: row.name for row in session.scalars(sa.select(User))}
        names = {row.id: row.name for row in rows}
        production, challenger = holder(session, CHAMPION), holder(session, CHALLENGER)
        found = []
        for row in rows:
            training_id, photos = _training(session, row.id)
            found.append(
                VersionView(
                    model=model_view(row),
                    in_production=row.id == production,
                    challenger=row.id == challenger,
                    parent=names.get(row.parent_id or 0),
                    registered_by=people.get(row.registered_by_id or 0),
                    licence_note=row.licence_note,
                    acknowledged_by=people.get(row.licence_acknowledged_by_id or 0),
                    acknowledged_at=row.licence_acknowledged_at,
                    refusal=refusal(session, row.id),
                    training_id=training_id,
                    photos=photos,
                    images=images.get(row.id, 0),
                    card=row.card,
                    figures=_figures(session, row.id),
                    words_shown=showcase(session, row.id) if row.engine == ECOMGAN else (),
                )
            )
        return found


def _counts(session: Session, query: sa.Select[int, int]) -> dict[int, int]:
    return {id_: n for id_, n in session.execute(query)}  # noqa: C416 - the types of rows are lost in dict()


def _training(session: Session, model_id: int) -> tuple[int | None, int]:
    training_id = session.scalar(sa.select(Training.id).where(Training.model_version_id == model_id))
    if training_id is None:
        return None, 0
    photos = sa.select(sa.func.count()).select_from(TrainingPhoto).where(TrainingPhoto.training_id == training_id)
    return training_id, session.scalar(photos) or 0


def _figures(session: Session, model_id: int) -> dict[str, dict[str, Interval]]:
    query = sa.select(Evaluation).where(Evaluation.model_version_id == model_id, Evaluation.category == "")
    rows = session.scalars(query.order_by(Evaluation.data))
    return {row.data: found for row in rows if (found := intervals(row.figures))}
