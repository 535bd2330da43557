"""Figures of two model versions on the same held-out photos, and whether one is worse beyond chance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Evaluation

_TRAINING_SPACE = "lite0"  # networks that taught a model say nothing about it
_LOWER_IS_BETTER = ("KD", "FD")

Verdict = Literal["better", "alike", "worse"]


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def half(self) -> float:
        """Half the width of the interval."""
        return (self.high - self.low) / 2


@dataclass(frozen=True)
class FigurePair:
    """One measure of two versions on the same held-out photos. `difference`: how much worse the challenger is, with
    its interval; below 0 it is better. photos: how many were held out, None where that is not told.
    """

    data: str
    photos: int | None
    measure: str
    lower_is_better: bool
    champion: Interval
    challenger: Interval
    difference: Interval

    @property
    def verdict(self) -> Verdict:
        """Better or worse only where the interval of the difference leaves 0 out."""
        if self.difference.low > 0:
            return "worse"
        return "better" if self.difference.high < 0 else "alike"


def intervals(figures: Mapping[str, Any]) -> dict[str, Interval]:
    """Measure -> figure of the generated images, of an `ecomgan evaluate` or of a fine-tuning's held-out photos; only
    those that come with an interval, and none of a space that training looked through.
    """
    told = {name: cells.get("generated") for name, cells in figures.get("distances", {}).items()} or figures
    return {
        name: Interval(cell["value"], cell["low"], cell["high"])
        for name, cell in told.items()
        if isinstance(cell, Mapping) and {"value", "low", "high"} <= cell.keys() and _TRAINING_SPACE not in name
    }


def compare(session: Session, champion_id: int, challenger_id: int) -> tuple[FigurePair, ...]:
    """All measures that both versions have on the same held-out photos, by data and measure."""
    query = sa.select(Evaluation).where(Evaluation.category == "").order_by(Evaluation.data)
    of_champion = _by_data(session, query, champion_id)
    of_challenger = _by_data(session, query, challenger_id)
    return tuple(
        _pair(data, _photos(ours), measure, theirs[measure], mine)
        for data, ours in of_challenger.items()
        if data in of_champion and _same_photos(of_champion[data], ours)
        for theirs in [intervals(of_champion[data])]
        for measure, mine in intervals(ours).items()
        if measure in theirs
    )


def _by_data(session: Session, query: sa.Select[Evaluation], model_id: int) -> dict[str, dict[str, Any]]:
    return {row.data: row.figures for row in session.scalars(query.where(Evaluation.model_version_id == model_id))}


def _same_photos(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """The name of the data is the same; where the files' hash is told too, it must be as well."""
    hashes = [figures["data"].get("sha256") for figures in (one, other) if isinstance(figures.get("data"), Mapping)]
    return len(set(hashes)) < 2


def _pair(data: str, photos: int | None, measure: str, champion: Interval, challenger: Interval) -> FigurePair:
    lower = measure.startswith(_LOWER_IS_BETTER)
    worse_by = (challenger.value - champion.value) * (1 if lower else -1)
    half = math.hypot(champion.half, challenger.half)  # of a difference of independent figures
    difference = Interval(worse_by, worse_by - half, worse_by + half)
    return FigurePair(data, photos, measure, lower, champion, challenger, difference)


def _photos(figures: Mapping[str, Any]) -> int | None:
    data = figures.get("data")
    found = data.get("held_out_photos") if isinstance(data, Mapping) else figures.get("photos")
    return found if isinstance(found, int) else None
