"""Charts show every group once, in order, with its uncertainty, and nothing else."""

import datetime as dt

import pytest

from studio.quality.figures import GroupRate, GroupScores, ReasonCount
from studio.quality.rates import wilson
from studio.quality.reason_table import ReasonCell, ReasonGroup, ReasonTable
from studio.review.checks import CHECKS
from studio.review.review_queue import QueueFilter
from studio.review.states import Family
from studio.ui import charts
from studio.ui.charts import Palette, Wording
from studio.ui.reason_chart import reason_grid

PALETTE = Palette("#111111", "#555555", "#dddddd", "#0b6b74", "#ffffff", "system-ui")
WORDS = Wording(x="approved", hover=["one", "two", "three"])


def rate(key: str, successes: int, n: int) -> GroupRate:
    return GroupRate(key, key, wilson(successes, n), QueueFilter(category=key))


def test_rates_stand_in_the_order_of_their_groups_with_the_wilson_interval() -> None:
    groups = [rate("Shirts", 9, 10), rate("Bags", 1, 4), rate("Belts", 0, 3)]
    (points,) = charts.rates(groups, ["Shirts", "Bags", "Belts"], WORDS, PALETTE).data
    assert list(points.x) == [0.9, 0.25, 0.0]
    assert list(points.y) == [0, 1, 2]
    assert list(points.text) == ["9/10", "1/4", "0/3"]
    for at, group in enumerate(groups):
        assert points.x[at] + points.error_x.array[at] == pytest.approx(group.rate.high)
        assert points.x[at] - points.error_x.arrayminus[at] == pytest.approx(group.rate.low)


def test_the_first_group_is_drawn_on_top() -> None:
    figure = charts.rates([rate("A", 1, 2), rate("B", 1, 2)], ["A", "B"], WORDS, PALETTE)
    bottom, top = figure.layout.yaxis.range
    assert bottom > top
    assert list(figure.layout.yaxis.ticktext) == ["A", "B"]


@pytest.mark.parametrize("metric", CHECKS)
def test_spreads_show_the_middle_and_the_good_range_whole(metric: str) -> None:
    groups = [
        GroupScores("A", "A", 5, 1.0, 0.5, 1.0, 2.0, QueueFilter()),
        GroupScores("B", "B", 5, 9, 7, 9, 9, QueueFilter()),
    ]
    figure = charts.spreads(groups, ["A", "B"], CHECKS[metric], WORDS, PALETTE)
    start, end = figure.layout.xaxis.range
    assert start < 0.5
    assert end > 9
    (band,) = figure.layout.shapes
    assert start <= band.x0 < band.x1 <= end
    if (least := CHECKS[metric].least) is not None:
        assert band.x0 == least
    if (most := CHECKS[metric].most) is not None:
        assert band.x1 == most


def test_the_trend_keeps_days_apart_and_names_at_most_eight_of_them() -> None:
    days = [dt.date(2026, 11, 1) + dt.timedelta(days=2 * n) for n in range(25)]
    groups = [rate(day.isoformat(), 1, 2) for day in days]
    figure = charts.trend(groups, [str(day) for day in days], Wording("", [""] * 25), PALETTE)
    assert [len(trace.x) for trace in figure.data] == [25, 25, 25]  # the band and the line
    assert list(figure.data[-1].x) == days
    assert len(figure.layout.xaxis.tickvals) <= 8


def test_reasons_tell_their_number_and_the_share_so_far() -> None:
    groups = [
        ReasonCount("halo", Family.ARTEFACT, "Halo", 3, 0.75, 0.75, QueueFilter()),
        ReasonCount("size", Family.CHANNEL, "Size", 1, 0.25, 1.0, QueueFilter()),
    ]
    (bars,) = charts.pareto(groups, ["Halo", "Size"], WORDS, PALETTE).data
    assert list(bars.x) == [3, 1]
    assert list(bars.text) == ["3 · 75%", "1 · 100%"]


def test_one_template_gives_each_theme_its_colours() -> None:
    for palette in (PALETTE, Palette("#e9ebee", "#a4adb8", "#343a42", "#5cc4cc", "#15171a", "system-ui")):
        layout = charts.rates([rate("A", 1, 2)], ["A"], WORDS, palette).layout.template.layout
        assert layout.paper_bgcolor == layout.plot_bgcolor == palette.background
        assert layout.font.color == palette.text
        assert layout.xaxis.gridcolor == palette.line


def test_a_table_of_reasons_has_a_readable_number_in_every_cell_of_either_theme() -> None:
    groups = (ReasonGroup("Bags", "Bags", 10), ReasonGroup("Caps", "Caps", 10))
    cells = tuple(
        ReasonCell(reason, group.key, n, n / 10, QueueFilter())
        for n, (reason, group) in enumerate([(r, g) for r in ("halo", "shape") for g in groups], 1)
    )
    table = ReasonTable(("halo", "shape"), groups, cells)
    for text, background, accent in (("#1c1f24", "#ffffff", "#0b6b74"), ("#eceff3", "#15171b", "#5cc3cc")):
        colours = Palette(text, "#808080", "#808080", accent, background, "sans")
        figure = reason_grid(table, ["Bags", "Caps"], ["Halo", "Shape"], ["a", "b", "c", "d"], colours)
        (trace,) = figure.data
        assert list(trace.text) == ["1", "2", "3", "4"]
        assert set(trace.textfont.color) == {text, background}
        assert (list(trace.x), list(trace.y)) == ([0, 1, 0, 1], [0, 0, 1, 1])
