"""What the worker does for many pictures that have no vector yet: chunk after chunk, until none is left."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy.orm import Session

from db.tables import Job
from studio.searching.vectors import make_some
from studio.work.job_body import JobBody
from studio.work.job_rows import advance, locked
from studio.work.jobs import note
from studio.work.queue import Steps


@dataclass(frozen=True)
class VectorMaker(JobBody):
    """Makes vectors."""

    unit = "pictures"

    def work(self, steps: Steps, job_id: str) -> None:
        """Chunk after chunk. What a chunk made lacks nothing more, so that a chunk done twice is the same as once."""
        going = steps.run("begin", self.begin, job_id)
        while going:
            going = steps.run("pictures", self.make, job_id)
        steps.run("finish", self.finish, job_id)

    def make(self, job_id: str) -> bool:
        """The next pictures. False when none is left, or the job was cancelled."""
        start = time.perf_counter()
        if not self.goes_on(job_id):
            return False
        made = make_some(self.studio)
        with self.studio.writing() as session:
            going = advance(locked(session, job_id), made.tried, start)
            if made.unreadable:
                note(session, job_id, f"{made.unreadable} could not be read and stay out of the search.")
            return made.tried > 0 and going

    def told(self, session: Session, job: Job) -> str:
        """How they are found now."""
        return "Done: all of these pictures can be found by meaning now."
