"""What each kind of alarm looks at. Each check tells the causes that stand now, with what their sentence says."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.clock import database_now
from db.tables import AlertKind, AlertRule, Asset, AssetState, Decision
from ecomgan.metrics import SCORERS
from studio.alerts.sentences import ALL_CATEGORIES
from studio.quality.drift import drifts_of
from studio.quality.figures import QualityFilter
from studio.quality.rates import Rate, wilson
from studio.review.states import REASONS
from studio.review.verdicts import is_last_verdict
from studio.trust.calibrations import model_of, newest, view_of
from studio.trust.cases import cases, foretell, outcomes

FEWEST: Final = 30
"""Verdicts, in each of two times that are compared, from which on anything is said."""

_BEFORE: Final = 4  # the time before is so many times as long
_Z: Final = 1.645  # one-sided 95 %


@dataclass(frozen=True)
class Cause:
    """Something that is not as it should be: `name` is the same as long as it goes on."""

    name: str
    values: dict[str, Any]


def queue_age(session: Session, rule: AlertRule) -> list[Cause]:
    """Somebody's image waits for longer than the threshold, in hours."""
    oldest = session.scalar(sa.select(sa.func.min(Asset.state_since)).where(Asset.state == AssetState.IN_REVIEW))
    if oldest is None:
        return []
    hours = (database_now(session) - oldest).total_seconds() / 3600
    if hours <= rule.threshold:
        return []
    return [Cause("", {"sentence": "queue_age", "hours": int(hours), "limit": f"{rule.threshold:g}"})]


def approval_rate(session: Session, rule: AlertRule) -> list[Cause]:
    """A category's approval rate fell by the threshold or more, beyond chance; of all images where no category shows
    it alone.
    """
    now = database_now(session)
    start = now - dt.timedelta(days=rule.days)
    late = _verdicts(session, start, now)
    early = _verdicts(session, start - _BEFORE * dt.timedelta(days=rule.days), start)
    causes = (_fell(rule, category, early.get(category), late[category]) for category in sorted(late))
    found = [cause for cause in causes if cause is not None]
    if found or not late or not early:
        return found
    whole = _fell(rule, "", _sum(early), _sum(late))
    return [] if whole is None else [whole]


def calibration(session: Session, rule: AlertRule) -> list[Cause]:
    """The newest calibration foretells people's verdicts worse than on its held-out ones, by the threshold or more."""
    row = newest(session)
    if row is None:
        return []
    since = max(row.last_at, database_now(session) - dt.timedelta(days=rule.days))
    new = cases(session, since=since)
    if len(new) < FEWEST:
        return []
    errors = (foretell(model_of(row), new) - outcomes(new)) ** 2
    of = np.array([case.category for case in new], dtype=object)
    found = []
    for category, figures in view_of(row).figures.items():
        some = errors if category == "" else errors[of == category]
        if len(some) < FEWEST:
            continue
        mean = float(some.mean())
        if mean - _Z * float(some.std(ddof=1)) / math.sqrt(len(some)) > figures.brier.high and (
            mean >= figures.brier.value + rule.threshold
        ):
            told = {"now": f"{mean:.3f}", "before": f"{figures.brier.value:.3f}", "days": rule.days}
            values = {"sentence": "calibration", "category": category or ALL_CATEGORIES, **told}
            found.append(Cause(category, values))
    single = [cause for cause in found if cause.name]
    return single or found


def reason_mix(session: Session, rule: AlertRule) -> list[Cause]:
    """The reasons of a category's rejections changed, by a distance of the threshold or more."""
    found = []
    for drift in drifts_of(session, QualityFilter()):
        shift = drift.reasons
        if shift is not None and shift.distance >= rule.threshold:
            reason = REASONS[shift.rose].label if shift.rose in REASONS else shift.rose
            told = {"reason": reason, "now": f"{shift.share_now:.0%}", "before": f"{shift.share_before:.0%}"}
            found.append(Cause(drift.category, {"sentence": "reason_mix", "category": drift.category, **told}))
    return found


def score_mean(session: Session, rule: AlertRule) -> list[Cause]:
    """The mean of a score moved in a category, by the threshold or more of the score's scale."""
    found = []
    for drift in drifts_of(session, QualityFilter()):
        shift, scorer = drift.score, SCORERS.get(drift.metric or "")
        if shift is None or drift.metric is None:
            continue
        if scorer is not None and abs(shift.now - shift.before) < rule.threshold * (scorer.high - scorer.low):
            continue
        told = {"metric": scorer.name if scorer else drift.metric, "now": f"{shift.now:.3g}"}
        values = {"sentence": "score_mean", "category": drift.category, "before": f"{shift.before:.3g}", **told}
        found.append(Cause(f"{drift.category}/{drift.metric}", values))
    return found


CHECKS: Final[dict[AlertKind, Callable[[Session, AlertRule], list[Cause]]]] = {
    AlertKind.QUEUE_AGE: queue_age,
    AlertKind.APPROVAL_RATE: approval_rate,
    AlertKind.CALIBRATION: calibration,
    AlertKind.REASON_MIX: reason_mix,
    AlertKind.SCORE_MEAN: score_mean,
}


def _fell(rule: AlertRule, category: str, before: Rate | None, now: Rate) -> Cause | None:
    if before is None or min(before.n, now.n) < FEWEST:
        return None
    assert before.share is not None
    assert now.share is not None
    # Newcombe (1998), method 10: the interval of the difference of two shares from the Wilson interval of each.
    certain = before.share - now.share - math.hypot(before.share - (before.low or 0), (now.high or 0) - now.share)
    if certain <= 0 or before.share - now.share < rule.threshold:
        return None
    told = {"now": f"{now.share:.0%}", "before": f"{before.share:.0%}", "days": rule.days}
    return Cause(category, {"sentence": "approval_rate", "category": category or ALL_CATEGORIES, **told})


def _verdicts(session: Session, start: dt.datetime, end: dt.datetime) -> dict[str, Rate]:
    """How many of the verdicts that stand were approvals, by category."""
    approved = sa.func.count(sa.case((Decision.to_state == AssetState.APPROVED, 1)))
    query = (
        sa.select(Asset.category, approved, sa.func.count())
        .join(Asset, Asset.id == Decision.asset_id)
        .where(is_last_verdict(Decision), Decision.at > start, Decision.at <= end)
        .group_by(Asset.category)
    )
    return {category: wilson(successes, n) for category, successes, n in session.execute(query)}


def _sum(rates: dict[str, Rate]) -> Rate:
    return wilson(sum(rate.successes for rate in rates.values()), sum(rate.n for rate in rates.values()))
