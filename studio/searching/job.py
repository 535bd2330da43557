"""What the worker does for many pictures that have no vector yet: chunk after chunk, until none is left."""

from __future__ import annotations

import time
from dataclasses import dataclass

from db.tables import Job, JobState
from studio.bootstrap import Studio
from studio.searching.vectors import make_some
from studio.work.job_rows import PASSING, close, give_up, locked, take_up
from studio.work.jobs import note
from studio.work.queue import StepFailed, Steps


@dataclass(frozen=True)
class VectorMaker:
    """Makes vectors on this worker. `worker` is the name that jobs show."""

    studio: Studio
    worker: str

    def body(self, steps: Steps, job_id: str) -> None:
        """The workflow. What a chunk made lacks nothing more, so that a chunk done twice is the same as once."""
        try:
            going = steps.run("begin", self.begin, job_id, retry=PASSING)
            while going:
                going = steps.run("pictures", self.make, job_id, retry=PASSING)
            steps.run("finish", self.finish, job_id, retry=PASSING)
        except StepFailed as failure:
            steps.run("fail", self.fail, job_id, str(failure), retry=PASSING)

    def begin(self, job_id: str) -> bool:
        """Mark the job as running; False when it was cancelled meanwhile."""
        with self.studio.writing() as session:
            return take_up(session, job_id, self.worker) is not None

    def make(self, job_id: str) -> bool:
        """The next pictures. False when none is left, or the job was cancelled."""
        start = time.perf_counter()
        with self.studio.reading() as session:
            if session.get_one(Job, job_id).state is not JobState.RUNNING:
                return False
        made = make_some(self.studio)
        with self.studio.writing() as session:
            job = locked(session, job_id)
            job.done = min(job.done + made.tried, job.total)
            job.compute_seconds += time.perf_counter() - start
            if made.unreadable:
                note(session, job_id, f"{made.unreadable} could not be read and stay out of the search.")
            return made.tried > 0 and job.state is JobState.RUNNING

    def finish(self, job_id: str) -> None:
        """Close the job: done, or cancelled."""
        with self.studio.writing() as session:
            close(session, job_id, "Done: all of these pictures can be found by meaning now.", "pictures")

    def fail(self, job_id: str, message: str) -> None:
        """Close the job as failed; the vectors that it made stay."""
        with self.studio.writing() as session:
            give_up(session, job_id, message, "pictures")
