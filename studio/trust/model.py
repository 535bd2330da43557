"""The probability that people approve an image, from its scores and its category: plain arithmetic in any process.

A logistic model on piecewise linear functions of the standardised scores, so that a score may be good in the middle
("fill"), with a column that says where a score is missing and an offset for each category. Its answer is then brought
in line with what was decided later (Platt 1999): `p = sigmoid(offset + slope * raw)`, with numbers of its own for each
category that has enough verdicts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Scores = Mapping[str, Mapping[str, Any]]
"""metric -> {"version", "value"}, as decisions keep them."""

_FARTHEST: Final = 4.0  # standard deviations: one wild score must not outweigh all others


@dataclass(frozen=True)
class Metric:
    """How one score enters: of which version, its mean and spread, and the bends of its function in standard
    deviations.
    """

    key: str
    version: int
    mean: float
    spread: float
    bends: tuple[float, ...]

    @property
    def width(self) -> int:
        """How many columns it takes: its value, one for each bend, and whether it is missing."""
        return len(self.bends) + 2


@dataclass(frozen=True)
class Line:
    """How log-odds are brought in line; category: of which, empty for all that have no line of their own."""

    category: str = ""
    slope: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True)
class Model:
    """`weights`: one for each column of `columns`; `lines`: the first is that of all. A score of another version than
    the model's counts as missing.
    """

    metrics: tuple[Metric, ...]
    categories: tuple[str, ...]
    weights: tuple[float, ...]
    intercept: float
    lines: tuple[Line, ...] = (Line(),)

    def __post_init__(self) -> None:
        wanted = sum(metric.width for metric in self.metrics) + len(self.categories)
        if len(self.weights) != wanted:
            raise ValueError(f"a model of these scores has {wanted} weights, got {len(self.weights)}")

    def raw(self, scores: Sequence[Scores], categories: Sequence[str]) -> Floats:
        """The log-odds of each image before they were brought in line."""
        table = columns(self.metrics, self.categories, scores, categories)
        return table @ np.asarray(self.weights, dtype=np.float64) + self.intercept

    def predict(self, scores: Sequence[Scores], categories: Sequence[str]) -> Floats:
        """The probability that people approve each image, in (0, 1)."""
        own = {line.category: line for line in self.lines}
        used = [own.get(category, self.lines[0]) for category in categories]
        slopes = np.array([line.slope for line in used], dtype=np.float64)
        offsets = np.array([line.offset for line in used], dtype=np.float64)
        return sigmoid(offsets + slopes * self.raw(scores, categories))

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Model:
        """A model as it was kept."""
        metrics = tuple(Metric(**{**metric, "bends": tuple(metric["bends"])}) for metric in told["metrics"])
        return cls(
            metrics=metrics,
            categories=tuple(told["categories"]),
            weights=tuple(told["weights"]),
            intercept=told["intercept"],
            lines=tuple(Line(**line) for line in told["lines"]),
        )


def columns(
    metrics: Sequence[Metric], known: Sequence[str], scores: Sequence[Scores], categories: Sequence[str]
) -> Floats:
    """The table (images, columns) that the weights are for: those of each metric, then one for each known category."""
    blocks = []
    for metric in metrics:
        values = np.array([value_of(one, metric.key, metric.version) for one in scores], dtype=np.float64)
        missing = np.isnan(values)
        scaled = np.where(missing, 0.0, np.clip((values - metric.mean) / metric.spread, -_FARTHEST, _FARTHEST))
        bent = [np.where(missing, 0.0, np.maximum(scaled - bend, 0.0)) for bend in metric.bends]
        blocks.append(np.stack([scaled, *bent, missing.astype(np.float64)], axis=1))
    named = np.array(categories, dtype=object)
    blocks += [(named == category).astype(np.float64)[:, None] for category in known]
    return np.concatenate(blocks, axis=1) if blocks else np.zeros((len(scores), 0))


def value_of(scores: Scores, key: str, version: int) -> float:
    """A score, or NaN where it is missing or of another version."""
    told = scores.get(key)
    if told is None or told["version"] != version or told["value"] is None:
        return float("nan")
    return float(told["value"])


def sigmoid(logits: Floats) -> Floats:
    """1 / (1 + exp(-x)), without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * logits))
