"""Which faults come with which category or model version: reasons of rejections against the groups of images."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from db.tables import AssetState, QualityVerdict, Role
from studio.bootstrap import Studio
from studio.quality.figures import QualityFilter, matching, model_names
from studio.review.review_queue import QueueFilter
from studio.review.states import REASONS
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
    row = QualityVerdict
    column = row.category if by == "category" else row.model_version_id
    number_of = sa.func.sum(row.standing)
    query = sa.select(column, row.reason, number_of).where(*matching(row, wanted)).group_by(column, row.reason)
    with studio.reading() as session:
        rows = session.execute(query.having(number_of > 0)).all()
        names = model_names(session)
    decided: Counter[Any] = Counter()
    for key, _, n in rows:
        decided[key] += int(n)
    largest = sorted(decided, key=lambda key: (-decided[key], str(key)))[:most]
    cells = [
        ReasonCell(reason, str(key), int(n), n / decided[key], _images(wanted, by, key, reason))
        for key, reason, n in rows
        if key in largest and reason in REASONS
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
