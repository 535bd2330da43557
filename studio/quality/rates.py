"""Shares with their uncertainty, and percentiles counted by the database."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

_Z = NormalDist().inv_cdf(0.975)  # of a 95 % interval


@dataclass(frozen=True)
class Rate:
    """`successes` of `n`, with the share and its 95 % Wilson interval; None where n is 0."""

    successes: int
    n: int
    share: float | None
    low: float | None
    high: float | None


def wilson(successes: int, n: int) -> Rate:
    """The share of successes with its 95 % interval (Wilson 1927, the score interval without correction)."""
    if not 0 <= successes <= n:
        raise ValueError(f"successes lie between 0 and n, got {successes} of {n}")
    if n == 0:
        return Rate(0, 0, None, None, None)
    share = successes / n
    centre = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return Rate(successes, n, share, max(0.0, centre - half), min(1.0, centre + half))


def percentile(
    rank: sa.ColumnElement[int], n: sa.ColumnElement[int], value: Any, percent: int
) -> sa.ColumnElement[Any]:
    """The nearest-rank percentile of a group, from the rank of each value (from 1) and the size of its group."""
    return sa.func.max(sa.case((rank == (n * percent + 99) // 100, value)))


def seconds_between(session: Session, start: Any, end: Any) -> sa.ColumnElement[float]:
    """The seconds from one moment to another, in SQL; SQLite counts them in milliseconds."""
    if session.get_bind().dialect.name == "postgresql":
        return sa.cast(sa.extract("epoch", end - start), sa.Double)
    return (sa.func.julianday(end) - sa.func.julianday(start)) * 86_400.0
