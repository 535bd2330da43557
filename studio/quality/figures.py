"""How good the images are, by category, time and model version: from figures counted by day, never without their n."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import AssetState, ModelVersion, QualityDay, QualityReviewer, QualityScore, QualityVerdict, Role
from ecomgan.metrics import SCORERS
from studio.bootstrap import Studio
from studio.errors import InputError
from studio.quality.histogram import Counts, bins_of
from studio.quality.rates import Rate, wilson
from studio.review.review_queue import QueueFilter
from studio.review.states import REASONS, Family
from studio.review.verdicts import Days
from studio.roles import Actor, require

Rollup = type[QualityDay] | type[QualityVerdict] | type[QualityReviewer] | type[QualityScore]


@dataclass(frozen=True)
class QualityFilter:
    """Which images count. `days`: those of the verdict, or for scores of the making."""

    days: Days = field(default_factory=Days)
    category: str | None = None
    model_version_id: int | None = None


@dataclass(frozen=True)
class GroupRate:
    """The approval rate of one category, time or model version. `images` opens the images that were decided."""

    key: str
    label: str
    rate: Rate
    images: QueueFilter


@dataclass(frozen=True)
class GroupScores:
    """A score over the images of one group: `n` of them have it. p10, median and p90 are right to a hundredth of the
    score's range.
    """

    key: str
    label: str
    n: int
    mean: float
    p10: float
    median: float
    p90: float
    images: QueueFilter


@dataclass(frozen=True)
class ReasonCount:
    """How often a reason was the last word on an image; `cumulative` adds the shares of the more frequent ones."""

    key: str
    family: Family
    label: str
    n: int
    share: float
    cumulative: float
    images: QueueFilter


Group = TypeVar("Group", GroupRate, GroupScores)


class Axis(StrEnum):
    """What figures are told apart by. A week begins on Monday; its key is that day."""

    CATEGORY = "category"
    MODEL = "model"
    DAY = "day"
    WEEK = "week"


def approval(studio: Studio, actor: Actor | None, axis: Axis, wanted: QualityFilter | None = None) -> list[GroupRate]:
    """Of the images decided on, how many were approved. Categories with most images first, models as registered, times
    in their order.
    """
    require(actor, Role.VIEWER)
    wanted = wanted or QualityFilter()
    column = column_of(QualityVerdict, axis)
    approved = sa.func.sum(sa.case((QualityVerdict.reason == "", QualityVerdict.standing), else_=0))
    query = sa.select(column, approved, sa.func.sum(QualityVerdict.standing)).where(*matching(QualityVerdict, wanted))
    with studio.reading() as session:
        counted = _gathered(session.execute(query.group_by(column)), axis)
        names = model_names(session) if axis is Axis.MODEL else {}
    drill = decided_images(wanted)
    groups = [
        GroupRate(str(key), names.get(key, str(key)), wilson(good, n), narrowed(drill, axis, key, wanted.days))
        for key, (good, n) in counted.items()
        if n
    ]
    return in_order(groups, axis, lambda group: group.rate.n)


def approval_by_category(studio: Studio, actor: Actor | None, wanted: QualityFilter | None = None) -> list[GroupRate]:
    """Of the images decided on, how many were approved, in each category; most images first."""
    return approval(studio, actor, Axis.CATEGORY, wanted)


def by_model(studio: Studio, actor: Actor | None, wanted: QualityFilter | None = None) -> list[GroupRate]:
    """The approval rate of each model version, in the order in which they were registered. `key` is its id."""
    return approval(studio, actor, Axis.MODEL, wanted)


def trend(studio: Studio, actor: Actor | None, wanted: QualityFilter | None = None) -> list[GroupRate]:
    """The approval rate of each day (UTC) with verdicts. `key` is the day as 2026-11-23."""
    return approval(studio, actor, Axis.DAY, wanted)


def score_groups(
    studio: Studio, actor: Actor | None, metric: str, axis: Axis, wanted: QualityFilter | None = None
) -> list[GroupScores]:
    """A score (a key of SCORERS) in each group, in the order of `approval`. Raises InputError."""
    require(actor, Role.VIEWER)
    known_metric(metric)
    wanted = wanted or QualityFilter()
    score, bins = QualityScore, bins_of(metric)
    column = column_of(score, axis)
    query = sa.select(column, score.n, score.total, score.least, score.most, score.counts)
    with studio.reading() as session:
        rows = session.execute(query.where(score.metric == metric, *matching(score, wanted))).all()
        names = model_names(session) if axis is Axis.MODEL else {}
    parts: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        parts[monday(row[0]) if axis is Axis.WEEK else row[0]].append(row)
    made, groups = made_images(wanted), []
    for key, some in parts.items():
        counts, n = bins.total([row.counts for row in some]), sum(row.n for row in some)
        least, most = min(row.least for row in some), max(row.most for row in some)
        p10, median, p90 = (bins.percentile(counts, percent, least, most) or 0.0 for percent in (10, 50, 90))
        images = narrowed(made, axis, key, wanted.days)
        mean = sum(row.total for row in some) / n
        groups.append(GroupScores(str(key), names.get(key, str(key)), n, mean, p10, median, p90, images))
    return in_order(groups, axis, lambda group: group.n)


def distribution(studio: Studio, actor: Actor | None, metric: str, wanted: QualityFilter) -> Counts:
    """How many images lie in each of the bins of a score, with what lies below and above. Raises InputError."""
    require(actor, Role.VIEWER)
    known_metric(metric)
    query = sa.select(QualityScore.counts).where(QualityScore.metric == metric, *matching(QualityScore, wanted))
    with studio.reading() as session:
        return bins_of(metric).total(session.scalars(query).all())


def known_metrics(studio: Studio, actor: Actor | None) -> list[str]:
    """The scores that any image has, in the order of SCORERS."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        found = set(session.scalars(sa.select(QualityScore.metric).distinct()))
    return [metric for metric in SCORERS if metric in found]


