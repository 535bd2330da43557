"""Which faults come with which category or model version: reasons of rejections against the groups of images."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from db.tables import Asset, AssetState, Decision, ModelVersion, Role
from studio.bootstrap import Studio
from studio.quality.figures import QualityFilter
from studio.review.review_queue import QueueFilter
from studio.review.states import REASONS
from studio.review.verdicts import is_last_verdict, within
from studio.roles import Actor, require

Axis = Literal["category", "model"]


@dataclass(frozen=True)
class ReasonGroup:
    """A category or a model version: `decided` images stand approved or rejected in it."""

    key: str
    label: str
    decided: int


@dataclass(frozen=True)
class ReasonCell:
    """How often a reason was the last word in a group. share: of the group's decided images. `images` opens them."""

    reason: str
    group: str
    n: int
    share: float
    images: QueueFilter


@dataclass(frozen=True)
class ReasonTable:
    """Reasons, the most frequent first, against groups, those with the most decided images first; no empty cells."""

    reasons: tuple[str, ...]
    groups: tuple[ReasonGroup, ...]
    cells: tuple[ReasonCell, ...]


def reason_table(
    studio: Studio, actor: Actor | None, by: Axis, wanted: QualityFilter | None = None, *, most: int = 12
) -> ReasonTable:
    """How often each reason was the last word on an image of each of the `most` largest groups."""
    require(actor, Role.VIEWER)
    wanted = wanted or QualityFilter()
    column = Asset.category if by == "category" else Decision.model_version_id
    query = (
        sa.select(column, Decision.to_state, Decision.reason, sa.func.count())
        .join(Asset, Asset.id == Decision.asset_id)
        .where(is_last_verdict(Decision), *within(Decision.at, wanted.days))
        .group_by(column, Decision.to_state, Decision.reason)
    )
    if wanted.category is not None:
        query = query.where(Asset.category == wanted.category)
    if wanted.model_version_id is not None:
        query = query.where(Decision.model_version_id == wanted.model_version_id)
    with studio.reading() as session:
        rows = session.execute(query).all()
        names: dict[int, str] = dict(session.execute(sa.select(ModelVersion.id, ModelVersion.name)).all())
    decided: Counter[Any] = Counter()
    for key, _, _, n in rows:
        decided[key] += n
    largest = sorted(decided, key=lambda key: (-decided[key], str(key)))[:most]
    cells = [
        ReasonCell(reason, str(key), n, n / decided[key], _images(wanted, by, key, reason))
        for key, state, reason, n in rows
        if state is AssetState.CHANGES_REQUESTED and key in largest and reason in REASONS
    ]
    number: Counter[str] = Counter()
    for cell in cells:
        number[cell.reason] += cell.n
    order = list(REASONS)
    return ReasonTable(
        reasons=tuple(sorted(number, key=lambda reason: (-number[reason], order.index(reason)))),
        groups=tuple(
            ReasonGroup(str(key), names[int(key)] if by == "model" else str(key), decided[key]) for key in largest
        ),
        cells=tuple(cells),
    )


def _images(wanted: QualityFilter, by: Axis, key: object, reason: str) -> QueueFilter:
    return QueueFilter(
        category=str(key) if by == "category" else wanted.category,
        model_version_id=int(str(key)) if by == "model" else wanted.model_version_id,
        verdict=AssetState.CHANGES_REQUESTED,
        reason=reason,
        decided=wanted.days,
    )
