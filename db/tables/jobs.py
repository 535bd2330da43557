"""Durable jobs, their log, and the workers that report in."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.tables.base import Base, utc_now
from db.tables.people import User
from db.tables.words import JobState


class Job(Base):
    """A durable piece of work; its id is also the id of its workflow in the queue."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_state_created_at", "state", "created_at"),
        Index("ix_jobs_owner_id_finished_at", "owner_id", "finished_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), index=True)
    title: Mapped[str] = mapped_column(String(300))
    state: Mapped[JobState] = mapped_column(default=JobState.QUEUED)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    compute_seconds: Mapped[float] = mapped_column(default=0.0)
    estimate_seconds: Mapped[float | None]
    error: Mapped[str | None] = mapped_column(Text)
    retry_of_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id"), index=True)
    worker: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now, index=True)
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]

    owner: Mapped[User] = relationship()


class JobEvent(Base):
    """One line of the log of a job, for people."""

    __tablename__ = "job_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    text: Mapped[str] = mapped_column(Text)


class WorkerHeartbeat(Base):
    """A worker that reports in every few seconds."""

    __tablename__ = "worker_heartbeats"

    worker: Mapped[str] = mapped_column(String(120), primary_key=True)
    device: Mapped[str] = mapped_column(String(80))
    ready: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[dt.datetime]
    beat_at: Mapped[dt.datetime] = mapped_column(index=True)
