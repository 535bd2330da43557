"""Whether images may be approved without a look: what held-out verdicts prove about those above a threshold.

An escape is an image above the threshold that a person rejected. Thresholds are tried from the strictest on, each with
the one-sided bound of Clopper and Pearson (1934) on its escape rate, and the first that fails ends it: tested in an
order that is fixed before a verdict is looked at, the bound of the last one that held needs no correction for the
number of thresholds (Angelopoulos et al. 2021, fixed sequence testing).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from studio.errors import InputError
from studio.trust.measures import Bools
from studio.trust.model import Floats

Counts = NDArray[np.int64]

CONFIDENCE: Final = 0.95
RATES: Final = (0.001, 0.2)
"""The smallest and the largest escape rate that can be set."""

_AT_FIRST: Final = 2
"""Where the sample is large, so many escapes above the first threshold would still do: one must not end it all."""
_STEPS: Final = 20
_TIMES: Final = 30.0
_SEEN: Final = 20  # of fewer images no escape rate is guessed
_HELD_OUT: Final = 0.3
"""The part of all verdicts that a calibration is judged on."""


@dataclass(frozen=True)
class Proof:
    """What `n` held-out verdicts of a category show. `above` of them are at `threshold` or more, `escapes` of these
    were rejected, and with 95 % confidence the escape rate is at most `upper`. `holds`: that is within what was asked
    for; else `more` verdicts of the category are missing, None where more would not help as things are.
    """

    n: int
    holds: bool
    threshold: float
    above: int
    escapes: int
    upper: float
    more: int | None = None

    @property
    def share(self) -> float:
        """How much of the category would be approved without a look, in [0, 1]."""
        return self.above / self.n if self.n else 0.0


def upper_bound(events: int, n: int, confidence: float = CONFIDENCE) -> float:
    """The one-sided upper bound of a rate (Clopper and Pearson), 1 where n is 0."""
    return 1.0 if events >= n else float(betaincinv(events + 1, n - events, confidence))


def lower_bound(events: int, n: int, confidence: float = CONFIDENCE) -> float:
    """The one-sided lower bound of a rate (Clopper and Pearson), 0 where n is 0."""
    return 0.0 if events == 0 else float(betaincinv(events, n - events + 1, 1 - confidence))


def images_needed(rate: float, escapes: int = 0) -> int:
    """The fewest images with so many escapes among them that prove a rate; 59 for 5 % without any."""
    low, high = escapes + 1, math.ceil((escapes + 4) * 4 / rate)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if upper_bound(escapes, middle) <= rate else (middle + 1, high)
    return low


def prove(foretold: Floats, approved: Bools, rate: float) -> Proof:
    """The loosest threshold that keeps the escape rate below `rate`, from held-out probabilities and verdicts (n,).

    Raises InputError for a rate outside RATES.
    """
    if not RATES[0] <= rate <= RATES[1]:
        raise InputError(
            "An escape rate lies between {least} % and {most} %, got {rate} %.",
            least=100 * RATES[0],
            most=100 * RATES[1],
            rate=round(100 * rate, 3),
        )
    order = np.argsort(-foretold, kind="stable")
    probabilities, escaped = foretold[order], np.cumsum(~approved[order], dtype=np.int64)
    best: Proof | None = None
    first: Proof | None = None
    for k in _sizes(probabilities, rate):
        tried = _at(probabilities, escaped, k)
        first = first or tried
        if tried.upper > rate:
            break
        best = tried
    if best is not None:
        return replace(best, holds=True)
    found = first or _at(probabilities, escaped, len(probabilities))
    return replace(found, more=_more(probabilities, escaped, rate))


def _sizes(probabilities: Floats, rate: float) -> list[int]:
    """How many of the most probable images each threshold takes in, the strictest first; none where too few are there.

    Looks at no verdict. Images of the same probability stand and fall together.
    """
    n = len(probabilities)
    if n < images_needed(rate):
        return []
    sizes = np.unique(np.linspace(_start(n, rate), n, _STEPS).astype(int))
    return sorted({int(np.searchsorted(-probabilities, -probabilities[k - 1], side="right")) for k in sizes})


def _at(probabilities: Floats, escaped: Counts, k: int) -> Proof:
    if k == 0:
        return Proof(0, False, 1.0, 0, 0, 1.0)
    escapes = int(escaped[k - 1])
    return Proof(len(probabilities), False, float(probabilities[k - 1]), k, escapes, upper_bound(escapes, k))


def _more(probabilities: Floats, escaped: Counts, rate: float) -> int | None:
    """How many more verdicts would do, if they go on as they did: a sample so many times as large, with as many times
    the escapes, at its strictest threshold. None where thirty times as many would not do.
    """
    n = len(probabilities)
    if n == 0:
        return math.ceil(images_needed(rate) / _HELD_OUT)
    times = 1.0
    while times < _TIMES:
        times *= 1.05
        start = _start(math.floor(n * times), rate)
        if start > n * times:
            continue
        k = min(n, max(_SEEN, math.ceil(start / times)))
        escapes = math.ceil(int(escaped[k - 1]) / k * start)
        if upper_bound(escapes, start) <= rate:
            return math.ceil((times - 1) * n / _HELD_OUT)
    return None


def _start(n: int, rate: float) -> int:
    """How many images the strictest threshold takes in: a third of them, as long as so many can prove the rate, and no
    more than prove it with a few escapes among them.
    """
    return max(images_needed(rate), min(images_needed(rate, _AT_FIRST), n // 3))