def reasons(studio: Studio, actor: Actor | None, wanted: QualityFilter | None = None) -> list[ReasonCount]:
    """Why images were rejected, the most frequent reason first."""
    require(actor, Role.VIEWER)
    wanted = wanted or QualityFilter()
    number = sa.func.sum(QualityVerdict.standing)
    query = sa.select(QualityVerdict.reason, number).where(
        QualityVerdict.reason != "", *matching(QualityVerdict, wanted)
    )
    query = query.group_by(QualityVerdict.reason).having(number > 0).order_by(number.desc(), QualityVerdict.reason)
    with studio.reading() as session:
        rows = session.execute(query).all()
    total, before, found = sum(n for _, n in rows), 0, []
    for key, n in rows:
        before += n
        images = replace(decided_images(wanted), verdict=AssetState.CHANGES_REQUESTED, reason=key)
        family, label = REASONS[key]
        found.append(ReasonCount(key, family, label, int(n), n / total, before / total, images))
    return found


def known_metric(metric: str) -> None:
    """Raises InputError for what is no score."""
    if metric not in SCORERS:
        raise InputError(f"There is no score {metric!r}; there are: {', '.join(SCORERS)}.")


def matching(table: Rollup, wanted: QualityFilter) -> list[sa.ColumnElement[bool]]:
    """The conditions that a row of figures counts."""
    found: list[sa.ColumnElement[bool]] = []
    if wanted.days.since is not None:
        found.append(table.day >= wanted.days.since)
    if wanted.days.until is not None:
        found.append(table.day <= wanted.days.until)
    if wanted.category is not None:
        found.append(table.category == wanted.category)
    if wanted.model_version_id is not None:
        found.append(table.model_version_id == wanted.model_version_id)
    return found


def column_of(table: Rollup, axis: Axis) -> Any:
    """The column of an axis; weeks are gathered from days."""
    if axis is Axis.CATEGORY:
        return table.category
    return table.model_version_id if axis is Axis.MODEL else table.day


def decided_images(wanted: QualityFilter) -> QueueFilter:
    """The images that were decided on."""
    return QueueFilter(category=wanted.category, model_version_id=wanted.model_version_id, decided=wanted.days)


def made_images(wanted: QualityFilter) -> QueueFilter:
    """The images that were made."""
    days = None if wanted.days == Days() else wanted.days
    return QueueFilter(category=wanted.category, model_version_id=wanted.model_version_id, made=days)


def narrowed(images: QueueFilter, axis: Axis, key: Any, days: Days) -> QueueFilter:
    """The images of one group of an axis. days: of the whole; a week does not reach beyond them."""
    if axis is Axis.CATEGORY:
        return replace(images, category=str(key))
    if axis is Axis.MODEL:
        return replace(images, model_version_id=int(key))
    last = key + dt.timedelta(days=6) if axis is Axis.WEEK else key
    part = Days(max(filter(None, (key, days.since))), min(filter(None, (last, days.until))))
    return replace(images, made=part) if images.decided is None else replace(images, decided=part)


def monday(day: dt.date) -> dt.date:
    """The Monday of a day's week."""
    return day - dt.timedelta(days=day.weekday())


def model_names(session: Session) -> dict[Any, str]:
    """The names of all versions by id."""
    return dict(session.execute(sa.select(ModelVersion.id, ModelVersion.name)).all())


def in_order(groups: list[Group], axis: Axis, size: Callable[[Group], int]) -> list[Group]:
    """Largest first for categories, else by key."""
    if axis is Axis.CATEGORY:
        return sorted(groups, key=lambda group: (-size(group), group.key))
    return sorted(groups, key=lambda group: int(group.key) if axis is Axis.MODEL else group.key)


def _gathered(rows: Iterable[Any], axis: Axis) -> dict[Any, tuple[int, int]]:
    """Sums by key, the days of a week together."""
    found: dict[Any, tuple[int, int]] = {}
    for key, good, n in rows:
        key = monday(key) if axis is Axis.WEEK else key
        before = found.get(key, (0, 0))
        found[key] = (before[0] + int(good), before[1] + int(n))
    return found
