"""The best and the worst images by a score, found without looking at the others."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from db.plans import beside_index
from db.portions import portions
from db.tables import Asset, QualityScore, Role, Score
from ecomgan.metrics import SCORERS
from studio.bootstrap import Studio
from studio.images.assets import AssetView, load_views
from studio.quality.figures import QualityFilter, known_metric, matching
from studio.review.verdicts import Days, within
from studio.roles import Actor, require


@dataclass(frozen=True)
class Extremes:
    """The worst first, and the best first."""

    worst: tuple[AssetView, ...]
    best: tuple[AssetView, ...]


def extremes(studio: Studio, actor: Actor | None, metric: str, wanted: QualityFilter, *, number: int = 10) -> Extremes:
    """The `number` worst and best images that were made on the days, by a score. Raises InputError."""
    require(actor, Role.VIEWER)
    known_metric(metric)
    with studio.reading() as session:
        worst = _ids(session, metric, wanted, number, worst=True)
        best = _ids(session, metric, wanted, number, worst=False)
        views = {view.id: view for view in load_views(session, sa.select(Asset).where(Asset.id.in_([*worst, *best])))}
    return Extremes(tuple(views[id_] for id_ in worst), tuple(views[id_] for id_ in best))


def _ids(session: Session, metric: str, wanted: QualityFilter, number: int, *, worst: bool) -> list[int]:
    """The ten worst images lie on the ten days (of a category and a version) whose worst image is the worst: each of
    these has one that is as bad as any that lies elsewhere. So it is enough to look there.
    """
    row = QualityScore
    order = (row.worst.desc(),) if worst else (row.best,)
    days = sa.select(row.day, row.category, row.model_version_id).where(row.metric == metric, *matching(row, wanted))
    cells = session.execute(days.order_by(*order, row.day.desc()).limit(number)).all()
    distance = _distance(metric)
    newer = aliased(Score)
    if not cells:
        return []
    made = [
        sa.select(Asset.id).where(
            beside_index(Asset.category) == category,
            beside_index(Asset.model_version_id) == model,
            *within(Asset.created_at, _one(day)),
        )
        for day, category, model in cells
    ]
    found: list[tuple[float, int]] = []
    for some in portions(session.scalars(sa.union_all(*made)).all()):
        query = sa.select(distance, Score.asset_id).where(
            Score.asset_id.in_(some),
            beside_index(Score.metric) == metric,
            Score.value.is_not(None),
            ~sa.exists().where(newer.asset_id == Score.asset_id, newer.metric == metric, newer.version > Score.version),
        )
        ends = query.order_by(distance.desc() if worst else distance, Score.asset_id.desc()).limit(number)
        found += [(far if worst else -far, asset_id) for far, asset_id in session.execute(ends)]
    return [asset_id for _, asset_id in sorted(found, reverse=True)[:number]]


def _distance(metric: str) -> sa.ColumnElement[Any]:
    """`histogram.shortfall` in SQL."""
    scorer = SCORERS[metric]
    if scorer.better == "near":
        return sa.func.abs(Score.value - scorer.target)
    return -Score.value if scorer.better == "higher" else sa.type_coerce(Score.value, sa.Double)


def _one(day: dt.date) -> Days:
    return Days(day, day)
