"""What the worker does to calibrate: learns from verdicts, keeps the version, foretells the images that wait."""

from __future__ import annotations

import time
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import AutomaticRule, Calibration, CalibrationCase, Chance, Job, JobState
from studio.trust.cases import Case, cases
from studio.trust.chances import foretell_some
from studio.trust.fitting import Fitted, fit
from studio.work.job_body import JobBody
from studio.work.job_rows import locked
from studio.work.jobs import note
from studio.work.queue import Steps

_KEPT = 3  # versions whose held-out verdicts stay, beside those that a rule stands on


@dataclass(frozen=True)
class Calibrator(JobBody):
    """Calibrates; the version before stays when it fails."""

    unit = "verdicts"

    def work(self, steps: Steps, job_id: str) -> None:
        """Learn, foretell chunk after chunk, finish."""
        going = steps.run("begin", self.begin, job_id)
        going = going and steps.run("learn", self.learn, job_id)
        while going:
            going = steps.run("foretell", self.foretell, job_id)
        steps.run("finish", self.finish, job_id)

    def learn(self, job_id: str) -> bool:
        """Learn and keep the next version, once, however often it is begun; False when it was cancelled meanwhile."""
        start = time.perf_counter()
        kept = sa.select(Calibration.id).where(Calibration.job_id == job_id)
        with self.studio.reading() as session:
            if session.scalar(kept) is not None:
                return True
            known = cases(session)
        fitted = fit(known)
        with self.studio.writing() as session:
            job = locked(session, job_id)
            if job.state is not JobState.RUNNING:
                return False
            if session.scalar(kept) is None:
                version = (session.scalar(sa.select(sa.func.max(Calibration.version))) or 0) + 1
                row = _row(job_id, version, known, fitted)
                session.add(row)
                session.flush()
                session.add_all(_held_out(row.id, fitted))
                _forget_old(session, version)
                overall = fitted.figures[""]
                note(
                    session,
                    job_id,
                    f"Version {version}, from {len(known):,} verdicts: Brier score {overall.brier.value:.3f} on the "
                    f"latest {overall.n:,}.",
                )
            job.done = job.total
            job.compute_seconds += time.perf_counter() - start
            return True

    def foretell(self, job_id: str) -> bool:
        """Foretell some of the images that wait; False when none is left or the job was cancelled."""
        return foretell_some(self.studio) > 0 and self.goes_on(job_id)

    def told(self, session: Session, job: Job) -> str:
        """Where it shows."""
        return "Done: the page Quality shows how far the scores can be trusted."


def _row(job_id: str, version: int, known: list[Case], fitted: Fitted) -> Calibration:
    return Calibration(
        version=version,
        job_id=job_id,
        first_at=known[0].at,
        last_at=known[-1].at,
        n=len(known),
        model=fitted.model.as_json(),
        figures={category: figures.as_json() for category, figures in fitted.figures.items()},
    )


def _held_out(calibration_id: int, fitted: Fitted) -> list[CalibrationCase]:
    return [
        CalibrationCase(
            calibration_id=calibration_id,
            asset_id=case.asset_id,
            category=case.category,
            at=case.at,
            probability=float(probability),
            approved=case.approved,
        )
        for case, probability in zip(fitted.held_out, fitted.foretold, strict=True)
    ]


def _forget_old(session: Session, version: int) -> None:
    """What neither a page nor a rule asks for any more: held-out verdicts of old versions, what they foretold."""
    standing = sa.select(AutomaticRule.calibration_id).where(AutomaticRule.open_category.is_not(None))
    old = sa.select(Calibration.id).where(Calibration.version <= version - _KEPT, Calibration.id.not_in(standing))
    past = sa.select(Calibration.id).where(Calibration.version < version, Calibration.id.not_in(standing))
    for gone in (
        sa.delete(CalibrationCase).where(CalibrationCase.calibration_id.in_(old)),
        sa.delete(Chance).where(Chance.calibration_id.in_(past)),
    ):
        session.execute(gone.execution_options(synchronize_session=False))
