"""What an approved image costs: computing and people's time at the team's rates, with what had to be made again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import QualityDay, QualityReviewer, QualityVerdict, Role
from studio.bootstrap import Studio
from studio.errors import InputError
from studio.quality.figures import (
    Axis,
    QualityFilter,
    Rollup,
    column_of,
    decided_images,
    matching,
    model_names,
    narrowed,
)
from studio.review.review_queue import QueueFilter
from studio.roles import Actor, require
from studio.team_settings import keep_setting, setting

MOST_RATE = 100_000.0

_NAME = "cost_rates"


@dataclass(frozen=True)
class CostRates:
    """What an hour of computing and an hour of reviewing cost, in a currency of three letters (ISO 4217)."""

    compute_hour: float
    review_hour: float
    currency: str


@dataclass(frozen=True)
class Cost:
    """The computing and reviewing of a group of images, of which `approved` were. Money is None without rates, and
    without an approved image.
    """

    images: int
    approved: int
    compute_seconds: float
    review_seconds: float
    rates: CostRates | None

    @property
    def making(self) -> float | None:
        """The computing of one image, in money."""
        return self._money(self.compute_seconds / max(self.images, self.approved)) if self.approved else None

    @property
    def retries(self) -> float | None:
        """The computing of images that were not approved, for each one that was, in money."""
        if not self.approved:
            return None
        once = self.compute_seconds / max(self.images, self.approved)
        return self._money(self.compute_seconds / self.approved - once)

    @property
    def review(self) -> float | None:
        """The reviewers' time for each approved image, in money."""
        if self.rates is None or not self.approved:
            return None
        return self.review_seconds / self.approved / 3600 * self.rates.review_hour

    @property
    def per_approved(self) -> float | None:
        """All of it for each approved image, in money."""
        parts = (self.making, self.retries, self.review)
        return None if None in parts else math.fsum(part for part in parts if part is not None)

    def _money(self, seconds: float) -> float | None:
        return None if self.rates is None else seconds / 3600 * self.rates.compute_hour


@dataclass(frozen=True)
class GroupCost:
    """The cost of one category or model version. `images` opens those that were decided."""

    key: str
    label: str
    cost: Cost
    images: QueueFilter


def cost_rates(studio: Studio, actor: Actor | None) -> CostRates | None:
    """The team's rates; None until somebody set them."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        return rates_of(session)


def set_cost_rates(studio: Studio, actor: Actor | None, rates: CostRates) -> None:
    """Set the team's rates. For admins. Raises InputError."""
    actor = require(actor, Role.ADMIN)
    for value in (rates.compute_hour, rates.review_hour):
        if not 0 <= value <= MOST_RATE:
            raise InputError("A rate is 0 to {most} an hour, got {value}.", most=f"{MOST_RATE:,.0f}", value=value)
    if not (len(rates.currency) == 3 and rates.currency.isascii() and rates.currency.isupper()):
        raise InputError("A currency is three capital letters such as EUR, got {value}.", value=repr(rates.currency))
    with studio.writing() as session:
        told = (
            f"Set an hour of computing to {rates.compute_hour:g} {rates.currency}, of reviewing to "
            f"{rates.review_hour:g} {rates.currency}."
        )
        keep_setting(session, actor, _NAME, vars(rates), told)


def costs(studio: Studio, actor: Actor | None, axis: Axis, wanted: QualityFilter) -> list[GroupCost]:
    """The cost of each category or model version, the dearest for an approved image first."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        rates, names = rates_of(session), model_names(session) if axis is Axis.MODEL else {}
        parts = _parts(session, wanted, axis)
    found = []
    for key, (images, approved, compute, review) in parts.items():
        if key == "":
            continue  # orders without an image belong to no category
        cost = Cost(images, approved, compute, review, rates)
        drill = narrowed(decided_images(wanted), axis, key, wanted.days)
        found.append(GroupCost(str(key), names.get(key, str(key)), cost, drill))
    return sorted(found, key=lambda group: (-_seconds(group.cost), group.key))


def cost_of(session: Session, wanted: QualityFilter) -> Cost:
    """The cost of all images together."""
    parts = _parts(session, wanted, None)
    images, approved, compute, review = parts.get(None, (0, 0, 0.0, 0.0))
    return Cost(images, approved, compute, review, rates_of(session))


def rates_of(session: Session) -> CostRates | None:
    """The team's rates; None until somebody set them."""
    value = setting(session, _NAME)
    return None if value is None else CostRates(**value)


def _seconds(cost: Cost) -> float:
    """What an approved image takes, to sort by; where none was approved, everything."""
    if cost.per_approved is not None:
        return cost.per_approved
    return (cost.compute_seconds + cost.review_seconds) / max(cost.approved, 1)


def _parts(session: Session, wanted: QualityFilter, axis: Axis | None) -> dict[object, tuple[int, int, float, float]]:
    """Images made, images approved, seconds of computing and of reviewing, by the key of the axis (None: in all)."""
    approved = sa.func.sum(sa.case((QualityVerdict.reason == "", QualityVerdict.standing), else_=0))
    sums: tuple[tuple[Rollup, sa.ColumnElement[Any]], ...] = (
        (QualityDay, sa.func.sum(QualityDay.images)),
        (QualityVerdict, approved),
        (QualityDay, sa.func.sum(QualityDay.compute_seconds)),
        (QualityReviewer, sa.func.sum(QualityReviewer.seconds)),
    )
    found: dict[object, list[float]] = {}
    for at, (table, total) in enumerate(sums):
        key = sa.null() if axis is None else column_of(table, axis)
        query = sa.select(key, total).where(*matching(table, wanted))
        for group, value in session.execute(query if axis is None else query.group_by(key)):
            found.setdefault(group, [0, 0, 0.0, 0.0])[at] = value or 0
    return {key: (int(row[0]), int(row[1]), float(row[2]), float(row[3])) for key, row in found.items()}
