"""95 % confidence intervals of shares and of means."""

import numpy as np
import numpy.typing as npt
from scipy import stats

CONFIDENCE = 0.95


def share_interval(share: float, count: int) -> tuple[float, float]:
    """Wilson's interval (1927) of a share of `count` independent cases; stays within 0..1 and is never empty."""
    if count < 1 or not 0 <= share <= 1:
        raise ValueError(f"a share in 0..1 of at least one case was expected; got {share} of {count}")
    found = stats.binomtest(round(share * count), count).proportion_ci(CONFIDENCE, method="wilson")
    return float(found.low), float(found.high)


def mean_interval(values: npt.NDArray[np.floating]) -> tuple[float, float]:
    """Student's interval of the mean of at least two independent values (n,)."""
    if len(values) < 2:
        raise ValueError(f"at least two values were expected; got {len(values)}")
    middle = float(values.mean())
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 1) * stats.sem(values))
    return middle - reach, middle + reach


def median_ratio_interval(
    above: npt.NDArray[np.floating], below: npt.NDArray[np.floating], resamples: int = 400
) -> tuple[float, float]:
    """Percentile bootstrap of median(above) / median(below); the same numbers give the same interval."""
    draw = np.random.default_rng(0)
    ratios = [
        np.median(draw.choice(above, len(above))) / np.median(draw.choice(below, len(below))) for _ in range(resamples)
    ]
    low, high = np.quantile(ratios, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)
