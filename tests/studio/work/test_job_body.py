"""A job's body takes the job up, works step by step, and closes it: done, cancelled or failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy.orm import Session

from db.tables import Job, JobState
from studio.bootstrap import Studio
from studio.errors import Conflict, StorageError
from studio.roles import Actor
from studio.work.job_body import JobBody
from studio.work.job_rows import advance, locked
from studio.work.jobs import IMAGES, JobView, add_job, cancel_job, job, job_log
from studio.work.queue import Steps
from tests.studio.at_once import AtOnce


@dataclass(frozen=True)
class Baker(JobBody):
    """Bakes two loaves at a time, of `loaves`; `burns` is raised over the second batch."""

    unit = "loaves"

    loaves: int = 3
    burns: Exception | None = None
    batches: list[int] = field(default_factory=list)

    def work(self, steps: Steps, job_id: str) -> None:
        """Batch after batch."""
        going = steps.run("begin", self.begin, job_id)
        while going:
            going = steps.run("bake", self.bake, job_id)
        steps.run("finish", self.finish, job_id)

    def bake(self, job_id: str) -> bool:
        """The next two; False when none is left, or the job was cancelled."""
        if self.burns and self.batches:
            raise self.burns
        batch = min(2, self.loaves - sum(self.batches))
        if not batch or not self.goes_on(job_id):
            return False
        self.batches.append(batch)
        with self.studio.writing() as session:
            return advance(locked(session, job_id), batch, start=0.0)


@dataclass(frozen=True)
class Teller(Baker):
    """Ends the log with its own words."""

    def told(self, session: Session, job: Job) -> str:
        """So many."""
        return f"{job.done} loaves for {job.title}."


def order(studio: Studio, actor: Actor, total: int = 3) -> str:
    with studio.writing() as session:
        row = add_job(studio, session, kind=IMAGES, title="Breakfast", owner=actor, total=total, estimate_seconds=None)
        return row.id


def run(body: JobBody, actor: Actor, job_id: str, before: Callable[[str], object] = lambda name: None) -> JobView:
    steps: Any = AtOnce(before)
    body.body(steps, job_id)
    return job(body.studio, actor, job_id)


def log(studio: Studio, actor: Actor, job_id: str) -> list[str]:
    return [line.text for line in job_log(studio, actor, job_id)]


def test_a_job_is_taken_up_brought_forward_and_done(studio_on_both: Studio, editor: Actor) -> None:
    job_id, names = order(studio_on_both, editor), []
    view = run(Baker(studio_on_both, "here"), editor, job_id, names.append)
    assert names == ["begin", "bake", "bake", "bake", "finish"]
    assert (view.state, view.done, view.worker) == (JobState.DONE, 3, "here")
    assert view.finished_at is not None
    assert log(studio_on_both, editor, job_id)[1] == "Started on here."
    assert log(studio_on_both, editor, job_id)[2].startswith("Done in ")


def test_a_done_job_counts_as_wholly_done_and_never_as_more(studio: Studio, editor: Actor) -> None:
    assert run(Baker(studio, "here"), editor, order(studio, editor, total=5)).done == 5
    assert run(Baker(studio, "here"), editor, order(studio, editor, total=2)).done == 2


def test_a_kind_ends_the_log_in_its_own_words_about_what_was_done(studio: Studio, editor: Actor) -> None:
    job_id = order(studio, editor, total=5)
    run(Teller(studio, "here"), editor, job_id)
    assert log(studio, editor, job_id)[-1] == "3 loaves for Breakfast."


def test_a_job_that_was_cancelled_while_it_waited_is_not_begun(studio: Studio, editor: Actor) -> None:
    job_id, baker = order(studio, editor), Baker(studio, "here")
    cancel_job(studio, editor, job_id)
    assert run(baker, editor, job_id).state is JobState.CANCELLED
    assert baker.batches == []
    assert not any("Started" in line for line in log(studio, editor, job_id))


@pytest.mark.parametrize("failing", [False, True], ids=["it stops", "it fails"])
def test_a_job_that_is_cancelled_at_work_says_how_far_it_came(studio: Studio, editor: Actor, failing: bool) -> None:
    job_id = order(studio, editor)
    baker = Baker(studio, "here", burns=StorageError("The oven is cold.") if failing else None)

    def cancel(name: str) -> None:
        if baker.batches:
            with studio.writing() as session:
                locked(session, job_id).state = JobState.CANCELLING

    view = run(baker, editor, job_id, cancel)
    assert (view.state, view.done, view.error) == (JobState.CANCELLED, 2, None)
    assert log(studio, editor, job_id)[-1] == "Stopped after 2 of 3 loaves."


def test_a_step_that_gives_up_fails_the_job_and_what_was_done_stays(studio_on_both: Studio, editor: Actor) -> None:
    job_id = order(studio_on_both, editor)
    view = run(Baker(studio_on_both, "here", burns=Conflict("The oven is cold.")), editor, job_id)
    assert (view.state, view.done, view.error) == (JobState.FAILED, 2, "The oven is cold.")
    assert log(studio_on_both, editor, job_id)[-1] == "Failed after 2 of 3 loaves: The oven is cold."
