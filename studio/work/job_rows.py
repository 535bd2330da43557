"""The row of a job in the worker's hands: taken up, closed, given up."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Job, JobState, utc_now
from studio.errors import DatabaseBusy, StorageError
from studio.work.jobs import note

PASSING = (StorageError, DatabaseBusy)
"""Faults that are worth another try."""


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


def close(session: Session, job_id: str, done: str, unit: str = "") -> None:
    """End the job: done, with the line `done` in its log, or cancelled. unit: what it counts ("images")."""
    job = locked(session, job_id)
    if job.state is JobState.RUNNING:
        end(session, job, JobState.DONE, done)
    elif job.state is JobState.CANCELLING:
        end(session, job, JobState.CANCELLED, f"Stopped after {_far(job, unit)}.")


def give_up(session: Session, job_id: str, message: str, unit: str = "") -> None:
    """End the job as failed. `message` is for people; what was done stays."""
    job = locked(session, job_id)
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
