"""A reviewer beside the others: compared where both decide, and told only for nearly everything beyond chance."""

from __future__ import annotations

import pytest

from studio.quality.beside_others import Tally, beside_others

SVEN, OTHER, THIRD = 1, 2, 3


def test_the_others_count_as_the_reviewer_decided() -> None:
    tallies = [
        Tally(SVEN, "Bags", 75, 75),
        Tally(SVEN, "Shoes", 25, 25),
        Tally(OTHER, "Bags", 40, 20),
        Tally(THIRD, "Bags", 60, 40),
        Tally(OTHER, "Shoes", 50, 45),
    ]
    found = beside_others(tallies, SVEN)
    assert found is not None
    assert found.expected == pytest.approx((75 * 0.6 + 25 * 0.9) / 100)
    assert (found.own.n, found.own.share, found.approves_all) == (100, 1.0, True)


def test_a_category_that_nobody_else_decides_makes_nobody_lenient() -> None:
    """Easy images that one person sees alone say nothing of how the others would decide on them."""
    tallies = [Tally(SVEN, "Mugs", 2_000, 1_990), Tally(SVEN, "Bags", 60, 36), Tally(OTHER, "Bags", 100, 60)]
    tallies += [Tally(OTHER, "Mugs", 19, 0)]  # too few to stand for anything
    found = beside_others(tallies, SVEN)
    assert found is not None
    assert (found.own.n, found.own.share, found.approves_all) == (60, 0.6, False)


@pytest.mark.parametrize(
    ("own", "others"),
    [((49, 49), (100, 50)), ((60, 56), (100, 50)), ((60, 58), (100, 96)), ((60, 60), (100, 97))],
)
def test_few_verdicts_less_than_nearly_all_and_chance_are_no_concern(
    own: tuple[int, int], others: tuple[int, int]
) -> None:
    found = beside_others([Tally(SVEN, "Bags", *own), Tally(OTHER, "Bags", *others)], SVEN)
    assert found is not None
    assert not found.approves_all


def test_without_verdicts_of_others_nothing_is_compared() -> None:
    tallies = [Tally(SVEN, "Bags", 100, 100), Tally(OTHER, "Bags", 49, 40)]
    assert beside_others(tallies, SVEN) is None
    assert beside_others([*tallies, Tally(OTHER, "Shoes", 100, 50)], THIRD) is None
