"""Distributions in fixed bins: they add up over days, and tell percentiles to within a bin.

Counts are unsigned 32-bit numbers, one below the range, one a bin, one above it. Within a bin the values are taken to
lie evenly; below and above, between the range and the least or greatest value known.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecomgan.metrics import SCORERS

Counts = NDArray[np.int64]

_KEPT = np.dtype("<u4")


@dataclass(frozen=True)
class Bins:
    """`number` bins of equal width from `low` to `high`; on a scale of logarithms where `log` is set."""

    low: float
    high: float
    number: int
    log: bool = False

    @property
    def width(self) -> float:
        """Of one bin, on its scale."""
        return (self._scaled(self.high) - self._scaled(self.low)) / self.number

    def count(self, values: Iterable[float]) -> Counts:
        """The counts of finite values."""
        taken = np.asarray(list(values), dtype=np.float64)
        scaled = np.log10(np.maximum(taken, self.low / 10)) if self.log else taken
        places = np.floor((scaled - self._scaled(self.low)) / self.width).astype(np.int64)
        # The upper end belongs to the last bin, as 100 % does to a score in per cent.
        places = np.where(taken == self.high, self.number - 1, places)
        return np.bincount(np.clip(places, -1, self.number) + 1, minlength=self.number + 2).astype(np.int64)

    def total(self, packed: Sequence[bytes]) -> Counts:
        """The sum of counts as they are kept; zeros for none."""
        if not packed:
            return np.zeros(self.number + 2, dtype=np.int64)
        rows = np.frombuffer(b"".join(packed), dtype=_KEPT).reshape(len(packed), self.number + 2)
        total: Counts = rows.sum(axis=0, dtype=np.int64)
        return total

    def percentile(self, counts: Counts, percent: float, least: float, most: float) -> float | None:
        """The value that `percent` per cent of the values stay below; None without values. least, most: of them all."""
        n = int(counts.sum())
        if n == 0:
            return None
        rank = percent / 100 * n
        ends = np.cumsum(counts)
        place = min(int(np.searchsorted(ends, rank, side="left")), len(counts) - 1)
        while counts[place] == 0:
            place += 1
        inside = (rank - (ends[place] - counts[place])) / counts[place]
        low, high = self.edges(place, least, most)
        value = self._scaled(low) + inside * (self._scaled(high) - self._scaled(low))
        return float(min(max(10.0**value if self.log else value, least), most))

    def edges(self, place: int, least: float, most: float) -> tuple[float, float]:
        """The ends of the bin at a place of the counts. least, most: of the values, for those outside the range."""
        if place == 0:
            return least, self.low
        if place == self.number + 1:
            return self.high, most
        start = self._scaled(self.low) + (place - 1) * self.width
        ends = (start, start + self.width)
        return (10.0 ** ends[0], 10.0 ** ends[1]) if self.log else ends

    def _scaled(self, value: float) -> float:
        return math.log10(max(value, self.low / 10)) if self.log else value


def pack(counts: Counts) -> bytes:
    """The counts as the database keeps them."""
    return counts.astype(_KEPT).tobytes()


WAITS = Bins(0.1, 10_000_000.0, 400, log=True)
"""Of seconds until something is decided; a bin is 4.7 % wide."""

_PER_CENT = 100


def bins_of(metric: str) -> Bins:
    """The bins of a score: a hundredth of its range each."""
    scorer = SCORERS[metric]
    return Bins(scorer.low, scorer.high, _PER_CENT)


def shortfall(metric: str, value: float) -> float:
    """How far a value is from what is wanted: the smaller, the better; of use only to compare values of one metric."""
    scorer = SCORERS[metric]
    if scorer.better == "near":
        assert scorer.target is not None
        return abs(value - scorer.target)
    return -value if scorer.better == "higher" else value
