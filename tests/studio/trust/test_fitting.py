"""Calibration: probabilities that are known are found again, and the measures are those of the textbooks."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import brier_score_loss, roc_auc_score
from statsmodels.stats.proportion import proportion_confint

from studio.errors import Conflict, InputError
from studio.trust.cases import Case, foretell
from studio.trust.fitting import fit
from studio.trust.measures import Figures, auc, brier, judge, reliability
from studio.trust.model import Model
from studio.trust.proof import images_needed, lower_bound, prove, upper_bound
from tests.studio.trust.deciding_by_scores import drawn


@pytest.fixture(scope="module")
def known() -> tuple[list[Case], np.ndarray]:
    return drawn(6000)


def test_known_probabilities_are_recovered(known: tuple[list[Case], np.ndarray]) -> None:
    some, _ = known
    fitted = fit(some)
    fresh, truth = drawn(4000, seed=9)
    error = np.abs(foretell(fitted.model, fresh) - truth)
    assert error.mean() < 0.035
    assert np.quantile(error, 0.95) < 0.1
    best = float(np.mean(truth * (1 - truth)))  # nobody can foretell a coin better than its weight
    assert fitted.figures[""].brier.low <= best + 0.01
    assert fitted.figures[""].brier.value < best + 0.02


def test_it_is_judged_on_the_latest_verdicts_only(known: tuple[list[Case], np.ndarray]) -> None:
    some, _ = known
    fitted = fit(some)
    assert [case.asset_id for case in fitted.held_out] == [case.asset_id for case in some[-1000:]]
    assert fitted.figures[""].n == 1000
    assert sum(fitted.figures[name].n for name in ("Shoes", "Tshirts")) == 1000


def test_the_probability_is_the_same_after_being_kept(known: tuple[list[Case], np.ndarray]) -> None:
    some, _ = known
    model = fit(some[:800]).model
    again = Model.from_json(json.loads(json.dumps(model.as_json())))
    assert np.array_equal(foretell(again, some), foretell(model, some))


def test_scores_that_are_missing_or_of_another_version_still_give_a_probability(
    known: tuple[list[Case], np.ndarray],
) -> None:
    some, _ = known
    model = fit(some[:800]).model
    newer = {key: {"version": 2, "value": 1e9} for key in some[0].scores}
    odd = model.predict([{}, newer, {"sharpness": {"version": 1, "value": 1e9}}], ["Shoes", "Shoes", "Hats"])
    assert odd[0] == odd[1]
    assert np.all((odd > 0) & (odd < 1))


@pytest.mark.parametrize(("n", "seed"), [(200, 1), (1500, 2)])
def test_brier_and_auc_are_those_of_scikit_learn(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    foretold = np.round(rng.random(n), 2)  # with ties
    approved = rng.random(n) < foretold
    found = auc(foretold, approved)
    assert found is not None
    assert found.value == pytest.approx(roc_auc_score(approved, foretold))
    assert brier(foretold, approved).value == pytest.approx(brier_score_loss(approved, foretold))
    again = rng.integers(0, n, (400, n))
    spread = np.quantile([roc_auc_score(approved[some], foretold[some]) for some in again], (0.025, 0.975))
    assert (found.low, found.high) == pytest.approx(spread, abs=0.012)


def test_the_intervals_of_the_reliability_curve_are_those_of_wilson() -> None:
    rng = np.random.default_rng(3)
    foretold = rng.random(500)
    parts = reliability(foretold, rng.random(500) < foretold)
    assert len(parts) == 10
    for part in parts:
        low, high = proportion_confint(part.approved.successes, part.approved.n, method="wilson")
        assert (part.approved.low, part.approved.high) == pytest.approx((low, high))


def test_the_range_of_a_part_of_the_curve_tells_which_verdicts_are_in_it() -> None:
    rng = np.random.default_rng(4)
    foretold = np.round(rng.random(400), 1)  # eleven values: parts of the same size would cut through some
    parts = judge(foretold, rng.random(400) < foretold).bins
    assert sum(part.approved.n for part in parts) == 400
    for part in parts:
        assert part.approved.n == np.count_nonzero((foretold >= part.low) & (foretold <= part.high))
    alike = judge(np.full(300, 0.7), rng.random(300) < 0.7).bins
    assert [(part.approved.n, part.low, part.high) for part in alike] == [(300, 0.7, 0.7)]


def test_figures_that_were_kept_without_ranges_are_still_read() -> None:
    kept = judge(np.array([0.4, 0.6]), np.array([False, True]))
    assert Figures.from_json(kept.as_json()) == kept
    older = kept.as_json() | {"bins": [[0.5, 1, 2]]}
    assert [(part.low, part.high) for part in Figures.from_json(older).bins] == [(None, None)]


def test_figures_of_one_verdict_and_of_one_kind_are_told_without_an_auc() -> None:
    alone = judge(np.array([0.4]), np.array([True]))
    assert (alone.auc, alone.n, len(alone.bins)) == (None, 1, 1)
    assert judge(np.array([0.4, 0.6]), np.array([False, False])).auc is None


def test_too_few_verdicts_are_refused_with_what_is_missing() -> None:
    some, _ = drawn(150)
    with pytest.raises(Conflict, match="from 200 verdicts on"):
        fit(some)
    praised = [Case(k, case.category, case.at, True, case.scores) for k, case in enumerate(drawn(400)[0])]
    with pytest.raises(Conflict, match="400 approvals and 0 rejections"):
        fit(praised)


def test_one_kind_of_verdict_in_the_earlier_part_is_refused() -> None:
    some = [Case(k, case.category, case.at, k < 300, case.scores) for k, case in enumerate(drawn(400)[0])]
    with pytest.raises(Conflict, match="earlier part"):
        fit(some)


@pytest.mark.parametrize(("escapes", "n"), [(0, 59), (3, 200), (20, 400), (7, 7), (0, 0)])
def test_the_bounds_are_those_of_clopper_and_pearson(escapes: int, n: int) -> None:
    if n == 0:
        assert (lower_bound(0, 0), upper_bound(0, 0)) == (0, 1)
        return
    less, more = (binomtest(escapes, n, alternative=side) for side in ("less", "greater"))
    assert upper_bound(escapes, n) == pytest.approx(less.proportion_ci(0.95, "exact").high)
    assert lower_bound(escapes, n) == pytest.approx(more.proportion_ci(0.95, "exact").low)


def test_so_many_images_prove_a_rate() -> None:
    assert images_needed(0.05) == 59 == math.ceil(math.log(0.05) / math.log(0.95))
    for rate, escapes in ((0.02, 0), (0.02, 3), (0.1, 2), (0.001, 0)):
        n = images_needed(rate, escapes)
        assert upper_bound(escapes, n) <= rate < upper_bound(escapes, n - 1)


def test_a_rate_is_proven_above_the_threshold_where_few_are_rejected() -> None:
    rng = np.random.default_rng(5)
    foretold = rng.random(3000)
    approved = rng.random(3000) < np.where(foretold > 0.7, 0.995, 0.5)
    proof = prove(foretold, approved, 0.03)
    assert proof.holds
    assert proof.threshold >= 0.69
    above = foretold >= proof.threshold
    assert (proof.above, proof.escapes) == (above.sum(), (~approved[above]).sum())
    assert proof.upper == upper_bound(proof.escapes, proof.above) <= 0.03


def test_a_rate_that_does_not_hold_is_proven_in_one_of_twenty_samples_at_most() -> None:
    """The threshold is chosen on the sample that proves it: the promise must hold all the same."""
    rng = np.random.default_rng(6)
    wrong = 0
    for _ in range(400):
        foretold = rng.random(600)
        rejected = rng.random(600) < 0.08 - 0.03 * foretold  # at every threshold at least 5 % escape
        wrong += prove(foretold, ~rejected, 0.05).holds
    assert wrong <= 400 * 0.05 + 3 * math.sqrt(400 * 0.05 * 0.95)


def test_what_is_not_proven_says_how_many_more_verdicts_it_takes() -> None:
    nobody = prove(np.zeros(0), np.zeros(0, dtype=bool), 0.05)
    assert (nobody.holds, nobody.more) == (False, math.ceil(59 / 0.3))
    few = prove(np.linspace(0, 1, 30), np.ones(30, dtype=bool), 0.05)
    assert not few.holds
    assert few.more == pytest.approx((59 - 30) / 0.3, rel=0.15)
    enough = np.linspace(0, 1, 30 + math.ceil(0.3 * few.more))
    assert prove(enough, np.ones(len(enough), dtype=bool), 0.05).holds
    hopeless = prove(np.linspace(0, 1, 300), np.arange(300) % 3 > 0, 0.05)
    assert (hopeless.holds, hopeless.more) == (False, None)
    with pytest.raises(InputError, match=r"between 0\.1 % and 20"):
        prove(np.zeros(0), np.zeros(0, dtype=bool), 0.5)
