"""The charts of the reviewers: every point in its place, on the scale of what it shows, with numbers one can read."""

from __future__ import annotations

import pytest

from studio.ui.charts import Palette
from studio.ui.reviewer_charts import PairCell, Spread, pair_grid, spreads

LIGHT = Palette("#1c1f24", "#5a6270", "#e1e4e8", "#0b6b74", "#ffffff", "serif")
DARK = Palette("#e8eaed", "#a0a6b0", "#33373d", "#5cc4cd", "#15171b", "serif")


def row(name: str, value: float, low: float, high: float) -> Spread:
    return Spread(name, value, low, high, f"{value}", f"{name}: {value}")


def test_kappas_stand_on_their_scale_with_the_substantial_ones_shaded() -> None:
    figure = spreads([row("Rune", 0.5, 0.3, 0.7), row("Sven", -0.2, -0.4, 0.0)], "kappa", LIGHT, kappa=True)
    (points,) = figure.data
    assert list(points.x) == [0.5, -0.2]
    assert list(points.error_x.array) == pytest.approx([0.2, 0.2])
    assert list(points.error_x.arrayminus) == pytest.approx([0.2, 0.2])
    assert list(figure.layout.yaxis.ticktext) == ["Rune", "Sven"]
    assert figure.layout.xaxis.range == pytest.approx((-0.44, 1.04))
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].x1) == (0.6, 1)


def test_shares_and_seconds_begin_at_nothing() -> None:
    shares = spreads([row("Rune", 0.9, 0.7, 0.97)], "right", LIGHT, share=True)
    assert shares.layout.xaxis.range == pytest.approx((-0.02, 1.02))
    seconds = spreads([row("Rune", 3.0, 3.0, 8.0)], "seconds", LIGHT)
    assert seconds.layout.xaxis.range == pytest.approx((0, 8.8))
    assert not seconds.layout.shapes


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_the_numbers_of_pairs_can_be_read_on_every_shade(palette: Palette) -> None:
    cells = [PairCell(0, 1, kappa, f"{kappa}", "") for kappa in (None, -0.3, 0.0, 0.2, 0.5, 0.7, 0.8, 1.0)]
    (points,) = pair_grid(["Rune", "Sven"], cells, palette).data
    assert (min(points.marker.opacity), max(points.marker.opacity)) == (0.08, 0.95)
    for strength, colour in zip(points.marker.opacity, points.textfont.color, strict=True):
        assert contrast(mixed(palette, strength), rgb(colour)) >= 3.0  # large or bold text, and the best of the two


def rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def mixed(palette: Palette, strength: float) -> tuple[float, ...]:
    pairs = zip(rgb(palette.accent), rgb(palette.background), strict=True)
    return tuple(strength * part + (1 - strength) * behind for part, behind in pairs)


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    def luminance(colour: tuple[float, ...]) -> float:
        linear = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
