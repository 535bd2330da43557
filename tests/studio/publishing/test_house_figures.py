"""A house style is robust: it is what most pictures agree on, and tells which ones stand out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import median_abs_deviation

from studio.publishing.house_figures import (
    Figure,
    Flag,
    Measure,
    Place,
    as_json,
    figure,
    figures_of,
    flags,
    from_json,
    scale_of,
)

SHOE = Place(top=0.30, left=0.08, bottom=0.71, right=0.92, whiteness=99.0)


def shoes(number: int = 30) -> list[Place]:
    draw = np.random.default_rng(4)
    return [
        Place(0.3 + draw.normal(0, 0.06), 0.08 + a, 0.71 + b, 0.92 - a, 99.0 + draw.normal(0, 0.4))
        for a, b in draw.normal(0, 0.004, (number, 2))
    ]


def test_the_spread_agrees_with_scipy() -> None:
    values = list(np.random.default_rng(0).normal(0.7, 0.05, 41))
    found = figure(values)
    assert found.median == pytest.approx(np.median(values))
    assert found.spread == pytest.approx(median_abs_deviation(values, scale="normal"), rel=1e-4)


def test_a_few_strange_pictures_do_not_move_the_style() -> None:
    strange = [Place(0.0, 0.4, 0.2, 0.5, 60.0)] * 8
    plain, mixed = figures_of(shoes()), figures_of([*shoes(), *strange])
    for measure in (Measure.WIDTH, Measure.BASELINE, Measure.CENTRE):
        assert mixed[measure].median == pytest.approx(plain[measure].median, abs=0.005)


def test_products_are_scaled_by_the_side_that_they_share() -> None:
    figures = figures_of(shoes())
    assert scale_of(figures, {}) is Measure.WIDTH
    assert scale_of(figures, {Measure.HEIGHT: 0.4}) is Measure.HEIGHT


@pytest.mark.parametrize(
    ("place", "found"),
    [
        (SHOE, ()),
        (Place(0.45, 0.2, 0.71, 0.8, 99.0), (Flag.SMALLER,)),
        (Place(0.2, 0.01, 0.71, 0.99, 99.0), (Flag.LARGER,)),
        (Place(0.4, 0.08, 0.81, 0.92, 99.0), (Flag.LOWER,)),
        (Place(0.1, 0.08, 0.5, 0.92, 99.0), (Flag.HIGHER,)),
        (Place(0.3, 0.02, 0.71, 0.86, 99.0), (Flag.ASIDE,)),
        (Place(0.3, 0.08, 0.71, 0.92, 80.0), (Flag.GREYER,)),
        (Place(0.3, 0.08, 1.0, 0.92, 80.0), (Flag.CUT, Flag.GREYER)),
        (None, (Flag.UNSEEN,)),
    ],
)
def test_a_picture_that_stands_out_is_told_how(place: Place | None, found: tuple[Flag, ...]) -> None:
    assert flags(place, figures_of(shoes()), {}) == found


def test_what_nobody_sees_is_no_outlier() -> None:
    alike = figures_of([SHOE] * 20)
    assert alike[Measure.BASELINE] == Figure(0.71, 0.0)
    assert flags(Place(0.3, 0.085, 0.715, 0.925, 98.5), alike, {}) == ()


def test_what_a_person_set_is_what_counts() -> None:
    assert flags(SHOE, figures_of(shoes()), {Measure.BASELINE: 0.9}) == (Flag.HIGHER,)


def test_figures_are_kept_as_they_are() -> None:
    figures = figures_of(shoes())
    kept = from_json(as_json(figures))
    assert kept.keys() == figures.keys()
    for measure, one in figures.items():
        assert kept[measure].median == pytest.approx(one.median, abs=1e-5)
