"""How far the images of each model version are from real photos, by category: figures of the registry."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from db.tables import Evaluation, ModelVersion, Role
from studio.bootstrap import Studio
from studio.models.figures import Interval, intervals
from studio.quality.figures import QualityFilter
from studio.roles import Actor, require

FEWEST_PHOTOS = 100
"""Held-out photos from which on a distance is told; below, its interval says next to nothing."""


@dataclass(frozen=True)
class KernelDistance:
    """The kernel distance (x1000, lower is better) of a version on a category, "" for all. photos: the n, None where
    it was not kept. distance is None below FEWEST_PHOTOS.
    """

    model_version_id: int
    model: str
    category: str
    data: str
    measure: str
    photos: int | None
    distance: Interval | None


def kernel_distances(studio: Studio, actor: Actor | None, wanted: QualityFilter | None = None) -> list[KernelDistance]:
    """By category (all first, then those with most photos), then in the order in which versions were registered."""
    require(actor, Role.VIEWER)
    wanted = wanted or QualityFilter()
    query = sa.select(Evaluation, ModelVersion.name).join(ModelVersion, ModelVersion.id == Evaluation.model_version_id)
    if wanted.category is not None:
        query = query.where(Evaluation.category == wanted.category)
    if wanted.model_version_id is not None:
        query = query.where(Evaluation.model_version_id == wanted.model_version_id)
    with studio.reading() as session:
        rows = session.execute(query.order_by(Evaluation.id)).all()
        found = [_read(row, name) for row, name in rows]
    told = [one for one in found if one is not None]
    most = {one.category: one.photos or 0 for one in told}
    return sorted(told, key=lambda one: (one.category != "", -most[one.category], one.category, one.model_version_id))


def _read(row: Evaluation, model: str) -> KernelDistance | None:
    """None where no kernel distance was measured."""
    figures = row.figures
    data = figures.get("data")
    photos = data.get("held_out_photos") if isinstance(data, dict) else figures.get("photos")
    measures = {name: figure for name, figure in intervals(figures).items() if name.startswith("KD_")}
    if not measures:
        return None
    measure = min(measures)  # catalog before lite2: the network that knows the catalogue
    enough = photos is None or photos >= FEWEST_PHOTOS
    distance = measures[measure] if enough else None
    return KernelDistance(row.model_version_id, model, row.category, row.data, measure, photos, distance)
