"""The drift alarm: categories whose reasons or scores change, told before their approval rate does."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import AssetState, QualityScore, QualityVerdict, Role, utc_now
from studio.bootstrap import Studio
from studio.quality.figures import QualityFilter, decided_images, made_images, matching
from studio.quality.rates import Rate, wilson
from studio.quality.shifts import DayOfScores, MeanShift, MixShift, limit, mean_shift, mix_shift
from studio.review.review_queue import QueueFilter
from studio.review.verdicts import Days
from studio.roles import Actor, require

RECENT = dt.timedelta(days=21)
"""What is looked at."""

USUAL = dt.timedelta(days=90)
"""What it is compared with: the days before."""

FALSE_ALARM_DAYS = 365.0
"""Days between two false alarms, over all categories together."""

LEAST_DISTANCE = 0.15
"""Of two mixes of reasons, before their difference matters; two random halves of 60 rejections differ by about 0.1."""


@dataclass(frozen=True)
class Drift:
    """Something that changed in a category; one of `reasons` and `score` (of `metric`) says what.

    before, now: the approval rate in the days of comparison and in the recent ones. `images` opens those concerned.
    """

    category: str
    reasons: MixShift | None
    metric: str | None
    score: MeanShift | None
    before: Rate
    now: Rate
    images: QueueFilter

    @property
    def early(self) -> bool:
        """Whether the approval rate does not show it yet: its intervals overlap, or it did not fall."""
        if self.now.high is None or self.before.low is None:
            return True
        return self.now.high >= self.before.low


def drifts(studio: Studio, actor: Actor | None, wanted: QualityFilter | None = None) -> list[Drift]:
    """What changed of late in any category, or in the one of the filter; its days say until when."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        return drifts_of(session, wanted or QualityFilter())


def drifts_of(session: Session, wanted: QualityFilter) -> list[Drift]:
    """The same inside a transaction, for jobs."""
    today = wanted.days.until or utc_now().date()
    recent = replace(wanted, days=Days(today - RECENT + dt.timedelta(days=1), today))
    usual = replace(wanted, days=Days(today - RECENT - USUAL + dt.timedelta(days=1), today - RECENT))
    now, before = _outcomes(session, recent), _outcomes(session, usual)
    found = [
        _drift(recent, category, before, now, reasons=shift)
        for category, shift in _mix_shifts(before, now).items()
        if shift.p < 0.05 / max(len(now), 1) * RECENT.days / FALSE_ALARM_DAYS and shift.distance >= LEAST_DISTANCE
    ]
    for (category, metric), shift in _mean_shifts(session, usual, recent).items():
        found.append(_drift(recent, category, before, now, metric=metric, score=shift))
    return sorted(found, key=lambda drift: (drift.category, drift.metric or ""))


Outcomes = dict[str, Counter[str]]
"""Category -> reason ("" approved) -> verdicts that stand."""


def _outcomes(session: Session, wanted: QualityFilter) -> Outcomes:
    row = QualityVerdict
    query = sa.select(row.category, row.reason, sa.func.sum(row.standing)).where(*matching(row, wanted))
    found: Outcomes = defaultdict(Counter)
    for category, reason, n in session.execute(query.group_by(row.category, row.reason)):
        found[category][reason] += int(n)
    return found


def _mix_shifts(before: Outcomes, now: Outcomes) -> dict[str, MixShift]:
    found = {}
    for category, outcomes in now.items():
        if (shift := mix_shift(_rejected(before.get(category, Counter())), _rejected(outcomes))) is not None:
            found[category] = shift
    return found


def _rejected(outcomes: Counter[str]) -> dict[str, int]:
    return {reason: n for reason, n in outcomes.items() if reason}


def _mean_shifts(session: Session, usual: QualityFilter, recent: QualityFilter) -> dict[tuple[str, str], MeanShift]:
    row = QualityScore
    whole = replace(recent, days=Days(usual.days.since, recent.days.until))
    sums = (sa.func.sum(row.n), sa.func.sum(row.total), sa.func.sum(row.squares))
    keys = (row.category, row.metric, row.day)
    query = sa.select(*keys, *sums).where(*matching(row, whole)).group_by(*keys).order_by(row.day)
    days: dict[tuple[str, str], list[DayOfScores]] = defaultdict(list)
    for category, metric, day, n, total, squares in session.execute(query):
        days[category, metric].append(DayOfScores(day, int(n), float(total), float(squares)))
    found, at = {}, limit(len(days), FALSE_ALARM_DAYS)
    for key, some in days.items():
        sides = [[day for day in some if (day.day >= _first(recent)) is late] for late in (False, True)]
        if (shift := mean_shift(sides[0], sides[1], at)) is not None:
            found[key] = shift
    return found


def _first(wanted: QualityFilter) -> dt.date:
    assert wanted.days.since is not None
    return wanted.days.since


def _drift(
    recent: QualityFilter,
    category: str,
    before: Outcomes,
    now: Outcomes,
    *,
    reasons: MixShift | None = None,
    metric: str | None = None,
    score: MeanShift | None = None,
) -> Drift:
    there = replace(recent, category=category)
    if reasons is not None:
        images = replace(decided_images(there), verdict=AssetState.CHANGES_REQUESTED, reason=reasons.rose)
    else:
        images = made_images(there if score is None else replace(there, days=Days(score.since, recent.days.until)))
    rates = [wilson(side[category][""], sum(side[category].values())) for side in (before, now)]
    return Drift(category, reasons, metric, score, rates[0], rates[1], images)
