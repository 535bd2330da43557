"""What is expected of new images agrees with the Beta-binomial distribution of scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import betabinom

from studio.making.predictive import JEFFREYS, Belief, expected, interval, together

BELIEFS = [JEFFREYS, Belief(6.5, 3.5), Belief(0.02, 11.0), Belief(420.0, 80.0)]


@pytest.mark.parametrize("belief", BELIEFS, ids=str)
@pytest.mark.parametrize("number", [1, 4, 64, 1000])
def test_the_chances_of_a_number_of_images_are_those_of_scipy(belief: Belief, number: int) -> None:
    chances, wanted = belief.of(number), betabinom(number, belief.alpha, belief.beta)
    np.testing.assert_allclose(chances, wanted.pmf(np.arange(number + 1)), rtol=1e-8, atol=1e-12)
    assert expected(chances) == pytest.approx(wanted.mean(), rel=1e-8)
    assert interval(chances) == (wanted.ppf(0.1), wanted.ppf(0.9))


def test_a_sum_has_the_mean_and_the_variance_of_its_parts() -> None:
    parts = [betabinom(4, 6.5, 3.5), betabinom(8, 1.0, 9.0)]
    total = together([Belief(6.5, 3.5).of(4), Belief(1.0, 9.0).of(8)])
    k = np.arange(13)
    assert total.sum() == pytest.approx(1)
    assert expected(total) == pytest.approx(sum(part.mean() for part in parts))
    assert (k**2) @ total - expected(total) ** 2 == pytest.approx(sum(part.var() for part in parts))


def test_nothing_ordered_is_nothing_expected() -> None:
    assert (expected(together([])), interval(together([]))) == (0.0, (0, 0))


def test_decisions_move_a_belief_and_weighing_keeps_its_chance() -> None:
    belief = JEFFREYS.after(3, 4)
    assert (belief.alpha, belief.beta) == (3.5, 1.5)
    assert belief.weighing(2).mean == pytest.approx(belief.mean)
    assert belief.weighing(2).alpha + belief.weighing(2).beta == pytest.approx(2)


def test_more_approved_than_decided_is_refused() -> None:
    with pytest.raises(ValueError, match="got 5 of 4"):
        JEFFREYS.after(5, 4)
