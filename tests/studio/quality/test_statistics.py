"""The statistics of the quality page agree with scipy and statsmodels, and stay quiet where nothing changed."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency
from statsmodels.stats.proportion import proportion_confint

from studio.quality.histogram import WAITS, bins_of, pack, shortfall
from studio.quality.rates import wilson
from studio.quality.shifts import (
    DayOfScores,
    chi_square_p,
    distance,
    limit,
    mean_shift,
    mix_shift,
)

DAY = dt.date(2026, 6, 1)


def day(number: int, values: np.ndarray) -> DayOfScores:
    return DayOfScores(DAY + dt.timedelta(number), len(values), float(values.sum()), float((values**2).sum()))


@pytest.mark.parametrize(("successes", "n"), [(0, 1), (3, 4), (40, 40), (617, 1_000), (31_845, 41_032)])
def test_wilson_agrees_with_statsmodels(successes: int, n: int) -> None:
    rate = wilson(successes, n)
    assert (rate.low, rate.high) == pytest.approx(proportion_confint(successes, n, method="wilson"), abs=1e-9)


@pytest.mark.parametrize("columns", [2, 3, 6, 7])
def test_the_chi_square_test_agrees_with_scipy(columns: int) -> None:
    table = np.random.default_rng(columns).integers(5, 60, (2, columns)).astype(float)
    assert chi_square_p(table) == pytest.approx(chi2_contingency(table, correction=False).pvalue, abs=1e-9)


def test_the_distance_of_mixes_agrees_with_scipy() -> None:
    one, other = np.array([10.0, 0.0, 30.0, 5.0]), np.array([4.0, 8.0, 9.0, 0.0])
    assert distance(one, other) == pytest.approx(jensenshannon(one, other, base=2), abs=1e-9)
    assert distance(one, one) == 0.0
    assert distance(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == 1.0


def test_a_mix_that_changed_names_the_reason_that_rose() -> None:
    shift = mix_shift({"halo": 20, "shape": 60, "size": 1}, {"halo": 50, "shape": 20, "hands": 1})
    assert shift is not None
    assert shift.rose == "halo"
    assert shift.p < 1e-6
    assert (shift.share_before, shift.share_now) == pytest.approx((20 / 81, 50 / 71))


@pytest.mark.parametrize("now", [{}, {"halo": 3}, {"halo": 2, "shape": 2}])
def test_too_few_rejections_tell_nothing(now: dict[str, int]) -> None:
    assert mix_shift({"halo": 20, "shape": 60}, now) is None


@pytest.mark.parametrize("metric", ["sharpness", "border_whiteness", "fill", "colour_difference"])
def test_percentiles_of_bins_are_right_to_one_bin(metric: str) -> None:
    bins, draw = bins_of(metric), np.random.default_rng(3)
    values = bins.low + (bins.high - bins.low) * draw.beta(3, 2, 5_000)
    packed = [pack(bins.count(some)) for some in np.split(values, 10)]
    counts = bins.total(packed)
    assert counts.sum() == 5_000
    for percent in (1, 10, 50, 90, 99):
        found = bins.percentile(counts, percent, values.min(), values.max())
        assert found == pytest.approx(np.percentile(values, percent), abs=bins.width)


def test_waits_are_right_to_a_twentieth() -> None:
    values = np.random.default_rng(4).lognormal(9, 1.5, 4_000)
    found = WAITS.percentile(WAITS.count(values), 50, values.min(), values.max())
    assert found == pytest.approx(np.percentile(values, 50), rel=0.05)


def test_values_outside_the_range_are_kept_at_its_ends() -> None:
    bins = bins_of("fill")
    counts = bins.count([-5.0, 0.0, 100.0, 130.0])
    assert (counts[0], counts[1], counts[-2], counts[-1]) == (1, 1, 1, 1)
    assert bins.percentile(counts, 100, -5.0, 130.0) == 130.0
    assert bins.percentile(bins.count([]), 50, 0.0, 0.0) is None


def test_what_is_wanted_is_known_for_each_kind_of_score() -> None:
    assert shortfall("sharpness", 2.0) < shortfall("sharpness", 1.0)
    assert shortfall("colour_difference", 5.0) < shortfall("colour_difference", 20.0)
    assert shortfall("fill", 85.0) < shortfall("fill", 80.0) == shortfall("fill", 90.0)


def test_the_limit_makes_false_alarms_as_rare_as_asked_for() -> None:
    assert limit(1, 1_000) < limit(100, 1_000)
    at, draw, runs = limit(1, 200), np.random.default_rng(5), []
    for _ in range(300):
        up = down = 0.0
        for step in range(1, 5_000):
            z = draw.normal()
            up, down = max(0.0, up + z - 0.5), max(0.0, down - z - 0.5)
            if max(up, down) > at:
                runs.append(step)
                break
    assert 150 < np.mean(runs) < 260


def test_a_lasting_change_is_found_and_dated_and_chance_is_not() -> None:
    draw = np.random.default_rng(6)
    usual = [day(n, draw.normal(10, 2, 30)) for n in range(60)]
    steady = [day(60 + n, draw.normal(10, 2, 30)) for n in range(21)]
    moved = [day(60 + n, draw.normal(10 if n < 5 else 10.8, 2, 30)) for n in range(21)]
    at = limit(60, 365)
    assert mean_shift(usual, steady, at) is None
    shift = mean_shift(usual, moved, at)
    assert shift is not None
    assert abs((shift.since - DAY).days - 65) <= 3
    assert shift.before == pytest.approx(10, abs=0.2)
    assert shift.now == pytest.approx(10.8, abs=0.2)


def test_a_change_that_is_over_is_no_alarm() -> None:
    draw = np.random.default_rng(7)
    usual = [day(n, draw.normal(10, 2, 30)) for n in range(60)]
    over = [day(60 + n, draw.normal(13 if n < 3 else 8.5 if n < 9 else 10, 2, 30)) for n in range(40)]
    assert mean_shift(usual, over, limit(60, 365)) is None


def test_few_days_and_days_without_spread_are_no_alarm() -> None:
    same = [day(n, np.full(5, 3.0)) for n in range(30)]
    assert mean_shift(same[:5], same, 5.0) is None
    assert mean_shift(same, same, 5.0) is None
    assert not math.isnan(limit(0, 365))
