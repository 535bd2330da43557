"""Agreement beyond chance, held against scikit-learn and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest

from studio.review.kappa import cohen, fleiss

TABLES = [
    [[20, 5], [10, 15]],
    [[88, 10], [14, 8]],
    [[45, 15], [25, 15]],
    [[1, 9], [9, 1]],
    [[1, 3], [0, 7]],
    [[22, 2, 0], [5, 7, 14], [0, 2, 10]],
]
EXACT = 1e-9


@pytest.mark.parametrize("table", TABLES)
def test_cohen_agrees_with_scikit_learn_and_its_interval_with_statsmodels(table: list[list[int]]) -> None:
    from sklearn.metrics import cohen_kappa_score
    from statsmodels.stats.inter_rater import cohens_kappa

    pairs = [(i, j) for i, row in enumerate(table) for j, number in enumerate(row) for _ in range(number)]
    first, second = zip(*pairs, strict=True)
    found, reference = cohen(table), cohens_kappa(np.array(table))
    assert found.n == len(pairs)
    assert found.value == pytest.approx(cohen_kappa_score(first, second), abs=EXACT)
    assert found.value == pytest.approx(reference.kappa, abs=EXACT)
    assert (found.low, found.high) == pytest.approx((reference.kappa_low, reference.kappa_upp), abs=EXACT)


def test_nothing_is_said_where_everyone_says_the_same() -> None:
    assert cohen([[0, 3], [0, 7]]).value == 0
    found = cohen([[30, 0], [0, 0]])
    assert (found.n, found.agreed, found.value, found.low, found.high) == (30, 1.0, None, None, None)
    assert fleiss([[3, 0], [4, 0]]).value is None


def test_agreement_on_all_images_has_no_width() -> None:
    found = cohen([[12, 0], [0, 8]])
    assert (found.value, found.low, found.high) == pytest.approx((1.0, 1.0, 1.0))


@pytest.mark.parametrize("raters", [2, 3, 7])
def test_fleiss_agrees_with_statsmodels(raters: int) -> None:
    from statsmodels.stats.inter_rater import fleiss_kappa

    votes = np.random.default_rng(raters).multinomial(raters, [0.6, 0.3, 0.1], size=40)
    assert fleiss(votes).value == pytest.approx(fleiss_kappa(votes), abs=EXACT)


def test_fleiss_takes_images_with_different_numbers_of_votes() -> None:
    votes = [[3, 0], [2, 1], [4, 0], [1, 2], [0, 5], [3, 1], [0, 3], [2, 2], [5, 0], [3, 0], [1, 3], [0, 4]]
    found = fleiss(votes)
    assert found.value is not None
    assert found.high is not None
    error = (found.high - found.value) / 1.959964
    # the figures of irrCAC 0.4.4, written with as many digits
    assert (found.agreed, found.expected) == pytest.approx((0.75, 0.50347), abs=5e-6)
    assert (found.value, error) == pytest.approx((0.4965, 0.18182), abs=5e-5)


def test_the_interval_of_fleiss_holds_the_truth_about_as_often_as_it_says() -> None:
    """Images drawn again and again from a crowd whose kappa is known."""
    random = np.random.default_rng(0)
    crowd = _votes(random, 20_000)
    truth = fleiss(crowd).value
    assert truth is not None
    held = 0
    for _ in range(400):
        found = fleiss(crowd[random.integers(0, len(crowd), 80)])
        assert found.low is not None
        assert found.high is not None
        held += found.low <= truth <= found.high
    assert 0.92 <= held / 400 <= 0.98


def _votes(random: np.random.Generator, images: int) -> np.ndarray:
    """Two categories; 3 to 6 people an image, right four times of five."""
    raters = random.integers(3, 7, images)
    good = random.random(images) < 0.6
    approvals = random.binomial(raters, np.where(good, 0.8, 0.2))
    return np.stack([approvals, raters - approvals], axis=1)


@pytest.mark.parametrize("table", [[], [[0, 0], [0, 0]], [[1, 2, 3], [4, 5, 6]], [[1, -1], [2, 3]]])
def test_a_table_that_is_none_is_refused(table: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="square table"):
        cohen(table)


def test_votes_of_one_person_are_refused() -> None:
    with pytest.raises(ValueError, match="at least two votes"):
        fleiss([[2, 0], [1, 0]])
