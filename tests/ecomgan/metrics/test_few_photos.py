"""The kernel distance to few photos: unbiased, with an interval that holds the truth."""

import numpy as np
import numpy.typing as npt
import pytest

from ecomgan.metrics.few_photos import distance_to_few, paired_distance


def features(seed: int, rows: int, mean: float = 0.0) -> npt.NDArray[np.float64]:
    return np.random.default_rng(seed).normal(mean, 1.0, (rows, 16))


def test_equal_distributions_are_at_zero_on_average_however_few_the_photos() -> None:
    tries = [paired_distance(features(2 * i, 32), features(2 * i + 1, 8)) for i in range(300)]
    assert abs(np.mean(tries)) < 3 * np.std(tries) / np.sqrt(len(tries))


def test_it_agrees_with_the_plain_formula_for_one_image_a_photo() -> None:
    x, y = features(1, 9, 0.3), features(2, 9)
    k = lambda a, b: (a @ b / 16 + 1) ** 3  # noqa: E731
    others = [(i, j) for i in range(9) for j in range(9) if i != j]
    expected = np.mean([k(x[i], x[j]) + k(y[i], y[j]) - 2 * k(x[i], y[j]) for i, j in others])
    assert paired_distance(x, y) == pytest.approx(expected)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    truth = paired_distance(features(1000, 4000, 0.5), features(1001, 4000))
    found = [distance_to_few(features(10 * i, 64, 0.5), features(10 * i + 1, 16)) for i in range(60)]
    assert sum(one.low <= truth <= one.high for one in found) >= 48
    assert all(one.low <= one.value <= one.high for one in found)


def test_more_photos_make_it_narrower() -> None:
    few, many = (distance_to_few(features(5, 8 * n, 0.5), features(6, n)) for n in (8, 64))
    assert many.high - many.low < few.high - few.low


def test_sets_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 8 photos were expected, got 7"):
        distance_to_few(features(0, 14), features(1, 7))
    with pytest.raises(ValueError, match="as many images for each"):
        paired_distance(features(0, 15), features(1, 8))
