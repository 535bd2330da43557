"""Whether everything that an order needs is up. For probes and the supervisor: states only, no details."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from db.tables import Job, JobState, ModelAlias
from studio.bootstrap import Studio
from studio.work.jobs import workers


@dataclass(frozen=True)
class Health:
    """`worker` is "starting" while it loads the model. `queued` and `running` are numbers of jobs."""

    worker: Literal["ready", "starting", "none"]
    model: Literal["ready", "missing"]
    queued: int
    running: int

    @property
    def ready(self) -> bool:
        """Whether an order that is placed now is worked on at once."""
        return self.worker == "ready" and self.model == "ready"


def health(studio: Studio) -> Health:
    """The state of this moment. Needs no actor. Raises as every use case does when the database is away."""
    alive = [worker.ready for worker in workers(studio) if worker.alive]
    with studio.reading() as session:
        champion = session.scalar(sa.select(ModelAlias.id).where(ModelAlias.alias == "champion").limit(1))
        busy = (JobState.QUEUED, JobState.RUNNING, JobState.CANCELLING)
        numbers = sa.select(Job.state, sa.func.count()).where(Job.state.in_(busy)).group_by(Job.state)
        counts = dict(session.execute(numbers).all())
    return Health(
        worker="ready" if any(alive) else "starting" if alive else "none",
        model="missing" if champion is None else "ready",
        queued=counts.get(JobState.QUEUED, 0),
        running=counts.get(JobState.RUNNING, 0) + counts.get(JobState.CANCELLING, 0),
    )
