"""How far people agree beyond chance: kappa for two (Cohen) and for several of them (Fleiss), with 95 % intervals.

Own code, since statsmodels would be loaded for these two alone: 2.2 seconds, and 28,000 objects that the web server's
garbage collector walks through after every rerun of a page. The tests hold both against statsmodels and scikit-learn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

_Z = NormalDist().inv_cdf(0.975)  # of a 95 % interval

Counts = NDArray[np.int64] | Sequence[Sequence[int]]


@dataclass(frozen=True)
class Kappa:
    """Agreement on `n` images beyond chance: 1 is always, 0 as often as by chance, below 0 less often.

    agreed: the share of agreement itself (for several people: of their pairs), expected: what chance alone would give.
    low and high: the ends of the 95 % interval, not cut at 1. value and interval are None where everyone gave the same
    verdict on all images, so that chance explains all: nothing can be said then.
    """

    n: int
    agreed: float
    expected: float
    value: float | None
    low: float | None
    high: float | None


def cohen(table: Counts) -> Kappa:
    """Two people. table[i, j]: images of which the first said i and the second j, (categories, categories).

    Cohen 1960; the interval from the large-sample variance of Fleiss, Cohen and Everitt 1969. Raises ValueError for a
    table that is empty or not square.
    """
    counts = np.asarray(table, dtype=np.float64)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or (counts < 0).any() or not counts.sum() > 0:
        raise ValueError(f"a square table of counts that are not all 0 is needed, got {counts.tolist()}")
    n = counts.sum()
    shares = counts / n
    first, second = shares.sum(axis=1), shares.sum(axis=0)
    agreed, expected = float(np.trace(shares)), float(first @ second)
    if math.isclose(expected, 1.0):
        return Kappa(int(n), agreed, expected, None, None, None)
    kappa = (agreed - expected) / (1 - expected)
    on = float(np.diag(shares) @ (1 - (first + second) * (1 - kappa)) ** 2)
    either = shares * (second[:, None] + first[None, :]) ** 2
    off = (1 - kappa) ** 2 * float(either.sum() - np.trace(either))
    variance = (on + off - (kappa - expected * (1 - kappa)) ** 2) / (n * (1 - expected) ** 2)
    half = _Z * math.sqrt(max(0.0, variance))
    return Kappa(int(n), agreed, expected, kappa, kappa - half, kappa + half)


def fleiss(votes: Counts) -> Kappa:
    """Several people, not the same ones nor equally many on each image. votes[i, j]: how many said j of image i,
    (images, categories); at least two on each image.

    Fleiss 1971, with the mean of the images' shares where their numbers differ; the interval from Gwet's (2008)
    linearised variance, which takes the images for a sample. Raises ValueError for other votes.
    """
    counts = np.asarray(votes, dtype=np.float64)
    if counts.ndim != 2 or not len(counts) or (counts < 0).any() or (counts.sum(axis=1) < 2).any():
        raise ValueError("each image needs at least two votes, and there must be an image")
    n, raters = len(counts), counts.sum(axis=1)
    shares = (counts / raters[:, None]).mean(axis=0)
    pairs = (counts * (counts - 1)).sum(axis=1) / (raters * (raters - 1))
    agreed, expected = float(pairs.mean()), float(shares @ shares)
    if math.isclose(expected, 1.0):
        return Kappa(n, agreed, expected, None, None, None)
    kappa = (agreed - expected) / (1 - expected)
    if n == 1:
        return Kappa(n, agreed, expected, kappa, None, None)
    chance = counts @ shares / raters
    each = (pairs - expected) / (1 - expected) - 2 * (1 - kappa) * (chance - expected) / (1 - expected)
    half = _Z * math.sqrt(float(((each - kappa) ** 2).sum()) / (n * (n - 1)))
    return Kappa(n, agreed, expected, kappa, kappa - half, kappa + half)
