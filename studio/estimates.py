"""How long an order takes, by what earlier ones took."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Brief, Job, JobState
from studio.jobs import ACTIVE, IMAGES
from studio.models import ModelView, recorded_speed
from studio.order_requests import UnknownProduct

_JOBS_LOOKED_AT = 20

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
    session: Session, model: ModelView, images: int, unknown: tuple[UnknownProduct, ...] = ()
) -> Estimate:
    """What `images` images of this model would take now."""
    speed, basis = _seconds_per_image(session, model)
    ahead = session.scalar(
        sa.select(sa.func.sum(Job.total - Job.done)).where(Job.kind == IMAGES, Job.state.in_(ACTIVE))
    )
    return Estimate(
        images=images,
        seconds=None if speed is None else images * speed,
        waiting_seconds=None if speed is None else int(ahead or 0) * speed,
        basis=basis,
        unknown=unknown,
    )


def _seconds_per_image(session: Session, model: ModelView) -> tuple[float | None, Basis]:
    """By the median of the last orders of this model; before there are any, by what a worker measured."""
    by_model = sa.exists().where(Brief.job_id == Job.id, Brief.model_version_id == model.id)
    last = session.execute(
        sa.select(Job.compute_seconds, Job.done)
        .where(Job.kind == IMAGES, Job.state == JobState.DONE, Job.done > 0, by_model)
        .order_by(Job.finished_at.desc())
        .limit(_JOBS_LOOKED_AT)
    ).all()
    if last:
        return statistics.median(seconds / done for seconds, done in last), "orders"
    measured = recorded_speed(session, model.id)
    return measured, "none" if measured is None else "warm_up"
