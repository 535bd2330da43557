"""The row of a job in the worker's hands: taken up, brought forward, closed, given up."""

from __future__ import annotations

import time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Job, JobState, utc_now
from studio.work.jobs import note


def locked(session: Session, job_id: str) -> Job:
    """The job's row, held against every other worker until the transaction ends."""
    return session.scalars(sa.select(Job).where(Job.id == job_id).with_for_update()).one()


def take_up(session: Session, job_id: str, worker: str) -> Job | None:
    """Mark the job as running on this worker; None when it was cancelled meanwhile."""
    job = locked(session, job_id)
    if job.state not in (JobState.QUEUED, JobState.RUNNING):
        return None
    job.state, job.worker = JobState.RUNNING, worker
    job.started_at = job.started_at or utc_now()
    note(session, job_id, f"Started on {worker}.")
    return job


def advance(job: Job, number: int, start: float) -> bool:
    """Count `number` things more as done, and the time since `start` (of `time.perf_counter`); whether to go on."""
    job.done = min(job.done + number, job.total)
    job.compute_seconds += time.perf_counter() - start
    return job.state is JobState.RUNNING


def close(session: Session, job: Job, done: str, unit: str = "") -> None:
    """End the locked job: done, with the line `done` in its log, or cancelled. unit: what it counts ("images")."""
    if job.state is JobState.RUNNING:
        end(session, job, JobState.DONE, done)
    elif job.state is JobState.CANCELLING:
        end(session, job, JobState.CANCELLED, f"Stopped after {_far(job, unit)}.")


def give_up(session: Session, job: Job, message: str, unit: str = "") -> None:
    """End the locked job as failed. `message` is for people; what was done stays."""
    if job.state in (JobState.RUNNING, JobState.QUEUED):
        job.error = message
        end(session, job, JobState.FAILED, f"Failed after {_far(job, unit)}: {message}")
    elif job.state is JobState.CANCELLING:
        end(session, job, JobState.CANCELLED, f"Stopped after {_far(job, unit)}.")


def _far(job: Job, unit: str) -> str:
    return f"{job.done} of {job.total} {unit}".rstrip()


def end(session: Session, job: Job, state: JobState, line: str) -> None:
    """End the job in this state, with a line in its log."""
    job.state = state
    job.finished_at = utc_now()
    note(session, job.id, line)
