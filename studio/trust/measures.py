"""How good foretold probabilities are: Brier score, AUC and reliability, each with its uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studio.quality.rates import Rate, wilson
from studio.trust.model import Floats

Bools = NDArray[np.bool_]

FEWEST: Final = 30
"""Verdicts of a category from which on figures of it are told."""

_Z: Final = NormalDist().inv_cdf(0.975)  # of a 95 % interval
_BINS: Final = 10
_IN_A_BIN: Final = 20


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Bin:
    """Some images of similar probability: the mean of what was foretold, how many people approved, and the lowest and
    highest that was foretold; None in what was kept by versions of the studio that did not tell.
    """

    foretold: float
    approved: Rate
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Figures:
    """Of n verdicts. `brier`: the mean squared error of the probabilities, 0 is perfect; `naive`: that of always
    foretelling the overall rate. `auc`: how often an approved image was given more than a rejected one, 0.5 is a coin;
    None where all verdicts are the same.
    """

    n: int
    approved: int
    brier: Interval
    naive: float
    auc: Interval | None
    bins: tuple[Bin, ...]

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {
            "n": self.n,
            "approved": self.approved,
            "brier": vars(self.brier),
            "naive": self.naive,
            "auc": None if self.auc is None else vars(self.auc),
            "bins": [[one.foretold, one.approved.successes, one.approved.n, one.low, one.high] for one in self.bins],
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Figures:
        """Figures as they were kept."""
        return cls(
            n=told["n"],
            approved=told["approved"],
            brier=Interval(**told["brier"]),
            naive=told["naive"],
            auc=None if told["auc"] is None else Interval(**told["auc"]),
            bins=tuple(Bin(foretold, wilson(approved, n), *ends) for foretold, approved, n, *ends in told["bins"]),
        )


def judge(foretold: Floats, approved: Bools) -> Figures:
    """The figures of probabilities (n,) against what people decided (n,); n is at least 1."""
    share = float(approved.mean())
    return Figures(
        n=len(approved),
        approved=int(approved.sum()),
        brier=brier(foretold, approved),
        naive=share * (1 - share),
        auc=auc(foretold, approved),
        bins=reliability(foretold, approved),
    )


def brier(foretold: Floats, approved: Bools) -> Interval:
    """Brier (1950): the mean squared error, with the interval of a mean."""
    errors = (foretold - approved) ** 2
    value = float(errors.mean())
    half = _Z * float(errors.std(ddof=1)) / math.sqrt(len(errors)) if len(errors) > 1 else 1.0
    return Interval(value, max(0.0, value - half), min(1.0, value + half))


def auc(foretold: Floats, approved: Bools) -> Interval | None:
    """The area under the ROC curve with the interval of DeLong, DeLong and Clarke-Pearson (1988), on the scale of
    log-odds, which keeps it within [0, 1].
    """
    good, bad = foretold[approved], foretold[~approved]
    if not len(good) or not len(bad):
        return None
    above = (_ranks(np.concatenate([good, bad]))[: len(good)] - _ranks(good)) / len(bad)
    below = (_ranks(np.concatenate([bad, good]))[: len(bad)] - _ranks(bad)) / len(good)
    value = float(above.mean())
    if min(len(good), len(bad)) < 2 or value in (0.0, 1.0):
        return Interval(value, 0.0, 1.0)
    variance = float(above.var(ddof=1)) / len(good) + float(below.var(ddof=1)) / len(bad)
    middle, half = math.log(value / (1 - value)), _Z * math.sqrt(variance) / (value * (1 - value))
    return Interval(value, 1 / (1 + math.exp(half - middle)), 1 / (1 + math.exp(-half - middle)))


def reliability(foretold: Floats, approved: Bools) -> tuple[Bin, ...]:
    """Parts of about the same size by rising probability, ten at most, each of twenty verdicts or more where it can.
    The same probability is never in two of them, so that its range tells which verdicts are in a part.
    """
    order = np.argsort(foretold, kind="stable")
    rising = foretold[order]
    ends = np.cumsum([len(part) for part in np.array_split(order, max(1, min(_BINS, len(order) // _IN_A_BIN)))])
    ends = np.unique(np.searchsorted(rising, rising[ends - 1], side="right"))
    return tuple(_bin(foretold[part], approved[part]) for part in np.split(order, ends[:-1]))


def _bin(foretold: Floats, approved: Bools) -> Bin:
    rate = wilson(int(approved.sum()), len(approved))
    return Bin(float(foretold.mean()), rate, float(foretold.min()), float(foretold.max()))


def _ranks(values: Floats) -> Floats:
    """Ranks from 1, the same for the same values (their middle)."""
    _, place, number = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(number)
    return (last - (number - 1) / 2.0)[place]
