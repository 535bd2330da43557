"""The figures of one day, counted from images, decisions, scores and orders themselves."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from db.tables import (
    Asset,
    AssetState,
    Brief,
    Decision,
    Job,
    QualityDay,
    QualityReviewer,
    QualityScore,
    QualityVerdict,
    Score,
)
from ecomgan.metrics import SCORERS
from studio.quality.histogram import WAITS, bins_of, pack, shortfall
from studio.quality.rates import seconds_between
from studio.review.pace import SITTING_ENDS, gaps
from studio.review.states import UNDO
from studio.review.verdicts import Days, is_first_verdict, is_last_verdict, is_verdict, was_given, within

_ORDER_OF_IMAGES = "images"  # the kind of job whose computing goes into the cost of images

Cell = tuple[str, int]
"""(category, model version id)."""


def days(session: Session, day: dt.date) -> Iterable[QualityDay]:
    """Images made, computing, and how long verdicts were waited for."""
    made = sa.select(Asset.category, Asset.model_version_id, sa.func.count()).where(*_on(Asset.created_at, day))
    images = {
        (category, model): n
        for category, model, n in session.execute(made.group_by(Asset.category, Asset.model_version_id))
    }
    computed, waited = _computing(session, day), _waits(session, day)
    for cell in sorted(images.keys() | computed.keys() | waited.keys()):
        yield QualityDay(
            day=day,
            category=cell[0],
            model_version_id=cell[1],
            images=images.get(cell, 0),
            compute_seconds=computed.get(cell, 0.0),
            waits=pack(WAITS.count(waited.get(cell, ()))),
        )


def verdicts(session: Session, day: dt.date) -> Iterable[QualityVerdict]:
    """Verdicts by their reason."""
    flags = [sa.case((condition, 1), else_=0) for condition in _CONDITIONS]
    query = (
        sa.select(Asset.category, Decision.model_version_id, Decision.to_state, Decision.reason, *flags)
        .join(Asset, Asset.id == Decision.asset_id)
        .where(was_given(Decision), *_on(Decision.at, day))
    )
    counted: dict[tuple[str, int, str], Counter[str]] = defaultdict(Counter)
    for category, model, state, reason, stood, first, standing in session.execute(query):
        why = "" if state is AssetState.APPROVED else reason or ""
        counted[category, model, why].update(given=1, taken_back=1 - stood, first=first, standing=standing)
    for (category, model, why), n in sorted(counted.items()):
        yield QualityVerdict(
            day=day,
            category=category,
            model_version_id=model,
            reason=why,
            given=n["given"],
            taken_back=n["taken_back"],
            first=n["first"],
            standing=n["standing"],
        )


_CONDITIONS = (is_verdict(Decision), is_first_verdict(Decision), is_last_verdict(Decision))


def reviewers(session: Session, day: dt.date) -> Iterable[QualityReviewer]:
    """Who decided what, and how long it took them: seconds since their decision before, breaks left out."""
    approved = sa.func.count(sa.case((Decision.to_state == AssetState.APPROVED, 1)))
    cell = (Asset.category, Decision.model_version_id, Decision.user_id)
    stood = (
        sa.select(*cell, sa.func.count(), approved)
        .join(Asset, Asset.id == Decision.asset_id)
        .where(is_verdict(Decision), *_on(Decision.at, day))
        .group_by(*cell)
    )
    counted = {(category, model, user): (n, good) for category, model, user, n, good in session.execute(stood)}
    gap = gaps(session, Days(day, day)).subquery().c
    keys = (Asset.category, Asset.model_version_id, gap.user_id)
    taken = sa.select(*keys, sa.func.sum(gap.seconds)).join(Asset, Asset.id == gap.asset_id)
    taken = taken.where(gap.seconds <= SITTING_ENDS).group_by(*keys)
    seconds = {(category, model, user): float(total) for category, model, user, total in session.execute(taken)}
    for key in sorted(counted.keys() | seconds.keys()):
        n, good = counted.get(key, (0, 0))
        yield QualityReviewer(
            day=day,
            category=key[0],
            model_version_id=key[1],
            user_id=key[2],
            verdicts=n,
            approved=good,
            seconds=seconds.get(key, 0.0),
        )


def scores(session: Session, day: dt.date) -> Iterable[QualityScore]:
    """Each score of the images made on the day."""
    newer = aliased(Score)
    query = (
        sa.select(Asset.category, Asset.model_version_id, Score.metric, Score.value)
        .join(Asset, Asset.id == Score.asset_id)
        .where(
            *_on(Asset.created_at, day),
            Score.value.is_not(None),
            ~sa.exists().where(
                newer.asset_id == Score.asset_id, newer.metric == Score.metric, newer.version > Score.version
            ),
        )
    )
    values: dict[tuple[str, int, str], list[float]] = defaultdict(list)
    for category, model, metric, value in session.execute(query):
        if metric in SCORERS and value is not None and np.isfinite(value):
            values[category, model, metric].append(value)
    for (category, model, metric), some in sorted(values.items()):
        array = np.asarray(some, dtype=np.float64)
        short = [shortfall(metric, value) for value in (array.min(), array.max(), *_nearest(metric, array))]
        yield QualityScore(
            day=day,
            category=category,
            model_version_id=model,
            metric=metric,
            n=len(some),
            total=float(array.sum()),
            squares=float((array**2).sum()),
            least=float(array.min()),
            most=float(array.max()),
            best=float(min(short)),
            worst=float(max(short)),
            counts=pack(bins_of(metric).count(some)),
        )


def _nearest(metric: str, values: np.ndarray) -> list[float]:
    """The value nearest to the target, for a score that has one."""
    target = SCORERS[metric].target
    return [] if target is None else [float(values[np.abs(values - target).argmin()])]


def _computing(session: Session, day: dt.date) -> dict[Cell, float]:
    """The seconds of the day's orders, shared out evenly among the images of each; a retry's among its order's."""
    first = sa.func.coalesce(Job.retry_of_id, Job.id).label("first")
    orders = sa.select(first, sa.func.sum(Job.compute_seconds).label("seconds")).where(
        Job.kind == _ORDER_OF_IMAGES, *_on(Job.created_at, day)
    )
    order = orders.group_by(first).subquery().c
    asked = sa.select(order.first, order.seconds, sa.func.min(Brief.model_version_id)).join(
        Brief, Brief.job_id == order.first
    )
    made = sa.select(Brief.job_id, Asset.category, Asset.model_version_id, sa.func.count())
    made = made.join(Asset, Asset.brief_id == Brief.id).where(Brief.job_id.in_(sa.select(order.first)))
    shares: dict[str, list[tuple[Cell, int]]] = defaultdict(list)
    for job_id, category, model, n in session.execute(
        made.group_by(Brief.job_id, Asset.category, Asset.model_version_id)
    ):
        shares[job_id].append(((category, model), n))
    found: dict[Cell, float] = defaultdict(float)
    for job_id, seconds, model in session.execute(asked.group_by(order.first, order.seconds)):
        parts = shares.get(job_id) or [(("", model), 1)]
        whole = sum(n for _, n in parts)
        for cell, n in parts:
            found[cell] += seconds * n / whole
    return {cell: seconds for cell, seconds in found.items() if seconds > 0}


def _waits(session: Session, day: dt.date) -> dict[Cell, list[float]]:
    """The seconds from the last sending to review to each verdict of the day."""
    sent = aliased(Decision)
    sent_at = (
        sa.select(sa.func.max(sent.at))
        .where(
            sent.asset_id == Decision.asset_id,
            sent.revision < Decision.revision,
            sent.to_state == AssetState.IN_REVIEW,
            sa.func.coalesce(sent.reason, "") != UNDO,
        )
        .scalar_subquery()
    )
    seconds = seconds_between(session, sent_at, Decision.at).label("seconds")
    query = sa.select(Asset.category, Decision.model_version_id, seconds).join(Asset, Asset.id == Decision.asset_id)
    found: dict[Cell, list[float]] = defaultdict(list)
    for category, model, waited in session.execute(query.where(is_verdict(Decision), *_on(Decision.at, day))):
        if waited is not None:
            found[category, model].append(float(waited))
    return found


def _on(moment: sa.orm.InstrumentedAttribute[dt.datetime], day: dt.date) -> list[sa.ColumnElement[bool]]:
    return within(moment, Days(day, day))
