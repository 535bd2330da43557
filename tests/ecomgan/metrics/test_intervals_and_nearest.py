import numpy as np
import pytest
from scipy.spatial import cKDTree

from ecomgan.metrics.intervals import mean_interval, median_ratio_interval, share_interval
from ecomgan.metrics.nearest import nearest


def test_share_interval_agrees_with_wilsons_formula() -> None:
    share, count, z = 0.3, 50, 1.959964
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    reach = z / (1 + z**2 / count) * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    assert share_interval(share, count) == pytest.approx((middle - reach, middle + reach), rel=1e-5)


def test_share_interval_of_none_and_of_all_is_not_empty() -> None:
    low, high = share_interval(0.0, 20)
    assert low == 0
    assert 0.1 < high < 0.2
    assert share_interval(1.0, 20) == pytest.approx((1 - high, 1.0))


@pytest.mark.parametrize(("share", "count"), [(0.5, 0), (1.2, 10), (-0.1, 10)])
def test_a_share_of_nothing_or_out_of_range_is_refused(share: float, count: int) -> None:
    with pytest.raises(ValueError, match=r"a share in 0\.\.1 of at least one case"):
        share_interval(share, count)


def test_mean_interval_holds_the_true_mean_as_often_as_it_says() -> None:
    draw = np.random.default_rng(0)
    tries = [mean_interval(draw.normal(3, 2, 12)) for _ in range(400)]
    assert 365 <= sum(low <= 3 <= high for low, high in tries) <= 395
    with pytest.raises(ValueError, match="at least two"):
        mean_interval(np.ones(1))


def test_ratio_of_medians_holds_the_true_ratio_as_often_as_it_says() -> None:
    draw = np.random.default_rng(1)
    tries = [median_ratio_interval(draw.lognormal(0.4, 0.5, 80), draw.lognormal(0, 0.5, 80)) for _ in range(60)]
    assert sum(low <= np.exp(0.4) <= high for low, high in tries) >= 52


def test_nearest_agrees_with_a_tree_search_and_finds_copies_at_zero() -> None:
    draw = np.random.default_rng(2)
    bank, features = draw.standard_normal((700, 6)) + 100, draw.standard_normal((300, 6)) + 100
    features[17] = bank[400]
    distances, places = nearest(features, bank)
    expected_distances, expected_places = cKDTree(bank).query(features)
    assert places[17] == 400
    assert distances[17] == 0
    assert distances == pytest.approx(expected_distances, rel=1e-4, abs=1e-4)
    assert np.mean(places == expected_places) > 0.98


def test_nearest_in_another_space_is_refused() -> None:
    with pytest.raises(ValueError, match=r"of one d expected; got \(3, 4\), \(5, 6\)"):
        nearest(np.zeros((3, 4)), np.zeros((5, 6)))
