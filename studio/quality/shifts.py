"""Whether something changed beyond chance: pure statistics over counts and means by day.

A mix of reasons is compared by the chi-square test of homogeneity (Pearson 1900), and called shifted only where the
Jensen-Shannon distance (Lin 1991) says that the change is also large. A mean is watched by a two-sided cumulative sum
(Page 1954) of its standardised daily values, which answers to small lasting changes sooner than any average of a month.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

ALLOWANCE = 0.5
"""Of the cumulative sum, in deviations of a day: half of the smallest lasting change that is to be found soon."""

FEWEST_EXPECTED = 5.0
"""In a cell of the chi-square test (Cochran 1954); rarer reasons are taken together."""

FEWEST_DAYS = 10
"""Days with images before the watch begins, to learn what is usual."""


@dataclass(frozen=True)
class MixShift:
    """p: how likely such a difference is by chance. distance: of the mixes, 0 to 1. rose: the reason whose share grew
    most, from `share_before` to `share_now`.
    """

    p: float
    distance: float
    rose: str
    share_before: float
    share_now: float


@dataclass(frozen=True)
class MeanShift:
    """since: the day on which the sum began to grow that crossed the limit on day `found`. before, now: means."""

    since: dt.date
    found: dt.date
    before: float
    now: float


@dataclass(frozen=True)
class DayOfScores:
    """The n values of a day by their sum and the sum of their squares."""

    day: dt.date
    n: int
    total: float
    squares: float


def mix_shift(before: Mapping[str, int], now: Mapping[str, int]) -> MixShift | None:
    """How the mix of reasons differs between two times; None where too few were rejected to tell."""
    n_before, n_now = sum(before.values()), sum(now.values())
    if min(n_before, n_now) == 0:
        return None
    keys = sorted(before.keys() | now.keys())
    counts = np.array([[side.get(key, 0) for key in keys] for side in (before, now)], dtype=np.float64)
    expected = counts.sum(axis=0) * min(n_before, n_now) / (n_before + n_now)
    rare = expected < FEWEST_EXPECTED
    pooled = counts[:, ~rare]
    if counts[:, rare].sum() * min(n_before, n_now) / (n_before + n_now) >= FEWEST_EXPECTED:
        pooled = np.column_stack([pooled, counts[:, rare].sum(axis=1)])
    if pooled.shape[1] < 2:
        return None
    shares = {key: (before.get(key, 0) / n_before, now.get(key, 0) / n_now) for key in keys}
    rose = max(keys, key=lambda key: shares[key][1] - shares[key][0])
    return MixShift(chi_square_p(pooled), distance(pooled[0], pooled[1]), rose, *shares[rose])


def chi_square_p(table: np.ndarray) -> float:
    """The p-value of the chi-square test of homogeneity over rows of counts, without correction."""
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    return float(chdtrc((table.shape[0] - 1) * (table.shape[1] - 1), statistic))


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """The Jensen-Shannon distance of two mixes given as counts, by logarithms to base 2: 0 alike, 1 nothing shared."""
    p, q = one / one.sum(), other / other.sum()
    middle = (p + q) / 2

    def divergence(part: np.ndarray) -> float:
        there = part > 0
        return float((part[there] * np.log2(part[there] / middle[there])).sum())

    return math.sqrt(max(0.0, (divergence(p) + divergence(q)) / 2))


def limit(watched: int, days_to_false_alarm: float) -> float:
    """The limit at which `watched` two-sided sums together raise one false alarm in so many days (Siegmund 1985:
    a one-sided sum runs (exp(2ka) - 2ka - 1) / 2k² days, a = limit + 1.166; a two-sided one half of that).
    """
    target = 4 * ALLOWANCE**2 * days_to_false_alarm * max(watched, 1)
    low, high = 0.0, 60.0
    for _ in range(80):
        middle = (low + high) / 2
        a = 2 * ALLOWANCE * (middle + 1.166)
        low, high = (middle, high) if math.expm1(a) - a < target else (low, middle)
    return high


def mean_shift(usual: Sequence[DayOfScores], watched: Sequence[DayOfScores], at: float) -> MeanShift | None:
    """Whether the mean of the watched days left what was usual. at: the limit of the sum. None where it did not, or
    where too few days are known.
    """
    known = [day for day in usual if day.n]
    if len(known) < FEWEST_DAYS:
        return None
    n = np.array([day.n for day in known], dtype=np.float64)
    means = np.array([day.total for day in known]) / n
    mean = float((n * means).sum() / n.sum())
    # Days differ by chance, and by what was made on them: the second is what is left of their spread (DerSimonian and
    # Laird 1986, with weights of 1 / variance of the day's mean).
    within = sum(day.squares for day in known) - float((n * means**2).sum())
    within /= max(float(n.sum()) - len(known), 1.0)
    spread = float((n * (means - mean) ** 2).sum()) - within * (len(known) - 1)
    between = max(0.0, spread / (float(n.sum()) - float((n**2).sum() / n.sum())))
    return _crossing(watched, mean, within, between, at)


def _crossing(
    watched: Sequence[DayOfScores], mean: float, within: float, between: float, at: float
) -> MeanShift | None:
    up = down = 0.0
    began: dict[str, dt.date] = {}
    found: tuple[dt.date, dt.date] | None = None
    for day in watched:
        variance = between + within / day.n if day.n else 0.0
        if variance <= 0:
            continue
        z = (day.total / day.n - mean) / math.sqrt(variance)
        before = up, down
        up, down = max(0.0, up + z - ALLOWANCE), max(0.0, down - z - ALLOWANCE)
        for side, then, now in (("up", before[0], up), ("down", before[1], down)):
            if then == 0 < now:
                began[side] = day.day
        if max(up, down) > at and found is None:
            found = began["up" if up >= down else "down"], day.day
    if found is None or max(up, down) <= at:  # one that is over is no longer an alarm
        return None
    since = [day for day in watched if day.day >= found[0]]
    now = sum(day.total for day in since) / sum(day.n for day in since)
    return MeanShift(*found, before=mean, now=now)
