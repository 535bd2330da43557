"""The statistics of a house style: robust figures over places in the frame, and what stands out against them."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

FEWEST = 8
"""Pictures with a whole product from which on a category has a style of its own."""

OUTLYING = 3.5
"""Robust z-score from which on a value stands out (Iglewicz and Hoaglin 1993)."""

_OF_NORMAL = 1.4826  # the deviation of a normal distribution, by its median absolute deviation
_EDGE = 0.004  # as the finishing step: a product nearer to the edge runs out of the frame


class Measure(StrEnum):
    """What a style says. Shares of the frame from its left and top, 0 to 1; WHITENESS of the border in %. BASELINE is
    the lower edge of the product, CENTRE its middle from the left, LEFT and RIGHT are margins.
    """

    WIDTH = "width"
    HEIGHT = "height"
    BASELINE = "baseline"
    CENTRE = "centre"
    LEFT = "left"
    RIGHT = "right"
    WHITENESS = "whiteness"


_LEAST_SPREAD = dict.fromkeys(Measure, 0.012) | {Measure.WHITENESS: 1.5}
"""What nobody sees is no outlier, however alike the others are."""


class Flag(StrEnum):
    """How a picture stands out. CUT: the product runs out of the frame; UNSEEN: none was found."""

    LARGER = "larger"
    SMALLER = "smaller"
    LOWER = "lower"
    HIGHER = "higher"
    ASIDE = "aside"
    GREYER = "greyer"
    CUT = "cut"
    UNSEEN = "unseen"


@dataclass(frozen=True)
class Place:
    """Where a product stands: edges as shares of the frame; whiteness of the border in %."""

    top: float
    left: float
    bottom: float
    right: float
    whiteness: float

    @property
    def whole(self) -> bool:
        """Whether the product runs out of the frame nowhere."""
        return min(self.top, self.left) >= _EDGE and max(self.bottom, self.right) <= 1 - _EDGE

    @property
    def values(self) -> dict[Measure, float]:
        """What it measures."""
        return {
            Measure.WIDTH: self.right - self.left,
            Measure.HEIGHT: self.bottom - self.top,
            Measure.BASELINE: self.bottom,
            Measure.CENTRE: (self.left + self.right) / 2,
            Measure.LEFT: self.left,
            Measure.RIGHT: 1 - self.right,
            Measure.WHITENESS: self.whiteness,
        }


@dataclass(frozen=True)
class Figure:
    """A median and its spread: the deviation that a normal distribution of this median absolute deviation has."""

    median: float
    spread: float


Figures = Mapping[Measure, Figure]


def figures_of(places: Sequence[Place]) -> dict[Measure, Figure]:
    """The figures over places of whole products, at least one."""
    return {measure: figure([place.values[measure] for place in places]) for measure in Measure}


def figure(values: Sequence[float]) -> Figure:
    """The median of values and their spread; half of them may be anything without moving it far."""
    middle = statistics.median(values)
    return Figure(middle, _OF_NORMAL * statistics.median(abs(value - middle) for value in values))


def scale_of(figures: Figures, locked: Mapping[Measure, float]) -> Measure:
    """By which side products are scaled: the one that a person set, else the one that varies less from one to the
    next. Shoes are as wide as each other whatever their height, watches as high.
    """
    for side in (Measure.WIDTH, Measure.HEIGHT):
        if side in locked:
            return side
    width, height = (figures[side].spread / figures[side].median for side in (Measure.WIDTH, Measure.HEIGHT))
    return Measure.WIDTH if width <= height else Measure.HEIGHT


def flags(place: Place | None, figures: Figures, locked: Mapping[Measure, float]) -> tuple[Flag, ...]:
    """How a picture stands out against a style. A product that is cut has no scale and no place to compare."""
    if place is None:
        return (Flag.UNSEEN,)
    grey = z_score(place, Measure.WHITENESS, figures, locked) < -OUTLYING
    found: list[Flag] = [Flag.GREYER] if grey else []
    if not place.whole:
        return (Flag.CUT, *found)
    for measure, above, below in (
        (scale_of(figures, locked), Flag.LARGER, Flag.SMALLER),
        (Measure.BASELINE, Flag.LOWER, Flag.HIGHER),
        (Measure.CENTRE, Flag.ASIDE, Flag.ASIDE),
    ):
        z = z_score(place, measure, figures, locked)
        if abs(z) > OUTLYING:
            found.append(above if z > 0 else below)
    return tuple(found)


def z_score(place: Place, measure: Measure, figures: Figures, locked: Mapping[Measure, float]) -> float:
    """How many spreads a value lies above what the style says."""
    style = locked.get(measure, figures[measure].median)
    return (place.values[measure] - style) / max(figures[measure].spread, _LEAST_SPREAD[measure])


def as_json(figures: Figures) -> dict[str, Any]:
    """The figures as their row keeps them."""
    return {
        measure.value: {"median": round(one.median, 5), "spread": round(one.spread, 5)}
        for measure, one in figures.items()
    }


def from_json(raw: Mapping[str, Any]) -> dict[Measure, Figure]:
    """The figures of a row."""
    return {Measure(name): Figure(float(one["median"]), float(one["spread"])) for name, one in raw.items()}
