"""What a worker does for a job of any kind: takes it up, works step by step, closes it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy.orm import Session

from db.tables import Job, JobState
from studio.bootstrap import Studio
from studio.work.job_rows import close, give_up, locked, take_up
from studio.work.queue import StepFailed, Steps


@dataclass(frozen=True)
class JobBody(ABC):
    """Does the jobs of one kind on one worker. `worker` is the name that jobs show.

    A kind says in `work` which steps it takes, from "begin" to "finish". A step is a method that gets the job's id; a
    worker may die before its result is kept, so that doing it twice must be the same as once. What a step did stays,
    whatever stops the job later. `unit` is what these jobs count ("images"), for their log.
    """

    studio: Studio
    worker: str
    unit: ClassVar[str] = ""

    def body(self, steps: Steps, job_id: str) -> None:
        """The workflow of one attempt. A step that gives up ends the job as failed."""
        try:
            self.work(steps, job_id)
        except StepFailed as failure:
            steps.run("fail", self.fail, job_id, str(failure))

    @abstractmethod
    def work(self, steps: Steps, job_id: str) -> None:
        """The steps in their order, the same every time. The last one closes the job, also when it was cancelled."""

    def begin(self, job_id: str) -> bool:
        """Mark the job as running; False when it was cancelled meanwhile."""
        with self.studio.writing() as session:
            return take_up(session, job_id, self.worker) is not None

    def goes_on(self, job_id: str) -> bool:
        """Whether nobody has cancelled the job, as long steps ask now and then."""
        with self.studio.reading() as session:
            return session.get_one(Job, job_id).state is JobState.RUNNING

    def finish(self, job_id: str) -> None:
        """Close the job: done, and that wholly, or cancelled."""
        with self.studio.writing() as session:
            job = locked(session, job_id)
            told = self.told(session, job)
            if job.state is JobState.RUNNING:
                job.done = job.total
            close(session, job, told, self.unit)

    def told(self, session: Session, job: Job) -> str:
        """The line that ends the log of a job that is done."""
        return f"Done in {job.compute_seconds:.1f} s."

    def fail(self, job_id: str, message: str) -> None:
        """Close the job as failed. `message` is for people."""
        with self.studio.writing() as session:
            give_up(session, locked(session, job_id), message, self.unit)
