"""How many of some images are likely to be approved, from how many were before: the Beta-binomial distribution."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Chances = npt.NDArray[np.float64]
"""Element k is the probability that exactly k images are approved; shape (n + 1,), its sum is 1."""

LIKELY = 0.8
"""The share of cases that an interval holds."""


@dataclass(frozen=True)
class Belief:
    """What is believed of the chance that an image is approved: a Beta distribution, both parameters above 0."""

    alpha: float
    beta: float

    def __post_init__(self) -> None:
        if not (self.alpha > 0 and self.beta > 0):
            raise ValueError(f"the parameters of a Beta distribution are above 0, got {self.alpha} and {self.beta}")

    @property
    def mean(self) -> float:
        """The chance of an image."""
        return self.alpha / (self.alpha + self.beta)

    def weighing(self, decisions: float) -> Belief:
        """The same chance, as sure as `decisions` decisions make it."""
        return Belief(self.mean * decisions, (1 - self.mean) * decisions)

    def after(self, approved: int, n: int) -> Belief:
        """The belief after `approved` of `n` further images were approved (the rule of Bayes)."""
        if not 0 <= approved <= n:
            raise ValueError(f"approved lies between 0 and n, got {approved} of {n}")
        return Belief(self.alpha + approved, self.beta + n - approved)

    def of(self, number: int) -> Chances:
        """The chances of 0 to `number` approved images among `number` (the Beta-binomial distribution)."""
        k = range(number + 1)
        whole = math.lgamma(number + 1) - _log_beta(self.alpha, self.beta)
        logs = [
            whole
            - math.lgamma(one + 1)
            - math.lgamma(number - one + 1)
            + _log_beta(one + self.alpha, number - one + self.beta)
            for one in k
        ]
        chances: Chances = np.exp(np.array(logs))
        return chances


JEFFREYS = Belief(0.5, 0.5)
"""What is believed before anything was decided (Jeffreys 1946)."""


def together(parts: Iterable[Chances]) -> Chances:
    """The chances of the sum of independent numbers."""
    found = np.ones(1)
    for part in parts:
        found = np.convolve(found, part)
    return found


def expected(chances: Chances) -> float:
    """The mean of the distribution."""
    return float(np.arange(len(chances)) @ chances)


def interval(chances: Chances, share: float = LIKELY) -> tuple[int, int]:
    """The number below which at most (1 - share) / 2 of the cases lie, and the one above which at most as many do."""
    reached = np.cumsum(chances)
    low, high = (int(np.searchsorted(reached, edge - 1e-12)) for edge in ((1 - share) / 2, (1 + share) / 2))
    return low, min(high, len(chances) - 1)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
