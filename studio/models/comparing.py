"""What the worker does for a blind vote: every brief by both models, with the same seed. Loads torch."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Comparison, ComparisonPair, Job, JobState
from studio.bootstrap import Studio
from studio.engines.live import Engines, Interrupted, Recipe, Wanted
from studio.making.generation import png
from studio.models.in_use import model
from studio.work.job_rows import PASSING, close, give_up, locked, take_up
from studio.work.jobs import first_attempt
from studio.work.queue import StepFailed, Steps

_RECIPE = Recipe(truncation=0.8)  # as orders are made where nobody says otherwise


@dataclass(frozen=True)
class PairMaker:
    """Makes the pairs of a comparison on this worker. `worker` is the name that jobs show."""

    studio: Studio
    engines: Engines
    worker: str

    def body(self, steps: Steps, job_id: str) -> None:
        """The workflow: plan, a batch of pairs after the other, finish. Votes can begin after the first batch."""
        try:
            for pair_ids in steps.run("plan", self.plan, job_id, retry=PASSING):
                if not steps.run("pairs", self.make_pairs, job_id, pair_ids, retry=PASSING):
                    break
            steps.run("finish", self.finish, job_id, retry=PASSING)
        except StepFailed as failure:
            steps.run("fail", self.fail, job_id, str(failure), retry=PASSING)

    def plan(self, job_id: str) -> list[list[int]]:
        """Mark the job as running; the ids of the pairs that are missing, in batches. None when it was cancelled."""
        with self.studio.writing() as session:
            job = take_up(session, job_id, self.worker)
            if job is None:
                return []
            comparison = _comparison(session, job)
            missing = [pair.id for pair in _pairs(session, comparison.id) if pair.challenger_sha256 is None]
            models = [model(session, id_) for id_ in (comparison.champion_id, comparison.challenger_id)]
        size = min(self.engines.get(one).batch for one in models)
        return [missing[start : start + size] for start in range(0, len(missing), size)]

    def make_pairs(self, job_id: str, pair_ids: list[int]) -> bool:
        """Make these pairs and keep them in one transaction. False once the job is cancelled."""
        start = time.perf_counter()
        with self.studio.reading() as session:
            comparison = _comparison(session, session.get_one(Job, job_id))
            pairs = [pair for pair in _pairs(session, comparison.id) if pair.id in set(pair_ids)]
        try:
            champion = self._make(job_id, comparison.champion_id, pairs)
            challenger = self._make(job_id, comparison.challenger_id, pairs)
        except Interrupted:
            return False
        with self.studio.writing() as session:
            for pair, *made in zip(pairs, champion, challenger, strict=True):
                row = session.get_one(ComparisonPair, pair.id)
                row.champion_sha256, row.challenger_sha256 = made
            session.flush()
            job = locked(session, job_id)
            job.done = 2 * sum(pair.challenger_sha256 is not None for pair in _pairs(session, comparison.id))
            job.compute_seconds += time.perf_counter() - start
            return job.state is JobState.RUNNING

    def finish(self, job_id: str) -> None:
        """Close the job: done, or cancelled."""
        with self.studio.writing() as session:
            job = locked(session, job_id)
            close(session, job_id, f"Done: {job.done // 2} pairs in {job.compute_seconds:.1f} s.", "images")

    def fail(self, job_id: str, message: str) -> None:
        """Close the job as failed. `message` is for people."""
        with self.studio.writing() as session:
            give_up(session, job_id, message, "images")

    def _make(self, job_id: str, model_id: int, pairs: Sequence[ComparisonPair]) -> list[str]:
        """The SHA-256 of this model's image of each pair. Raises Interrupted once the job is cancelled."""
        with self.studio.reading() as session:
            view = model(session, model_id)
        wanted = [Wanted(dict(pair.attributes), pair.seed, pair.prompt) for pair in pairs]
        images = self.engines.get(view).make(wanted, _RECIPE, lambda: self._wanted(job_id))
        return [self.studio.storage.put(png(image)) for image in images]

    def _wanted(self, job_id: str) -> bool:
        with self.studio.reading() as session:
            return session.get_one(Job, job_id).state is JobState.RUNNING


def _pairs(session: Session, comparison_id: int) -> Sequence[ComparisonPair]:
    of_it = sa.select(ComparisonPair).where(ComparisonPair.comparison_id == comparison_id)
    return session.scalars(of_it.order_by(ComparisonPair.number)).all()


def _comparison(session: Session, job: Job) -> Comparison:
    return session.scalars(sa.select(Comparison).where(Comparison.job_id == first_attempt(job))).one()
