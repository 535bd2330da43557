"""The categories and model versions of which there are figures."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from db.tables import ModelVersion, QualityDay, Role
from studio.bootstrap import Studio
from studio.roles import Actor, require


@dataclass(frozen=True)
class Groups:
    """Categories by name, and the names of model versions by id, the newest first."""

    categories: tuple[str, ...]
    models: dict[int, str]


def groups(studio: Studio, actor: Actor | None) -> Groups:
    """Those of which any image was made."""
    require(actor, Role.VIEWER)
    made = QualityDay.category != ""
    categories = sa.select(QualityDay.category).where(made).distinct().order_by(QualityDay.category)
    known = sa.select(QualityDay.model_version_id).where(made).distinct()
    models = sa.select(ModelVersion.id, ModelVersion.name).where(ModelVersion.id.in_(known))
    with studio.reading() as session:
        return Groups(
            tuple(session.scalars(categories)), dict(session.execute(models.order_by(ModelVersion.id.desc())).all())
        )
