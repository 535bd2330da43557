"""How long images wait for their verdict, from the last sending to review."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import QualityDay, Role
from studio.bootstrap import Studio
from studio.quality.figures import Axis, QualityFilter, column_of, decided_images, matching, model_names, narrowed
from studio.quality.histogram import WAITS
from studio.review.review_queue import QueueFilter
from studio.roles import Actor, require


@dataclass(frozen=True)
class Wait:
    """Seconds, right to within a twentieth; None without verdicts."""

    n: int
    median: float | None
    p90: float | None


@dataclass(frozen=True)
class GroupWait:
    """How long the images of one group waited. `images` opens those that were decided."""

    key: str
    label: str
    wait: Wait
    images: QueueFilter


def waits(studio: Studio, actor: Actor | None, axis: Axis, wanted: QualityFilter) -> list[GroupWait]:
    """The waits of each category or model version, the longest first."""
    require(actor, Role.VIEWER)
    column = column_of(QualityDay, axis)
    with studio.reading() as session:
        packed: dict[Any, list[bytes]] = defaultdict(list)
        for key, counts in session.execute(sa.select(column, QualityDay.waits).where(*matching(QualityDay, wanted))):
            packed[key].append(counts)
        names = model_names(session) if axis is Axis.MODEL else {}
    drill = decided_images(wanted)
    found = [
        GroupWait(str(key), names.get(key, str(key)), wait, narrowed(drill, axis, key, wanted.days))
        for key, some in packed.items()
        if (wait := _wait(some)).n
    ]
    return sorted(found, key=lambda group: (-(group.wait.median or 0.0), group.key))


def wait_of(session: Session, wanted: QualityFilter) -> Wait:
    """The waits of all images together."""
    return _wait(session.scalars(sa.select(QualityDay.waits).where(*matching(QualityDay, wanted))).all())


def _wait(packed: Any) -> Wait:
    counts = WAITS.total(packed)
    median, p90 = (WAITS.percentile(counts, percent, 0.0, 10 * WAITS.high) for percent in (50, 90))
    return Wait(int(counts.sum()), median, p90)
