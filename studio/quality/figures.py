"""How good the images are, by category, day and model version: counted in the database, never without its n."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeVarTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from db.tables import Asset, AssetState, Decision, ModelVersion, Role, Score
from studio.bootstrap import Studio
from studio.errors import InputError
from studio.quality.rates import Rate, percentile, wilson
from studio.review.checks import CHECKS
from studio.review.review_queue import QueueFilter
from studio.review.states import REASONS, Family
from studio.review.verdicts import Days, is_last_verdict, within
from studio.roles import Actor, require

Columns = TypeVarTuple("Columns")


@dataclass(frozen=True)
class QualityFilter:
    """Which images count. `days`: those of the verdict, or for scores of the making."""

    days: Days = field(default_factory=Days)
    category: str | None = None
    model_version_id: int | None = None


@dataclass(frozen=True)
class GroupRate:
    """The approval rate of one category, day or model version. `images` opens the images that were decided."""

    key: str
    label: str
    rate: Rate
    images: QueueFilter


@dataclass(frozen=True)
class GroupScores:
    """A score over the images of one group: `n` of them have it. p10, median and p90 are values that occur."""

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


class _Axis(StrEnum):
    CATEGORY = "category"
    DAY = "day"
    MODEL = "model"


def approval_by_category(studio: Studio, actor: Actor | None, wanted: QualityFilter | None = None) -> list[GroupRate]:
    """Of the images decided on, how many were approved, in each category; most images first."""
    groups = _approval(studio, actor, wanted, _Axis.CATEGORY)
    return sorted(groups, key=lambda group: (-group.rate.n, group.key))


def by_model(studio: Studio, actor: Actor | None, wanted: QualityFilter | None = None) -> list[GroupRate]:
    """The approval rate of each model version, in the order in which they were registered. `key` is its id."""
    return sorted(_approval(studio, actor, wanted, _Axis.MODEL), key=lambda group: int(group.key))


def trend(studio: Studio, actor: Actor | None, wanted: QualityFilter | None = None) -> list[GroupRate]:
    """The approval rate of each day (UTC) with verdicts. `key` is the day as 2026-11-23."""
    return sorted(_approval(studio, actor, wanted, _Axis.DAY), key=lambda group: group.key)


def scores_by_category(
    studio: Studio, actor: Actor | None, metric: str, wanted: QualityFilter | None = None
) -> list[GroupScores]:
    """A score of birth (a key of CHECKS) in each category; most images first. Raises InputError."""
    groups = _scores(studio, actor, metric, wanted, _Axis.CATEGORY)
    return sorted(groups, key=lambda group: (-group.n, group.key))


def scores_by_model(
    studio: Studio, actor: Actor | None, metric: str, wanted: QualityFilter | None = None
) -> list[GroupScores]:
    """A score of birth for each model version, in the order in which they were registered."""
    return sorted(_scores(studio, actor, metric, wanted, _Axis.MODEL), key=lambda group: int(group.key))


def score_trend(
    studio: Studio, actor: Actor | None, metric: str, wanted: QualityFilter | None = None
) -> list[GroupScores]:
    """A score of birth for each day (UTC) on which images were made."""
    return sorted(_scores(studio, actor, metric, wanted, _Axis.DAY), key=lambda group: group.key)


def reasons(studio: Studio, actor: Actor | None, wanted: QualityFilter | None = None) -> list[ReasonCount]:
    """Why images were rejected, the most frequent reason first."""
    require(actor, Role.VIEWER)
    wanted = wanted or QualityFilter()
    number = sa.func.count()
    query = _decided(sa.select(Decision.reason, number), wanted).where(
        Decision.to_state == AssetState.CHANGES_REQUESTED
    )
    with studio.reading() as session:
        rows = session.execute(query.group_by(Decision.reason).order_by(number.desc(), Decision.reason)).all()
    total, before, found = sum(n for _, n in rows), 0, []
    for key, n in rows:
        assert key is not None  # every rejection has its reason
        before += n
        images = replace(_drill(wanted), verdict=AssetState.CHANGES_REQUESTED, reason=key)
        family, label = REASONS[key]
        found.append(ReasonCount(key, family, label, n, n / total, before / total, images))
    return found


def day_of(session: Session, moment: sa.ColumnElement[dt.datetime] | Any) -> sa.ColumnElement[Any]:
    """The day of a moment in UTC, in SQL."""
    if session.get_bind().dialect.name == "postgresql":
        moment = sa.func.timezone("UTC", moment)
    return sa.func.date(moment)


def _approval(studio: Studio, actor: Actor | None, wanted: QualityFilter | None, axis: _Axis) -> list[GroupRate]:
    require(actor, Role.VIEWER)
    wanted = wanted or QualityFilter()
    with studio.reading() as session:
        group = _group(session, axis, Decision.model_version_id, Decision.at)
        approved = sa.func.count(sa.case((Decision.to_state == AssetState.APPROVED, 1)))
        query = _decided(sa.select(group, sa.func.count(), approved), wanted).group_by(group)
        rows = session.execute(query).all()
        labels = _labels(session, axis)
    found = []
    for key, n, successes in rows:
        drill = _drill(wanted)
        images = replace(drill, decided=_one_day(key)) if axis is _Axis.DAY else _narrowed(drill, axis, key)
        found.append(GroupRate(str(key), labels.get(key, str(key)), wilson(successes, n), images))
    return found


def _scores(
    studio: Studio, actor: Actor | None, metric: str, wanted: QualityFilter | None, axis: _Axis
) -> list[GroupScores]:
    require(actor, Role.VIEWER)
    if metric not in CHECKS:
        raise InputError(f"There is no score {metric!r}; there are: {', '.join(CHECKS)}.")
    wanted = wanted or QualityFilter()
    newer = aliased(Score)
    with studio.reading() as session:
        group = _group(session, axis, Asset.model_version_id, Asset.created_at)
        ranked = (
            sa.select(
                group.label("key"),
                Score.value.label("value"),
                sa.func.row_number().over(partition_by=group, order_by=Score.value).label("rank"),
                sa.func.count().over(partition_by=group).label("n"),
            )
            .join(Asset, Asset.id == Score.asset_id)
            .where(
                Score.metric == metric,
                Score.value.is_not(None),
                ~sa.exists().where(
                    newer.asset_id == Score.asset_id, newer.metric == metric, newer.version > Score.version
                ),
                *within(Asset.created_at, wanted.days),
                *_narrowing(wanted, Asset.model_version_id),
            )
            .subquery()
        )
        row = ranked.c
        query = sa.select(
            row.key,
            sa.func.max(row.n),
            sa.func.avg(row.value),
            *(percentile(row.rank, row.n, row.value, percent) for percent in (10, 50, 90)),
        ).group_by(row.key)
        rows = session.execute(query).all()
        labels = _labels(session, axis)
    days = None if wanted.days == Days() else wanted.days
    made = QueueFilter(category=wanted.category, model_version_id=wanted.model_version_id, made=days)
    return [
        GroupScores(
            key=str(key),
            label=labels.get(key, str(key)),
            n=n,
            mean=mean,
            p10=p10,
            median=median,
            p90=p90,
            images=replace(made, made=_one_day(key)) if axis is _Axis.DAY else _narrowed(made, axis, key),
        )
        for key, n, mean, p10, median, p90 in rows
    ]


def _group(session: Session, axis: _Axis, model: Any, moment: Any) -> Any:
    if axis is _Axis.DAY:
        return day_of(session, moment)
    return Asset.category if axis is _Axis.CATEGORY else model


def _labels(session: Session, axis: _Axis) -> dict[Any, str]:
    if axis is not _Axis.MODEL:
        return {}
    return dict(session.execute(sa.select(ModelVersion.id, ModelVersion.name)).all())


def _decided(query: sa.Select[*Columns], wanted: QualityFilter) -> sa.Select[*Columns]:
    """`query` over the verdicts that stand, joined with their images."""
    return query.join(Asset, Asset.id == Decision.asset_id).where(
        is_last_verdict(Decision),
        *within(Decision.at, wanted.days),
        *_narrowing(wanted, Decision.model_version_id),
    )


def _narrowing(wanted: QualityFilter, model: Any) -> Sequence[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.category is not None:
        found.append(Asset.category == wanted.category)
    if wanted.model_version_id is not None:
        found.append(model == wanted.model_version_id)
    return found


def _drill(wanted: QualityFilter) -> QueueFilter:
    return QueueFilter(category=wanted.category, model_version_id=wanted.model_version_id, decided=wanted.days)


def _narrowed(images: QueueFilter, axis: _Axis, key: Any) -> QueueFilter:
    return replace(images, category=key) if axis is _Axis.CATEGORY else replace(images, model_version_id=key)


def _one_day(key: Any) -> Days:
    """A day as the database gives it: a date, or on SQLite its text."""
    day = dt.date.fromisoformat(str(key))
    return Days(day, day)
