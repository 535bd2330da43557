"""Durable jobs as people see them: list, follow, cancel, retry; and the workers that run them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from db.clock import database_now
from db.tables import Asset, Brief, Job, JobEvent, JobState, Role, WorkerHeartbeat, utc_now
from studio.errors import Conflict, Forbidden, NotFound
from studio.roles import Actor, require
from studio.work.heartbeat import GONE_AFTER, alive_workers
from studio.work.queue import IMPORTS, ORDERS, PREPARATIONS, RECALLS, SCORINGS, TRAININGS
from studio.work.quotas import UNCOUNTED

if TYPE_CHECKING:
    from studio.bootstrap import Studio

IMAGES = "images"
"""The kind of job that makes images; also the name of its body in the worker."""
TRAINING = "training"
"""The kind of job that teaches a model the catalogue's photos; it counts photos seen."""
COMPARISON = "comparison"
"""The kind of job that makes the pairs of a blind vote."""
JUDGING = "judging"
"""The kind of job that judges two models on the same held-out photos; it counts models."""
RECALL = "recall"
"""The kind of job that withdraws all images of a cause; it counts images."""
IMPORT = "import"
"""The kind of job that checks a catalogue file; it counts rows."""
PHOTOS = "photos"
"""The kind of job that reads photos and places them at their products; it counts files."""
LOOKS = "looks"
"""The kind of job that prepares images for the search by likeness."""
VECTORS = "vectors"
"""The kind of job that prepares pictures for the search by meaning; it counts pictures."""
SCORES = UNCOUNTED
"""The kind of job that takes the scores which come after an image was made; it counts images."""
REPRODUCE = "reproduce"
"""The kind of job that makes one image again and compares."""
ENGINE = "engine"
"""The kind of job that tries out a further engine and registers it."""
CALIBRATION = "calibration"
"""The kind of job that learns from decisions how far scores can be trusted; it counts verdicts."""
HOUSE_STYLES = "house_styles"
"""The kind of job that learns where products of each category stand in their frame; it counts pictures."""
ACTIVE = (JobState.QUEUED, JobState.RUNNING, JobState.CANCELLING)

_QUEUES = {
    IMAGES: ORDERS,
    IMPORT: IMPORTS,
    CALIBRATION: IMPORTS,
    COMPARISON: ORDERS,
    HOUSE_STYLES: IMPORTS,
    JUDGING: TRAININGS,
    ENGINE: ORDERS,
    RECALL: RECALLS,
    PHOTOS: IMPORTS,
    TRAINING: TRAININGS,
    LOOKS: IMPORTS,
    VECTORS: PREPARATIONS,
    SCORES: SCORINGS,
    REPRODUCE: ORDERS,
}
_SMALL = 64  # images; someone is waiting for these, so they go before larger jobs


@dataclass(frozen=True)
class JobView:
    """One attempt at a piece of work. `total` is what this attempt has to make; `seconds_left` is None when unknown or
    over. `retry_of_id` is the first attempt, when this is a later one.
    """

    id: str
    kind: str
    title: str
    state: JobState
    owner_id: int
    owner: str
    total: int
    done: int
    seconds_left: float | None
    compute_seconds: float
    error: str | None
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    worker: str | None
    retry_of_id: str | None

    @property
    def active(self) -> bool:
        """Whether it is waiting or running."""
        return self.state in ACTIVE


@dataclass(frozen=True)
class JobLine:
    """One line of a job's log."""

    at: dt.datetime
    text: str


@dataclass(frozen=True)
class WorkerView:
    """A worker by its last report. `ready`: its model is loaded and warm; `alive`: it reported in lately."""

    name: str
    device: str
    ready: bool
    alive: bool
    age_seconds: float
    started_at: dt.datetime


def list_jobs(
    studio: Studio, actor: Actor, state: JobState | None = None, *, limit: int = 50, before: str | None = None
) -> list[JobView]:
    """The newest jobs first. `before` is the id of the last job of the page before."""
    require(actor, Role.VIEWER)
    query = sa.select(Job).options(joinedload(Job.owner)).order_by(Job.created_at.desc(), Job.id.desc()).limit(limit)
    if state is not None:
        query = query.where(Job.state == state)
    with studio.reading() as session:
        if before is not None:
            last = _job(session, before)
            query = query.where(sa.tuple_(Job.created_at, Job.id) < sa.tuple_(last.created_at, last.id))
        return _views(session, list(session.scalars(query)))


def job(studio: Studio, actor: Actor, job_id: str) -> JobView:
    """One job. Raises NotFound."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        return _views(session, [_job(session, job_id)])[0]


def job_log(studio: Studio, actor: Actor, job_id: str) -> list[JobLine]:
    """What happened to a job, oldest line first. Raises NotFound."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        _job(session, job_id)
        rows = session.scalars(sa.select(JobEvent).where(JobEvent.job_id == job_id).order_by(JobEvent.id))
        return [JobLine(at=row.at, text=row.text) for row in rows]


