"""Calibrations as people see them: how far the scores can be trusted, by which version, and the next one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, Calibration, CalibrationCase, Chance, Job, Purpose, Role, utc_now
from studio.bootstrap import Studio
from studio.errors import Conflict
from studio.roles import Actor, require
from studio.trust.cases import cases, count_cases
from studio.trust.itself import itself
from studio.trust.measures import Figures
from studio.trust.model import Model
from studio.work.jobs import ACTIVE, CALIBRATION, add_job

FEWEST_VERDICTS: Final = 200
"""Verdicts from which on anything is learnt."""
FEWEST_OF_A_KIND: Final = 30
"""As many of them must be approvals, and as many rejections."""
REFIT_AFTER: Final = dt.timedelta(days=7)
WORTH_IT: Final = 50
"""New verdicts that make another calibration worth while."""


@dataclass(frozen=True)
class CalibrationView:
    """One version. `n` verdicts of `first_at` to `last_at` were looked at; `figures` are those of the latest part, in
    all under "" and by category.
    """

    id: int
    version: int
    fitted_at: dt.datetime
    first_at: dt.datetime
    last_at: dt.datetime
    n: int
    figures: dict[str, Figures]


@dataclass(frozen=True)
class Standing:
    """What there is to show: the newest calibration, the job that makes the next one, and the verdicts there are."""

    newest: CalibrationView | None
    job_id: str | None
    verdicts: int
    approved: int

    @property
    def enough(self) -> bool:
        """Whether a calibration can be learnt from the verdicts."""
        return not too_few(self.verdicts, self.approved)


def standing(studio: Studio, actor: Actor | None) -> Standing:
    """The newest calibration and how the next one stands. Verdicts are counted only as long as there is none."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        row = newest(session)
        n, approved = count_cases(session) if row is None else (0, 0)
        return Standing(None if row is None else view_of(row), _at_work(session), n, approved)


def calibration_versions(studio: Studio, actor: Actor | None, *, limit: int = 20) -> list[CalibrationView]:
    """The versions, the newest first."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        rows = session.scalars(sa.select(Calibration).order_by(Calibration.version.desc()).limit(limit))
        return [view_of(row) for row in rows]


def calibrate(studio: Studio, actor: Actor | None) -> str:
    """Have the scores calibrated anew; returns the job's id. For managers.

    Raises Conflict where too few verdicts are there, or another job is at it.
    """
    actor = require(actor, Role.MANAGER)
    with studio.reading() as session:
        n, approved = count_cases(session)
    refuse_too_few(n, approved)
    with studio.writing() as session:
        if _at_work(session):
            raise Conflict("The scores are being calibrated already; the page shows it when it is done.")
        return _order(studio, session, actor, n)


def calibrate_if_due(studio: Studio) -> str | None:
    """Order what comes round: a week after the last one, where enough was decided since. None where it is not due."""
    with studio.reading() as session:
        row = newest(session)
        if _at_work(session) or (row is not None and utc_now() - row.fitted_at < REFIT_AFTER):
            return None
        fresh = cases(session, since=None if row is None else row.last_at)
        approved = sum(case.approved for case in fresh)
        if len(fresh) < WORTH_IT or (row is None and too_few(len(fresh), approved)):
            return None
        failed = sa.select(Job.created_at).where(Job.kind == CALIBRATION).order_by(Job.created_at.desc()).limit(1)
        last = session.scalar(failed)
        if last is not None and utc_now() - last < REFIT_AFTER:  # it failed or was cancelled: not again every minute
            return None
    with studio.writing() as session:
        return None if _at_work(session) else _order(studio, session, itself(session), len(fresh))


def refuse_too_few(n: int, approved: int) -> None:
    """Raise Conflict unless so many verdicts teach anything."""
    if not too_few(n, approved):
        return
    raise Conflict(
        "Scores can be calibrated from {fewest} verdicts on, with {kind} approvals and {kind} rejections among them; "
        "there are {n}: {approved} approvals and {rejected} rejections.",
        fewest=FEWEST_VERDICTS,
        kind=FEWEST_OF_A_KIND,
        n=n,
        approved=approved,
        rejected=n - approved,
    )


def too_few(n: int, approved: int) -> bool:
    """Whether so many verdicts teach nothing yet."""
    return n < FEWEST_VERDICTS or min(approved, n - approved) < FEWEST_OF_A_KIND


def newest(session: Session) -> Calibration | None:
    """The calibration that counts now."""
    return session.scalar(sa.select(Calibration).order_by(Calibration.version.desc()).limit(1))


def view_of(row: Calibration) -> CalibrationView:
    """A row as people see it."""
    figures = {category: Figures.from_json(told) for category, told in row.figures.items()}
    return CalibrationView(row.id, row.version, row.fitted_at, row.first_at, row.last_at, row.n, figures)


def model_of(row: Calibration) -> Model:
    """The model of a row."""
    return Model.from_json(row.model)


def chances(session: Session, asset_ids: Collection[int]) -> dict[int, float]:
    """The probability that people approve each of these images, where it is known: images in review, within a minute
    of their scores.
    """
    if not asset_ids:
        return {}
    query = sa.select(Chance.asset_id, Chance.probability).where(Chance.asset_id.in_(asset_ids), _of_the_newest())
    return dict(session.execute(query).all())


def chance() -> sa.ScalarSelect[float]:
    """The same in SQL, for a query over `assets`: to order and to narrow by; empty where it is not known."""
    return sa.select(Chance.probability).where(Chance.asset_id == Asset.id, _of_the_newest()).scalar_subquery()


def held_out(session: Session, calibration_id: int, category: str) -> list[CalibrationCase]:
    """The verdicts of a category on which a calibration was judged, the most probable first; those on listing images
    left out, which the studio never approves by itself.
    """
    query = (
        sa.select(CalibrationCase)
        .join(Asset, Asset.id == CalibrationCase.asset_id)
        .where(CalibrationCase.calibration_id == calibration_id, CalibrationCase.category == category)
        .where(Asset.purpose != Purpose.LISTING)
    )
    order = CalibrationCase.probability.desc(), CalibrationCase.asset_id
    return list(session.scalars(query.order_by(*order)))


def _of_the_newest() -> sa.ColumnElement[bool]:
    return Chance.calibration_id == sa.select(sa.func.max(Calibration.id)).scalar_subquery()


def _at_work(session: Session) -> str | None:
    query = sa.select(Job.id).where(Job.kind == CALIBRATION, Job.state.in_(ACTIVE))
    return session.scalar(query.order_by(Job.created_at).limit(1))


def _order(studio: Studio, session: Session, owner: Actor, verdicts: int) -> str:
    job = add_job(
        studio,
        session,
        kind=CALIBRATION,
        title="Calibrate the scores from decisions",
        owner=owner,
        total=verdicts,
        estimate_seconds=2.0 + verdicts / 4_000,
    )
    return job.id
