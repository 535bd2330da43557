"""Sees to it that no job stays with a worker that died: it goes on elsewhere within 30 seconds."""

from __future__ import annotations

import logging
import threading
import time

import sqlalchemy as sa

from db.tables import Job, JobState, utc_now
from studio.bootstrap import Studio
from studio.errors import StudioError
from studio.work.heartbeat import HEARTBEAT_SECONDS, alive_workers
from studio.work.jobs import ACTIVE, note
from studio.work.queue import Body, Runner, Steps

_CLOSE_EVERY_SECONDS = 10.0
_GOODBYE_SECONDS = 5.0
_log = logging.getLogger(__name__)


class Takeover:
    """Looks every two seconds for jobs that nobody works on any more, from a thread of its own: a model that takes
    minutes to load must not hold it up. A death is known `GONE_AFTER` after the last report, so that its jobs are back
    in the queue at most 22 s after it.
    """

    def __init__(self, studio: Studio, runner: Runner) -> None:
        self._studio, self._runner = studio, runner
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._keep_looking, name="takeover", daemon=True)

    def __enter__(self) -> Takeover:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(_GOODBYE_SECONDS)  # longer only while the database does not answer

    def _keep_looking(self) -> None:
        closed = time.monotonic()
        while not self._end.wait(HEARTBEAT_SECONDS):
            try:
                self._take_over()
                if time.monotonic() - closed > _CLOSE_EVERY_SECONDS:
                    closed = time.monotonic()
                    self._close_ended()
            except (StudioError, sa.exc.SQLAlchemyError) as error:
                _log.warning("the database does not answer, trying again: %s", error)

    def _take_over(self) -> None:
        with self._studio.reading() as session:
            alive = alive_workers(session)
        for job_id in self._runner.rescue(alive):
            _log.warning("job %s was left by a worker that is gone; it goes on", job_id)

    def _close_ended(self) -> None:
        """Close the jobs whose workflow gave up without a word."""
        with self._studio.reading() as session:
            active = session.scalars(sa.select(Job.id).where(Job.state.in_(ACTIVE))).all()
        for job_id in self._runner.ended(active):
            self._close(job_id)

    def _close(self, job_id: str) -> None:
        with self._studio.writing() as session:
            job = session.get_one(Job, job_id, with_for_update=True)
            if job.state not in ACTIVE:  # it has just ended in order
                return
            stopped = job.state is JobState.CANCELLING
            job.state = JobState.CANCELLED if stopped else JobState.FAILED
            job.finished_at = utc_now()
            if not stopped:
                job.error = "The worker broke down again and again during this job. Its log has the details."
                note(session, job_id, job.error)


def told_of(studio: Studio, worker: str, body: Body) -> Body:
    """The body of a job that first says on which worker it goes on, where another one had it in hand before."""

    def run(steps: Steps, job_id: str) -> None:
        try:
            _take_in_hand(studio, worker, job_id)
        except (StudioError, sa.exc.SQLAlchemyError) as error:
            _log.warning("job %s goes on here, which could not be told: %s", job_id, error)
        body(steps, job_id)

    return run


def _take_in_hand(studio: Studio, worker: str, job_id: str) -> None:
    with studio.writing() as session:
        job = session.get(Job, job_id, with_for_update=True)
        if job is not None and job.worker not in (None, worker) and job.state in ACTIVE:
            note(session, job_id, f"Goes on on {worker}.")
            job.worker = worker
