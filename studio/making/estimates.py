"""How long an order takes, by what earlier ones took."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from db.tables import Brief, Job, JobState
from studio.engines.settings import work_of
from studio.making.order_requests import UnknownProduct
from studio.models.in_use import ModelView, recorded_speed
from studio.work.jobs import ACTIVE, IMAGES

_JOBS_LOOKED_AT = 20
COPIED = "pixels_of"
"""The setting of briefs that take another image's pixels: they tell nothing of an engine's speed."""

Basis = Literal["orders", "warm_up", "none"]


@dataclass(frozen=True)
class Estimate:
    """What an order would take. Times are None while nobody has measured this model.

    seconds: of work. waiting_seconds: for the orders ahead. basis: "orders" (the median of earlier ones), "warm_up" (a
    worker's first images) or "none". unknown: products that would be left out.
    """

    images: int
    seconds: float | None
    waiting_seconds: float | None
    basis: Basis
    unknown: tuple[UnknownProduct, ...]


def estimate_images(
    session: Session,
    model: ModelView,
    images: int,
    unknown: tuple[UnknownProduct, ...] = (),
    *,
    run: Mapping[str, Any] | None = None,
) -> Estimate:
    """What `images` images of this model would take now. run: the steps and size of a diffusers engine."""
    speed, basis = _seconds_per_image(session, model, run or {})
    return Estimate(
        images=images,
        seconds=None if speed is None else images * speed,
        waiting_seconds=None if speed is None else _seconds_ahead(session, speed),
        basis=basis,
        unknown=unknown,
    )


def _seconds_ahead(session: Session, speed: float) -> float:
    """Of the orders before this one, each by its own estimate; by `speed` where it has none."""
    ahead = session.execute(
        sa.select(Job.total, Job.done, Job.estimate_seconds).where(Job.kind == IMAGES, Job.state.in_(ACTIVE))
    )
    return sum((total - done) * (speed if seconds is None else seconds / total) for total, done, seconds in ahead)


def _seconds_per_image(session: Session, model: ModelView, run: Mapping[str, Any]) -> tuple[float | None, Basis]:
    """By the median of the last orders of this model; before there are any, by what a worker measured.

    Times are per step and pixel where an engine has them.
    """
    of_job = aliased(Brief)
    first_brief = sa.select(sa.func.min(of_job.id)).where(of_job.job_id == Job.id).scalar_subquery()
    last = session.execute(
        sa.select(Job.compute_seconds, Job.done, Brief.settings)
        .join(Brief, Brief.id == first_brief)
        .where(Job.kind == IMAGES, Job.state == JobState.DONE, Job.done > 0, Brief.model_version_id == model.id)
        .order_by(Job.finished_at.desc())
        .limit(_JOBS_LOOKED_AT)
    ).all()
    made = [(seconds, done, of_brief) for seconds, done, of_brief in last if COPIED not in of_brief]
    work = work_of(run)
    if made:
        return work * statistics.median(
            seconds / done / work_of(of_brief) for seconds, done, of_brief in made
        ), "orders"
    measured = recorded_speed(session, model.id)
    return (None, "none") if measured is None else (measured * work / work_of(model.settings), "warm_up")