def cancel_job(studio: Studio, actor: Actor, job_id: str) -> JobState:
    """Stop a job; what it made stays. Returns CANCELLING while a worker still has it in hand, else CANCELLED.

    Raises NotFound, Forbidden for another person's job below the role manager, Conflict for a job that is over.
    """
    require(actor, Role.EDITOR)
    with studio.writing() as session:
        row = own_job(session, actor, job_id)
        if row.state not in ACTIVE:
            raise Conflict(f"This job is already {row.state.value}; there is nothing to cancel.")
        at_work = row.state is not JobState.QUEUED and _reports_in(session, row.worker)
        row.state = JobState.CANCELLING if at_work else JobState.CANCELLED
        row.finished_at = None if at_work else utc_now()
        note(session, job_id, f"Cancelled by {actor.name}.")
        return row.state


def workers(studio: Studio) -> list[WorkerView]:
    """Every worker that was not stopped on purpose, by name."""
    with studio.reading() as session:
        now = database_now(session)
        return [
            WorkerView(
                name=row.worker,
                device=row.device,
                ready=row.ready,
                alive=now - row.beat_at < GONE_AFTER,
                age_seconds=(now - row.beat_at).total_seconds(),
                started_at=row.started_at,
            )
            for row in session.scalars(sa.select(WorkerHeartbeat).order_by(WorkerHeartbeat.worker))
        ]


def add_job(
    studio: Studio,
    session: Session,
    *,
    kind: str,
    title: str,
    owner: Actor,
    total: int,
    estimate_seconds: float | None,
    retry_of_id: str | None = None,
    job_id: str | None = None,
) -> Job:
    """A new job, in the table and in the queue, within the caller's transaction. job_id: None draws one."""
    row = Job(
        id=job_id or str(uuid.uuid4()),
        kind=kind,
        title=title[:300],
        owner_id=owner.id,
        total=total,
        estimate_seconds=estimate_seconds,
        retry_of_id=retry_of_id,
    )
    session.add(row)
    session.flush()
    note(session, row.id, f"Ordered by {owner.name}.")
    priority = 10 if total <= _SMALL else 20
    studio.queue.enqueue(session, row.id, queue=_QUEUES[kind], function=kind, priority=priority)
    return row


def first_attempt(row: Job) -> str:
    """The id of the job that holds the briefs: itself, or the one that it retries."""
    return row.retry_of_id or row.id


def missing(session: Session, first_id: str) -> int:
    """How many images of the briefs of job `first_id` are not made yet."""
    ordered = sa.select(sa.func.coalesce(sa.func.sum(Brief.number), 0)).where(Brief.job_id == first_id)
    made = sa.select(sa.func.count()).select_from(Asset).join(Asset.brief).where(Brief.job_id == first_id)
    return int(session.scalar(ordered) or 0) - int(session.scalar(made) or 0)


def note(session: Session, job_id: str, text: str) -> None:
    """Add a line to a job's log."""
    session.add(JobEvent(job_id=job_id, text=text))


def _job(session: Session, job_id: str) -> Job:
    row = session.get(Job, job_id)
    if row is None:
        raise NotFound(f"There is no job {job_id[:80]!r}.")
    return row


def own_job(session: Session, actor: Actor, job_id: str) -> Job:
    """A job that the actor may touch. Raises NotFound, Forbidden for another person's below the role manager."""
    row = _job(session, job_id)
    if row.owner_id != actor.id and not actor.may(Role.MANAGER):
        raise Forbidden(
            f"This job is {row.owner.name}'s; touching it needs the role manager, {actor.name} is {actor.role.value}."
        )
    return row


def _reports_in(session: Session, worker: str | None) -> bool:
    return worker in alive_workers(session)


def _views(session: Session, rows: list[Job]) -> list[JobView]:
    # A training runs beside the worker, at a lower priority, so it takes no turns.
    running = session.scalars(sa.select(Job.worker).where(Job.state == JobState.RUNNING, Job.kind != TRAINING))
    sharing = Counter(worker for worker in running if worker)
    return [_view(row, sharing) for row in rows]


def _view(row: Job, sharing: Counter[str]) -> JobView:
    return JobView(
        id=row.id,
        kind=row.kind,
        title=row.title,
        state=row.state,
        owner_id=row.owner_id,
        owner=row.owner.name,
        total=row.total,
        done=row.done,
        seconds_left=_seconds_left(row, sharing[row.worker] if row.worker and row.kind != TRAINING else 1),
        compute_seconds=row.compute_seconds,
        error=row.error,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        worker=row.worker,
        retry_of_id=row.retry_of_id,
    )


def _seconds_left(row: Job, jobs_on_worker: int) -> float | None:
    """By this job's own speed as soon as it has one; jobs on one worker take turns."""
    if row.state not in (JobState.QUEUED, JobState.RUNNING):
        return None
    if row.done == 0:
        return row.estimate_seconds
    return (row.total - row.done) * row.compute_seconds / row.done * max(jobs_on_worker, 1)
