"""Making an image again, to show that it can be: ordered here, done by the worker, the outcome kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, Job, JobState, Reproduction, ReproductionOutcome, Role, User
from studio.activity import record
from studio.bootstrap import Studio
from studio.errors import Conflict, NotFound
from studio.roles import Actor, require
from studio.work.jobs import ACTIVE, REPRODUCE, add_job


@dataclass(frozen=True)
class ReproductionView:
    """One attempt. `outcome` is None while it waits or runs, and when it broke off (`state` says so, `text` why).

    sha256: the bytes that came out where they are others; the storage keeps them.
    """

    job_id: str
    state: JobState
    asked_by: str
    at: dt.datetime
    outcome: ReproductionOutcome | None
    text: str
    sha256: str | None

    @property
    def active(self) -> bool:
        """Whether it is waiting or running."""
        return self.state in ACTIVE


def order_reproduction(studio: Studio, actor: Actor | None, asset_id: int) -> str:
    """Have an image made again from its brief, seed and model version; returns the job's id.

    Raises NotFound; Conflict while another attempt at it is under way.
    """
    actor = require(actor, Role.EDITOR)
    with studio.writing() as session:
        image = session.get(Asset, asset_id)
        if image is None:
            raise NotFound(f"There is no image {asset_id}.")
        under_way = sa.select(Job.id).join(Reproduction, Reproduction.job_id == Job.id)
        if session.scalar(under_way.where(Reproduction.asset_id == asset_id, Job.state.in_(ACTIVE)).limit(1)):
            raise Conflict(f"Image {asset_id} is being made again already.")
        title = f"Make image {asset_id} again"
        job = add_job(studio, session, kind=REPRODUCE, title=title, owner=actor, total=1, estimate_seconds=None)
        session.add(Reproduction(job_id=job.id, asset_id=asset_id))
        record(session, actor, "reproduced", "asset", asset_id, f"Had image {asset_id} made again.", job=job.id)
        return job.id


def reproductions(session: Session, asset_id: int) -> tuple[ReproductionView, ...]:
    """The attempts at an image, the newest first."""
    query = (
        sa.select(Reproduction, Job, User.name)
        .join(Job, Job.id == Reproduction.job_id)
        .join(User, User.id == Job.owner_id)
        .where(Reproduction.asset_id == asset_id)
        .order_by(Job.created_at.desc(), Job.id.desc())
    )
    return tuple(
        ReproductionView(
            job_id=job.id,
            state=job.state,
            asked_by=name,
            at=job.created_at,
            outcome=row.outcome,
            text=row.text or job.error or "",
            sha256=row.sha256,
        )
        for row, job, name in session.execute(query)
    )


def latest_reproduction(studio: Studio, actor: Actor | None, asset_id: int) -> ReproductionView | None:
    """The last attempt at an image, for a page that waits for it."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        return next(iter(reproductions(session, asset_id)), None)
