"""What the worker does for a blind vote: every brief by both models, with the same seed. Loads torch."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Comparison, ComparisonPair, Job, JobState
from studio.engines.live import Engines, Interrupted, Recipe, Wanted
from studio.making.generation import png
from studio.models.in_use import model
from studio.work.job_body import JobBody
from studio.work.job_rows import locked, take_up
from studio.work.jobs import first_attempt
from studio.work.queue import Steps

_RECIPE = Recipe(truncation=0.8)  # as orders are made where nobody says otherwise


@dataclass(frozen=True)
class PairMaker(JobBody):
    """Makes the pairs of a comparison."""

    unit = "images"

    engines: Engines

    def work(self, steps: Steps, job_id: str) -> None:
        """Plan, a batch of pairs after the other, finish. Votes can begin after the first batch."""
        for pair_ids in steps.run("plan", self.plan, job_id):
            if not steps.run("pairs", self.make_pairs, job_id, pair_ids):
                break
        steps.run("finish", self.finish, job_id)

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

    def told(self, session: Session, job: Job) -> str:
        """How many pairs there are, and what they took."""
        return f"Done: {job.done // 2} pairs in {job.compute_seconds:.1f} s."

    def _make(self, job_id: str, model_id: int, pairs: Sequence[ComparisonPair]) -> list[str]:
        """The SHA-256 of this model's image of each pair. Raises Interrupted once the job is cancelled."""
        with self.studio.reading() as session:
            view = model(session, model_id)
        wanted = [Wanted(dict(pair.attributes), pair.seed, pair.prompt) for pair in pairs]
        images = self.engines.get(view).make(wanted, _RECIPE, lambda: self.goes_on(job_id))
        return [self.studio.storage.put(png(image)) for image in images]


def _pairs(session: Session, comparison_id: int) -> Sequence[ComparisonPair]:
    of_it = sa.select(ComparisonPair).where(ComparisonPair.comparison_id == comparison_id)
    return session.scalars(of_it.order_by(ComparisonPair.number)).all()


def _comparison(session: Session, job: Job) -> Comparison:
    return session.scalars(sa.select(Comparison).where(Comparison.job_id == first_attempt(job))).one()
