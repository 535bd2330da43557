"""Further charts of the quality page: pure functions from counted groups to Plotly figures, for both themes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from studio.quality.figures import GroupScores
from studio.quality.histogram import Bins, Counts
from studio.quality.waits import GroupWait
from studio.review.checks import Check
from studio.ui.charts import SERIES, Palette, Wording, blank, draw_band, faint, name_days, name_rows

_ROW = 34  # pixels a category


@dataclass(frozen=True)
class Series:
    """One of several rows of numbers beside or on each other; `hover` has a line for each."""

    name: str
    values: Sequence[float]
    hover: Sequence[str]


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval in a row of a chart."""

    row: int
    value: float
    low: float
    high: float
    hover: str


@dataclass(frozen=True)
class Bar:
    """A range of a score with how many images lie in it, now and in the time before. low, high: None for an open end;
    start, end: where the bar is drawn.
    """

    low: float | None
    high: float | None
    start: float
    end: float
    now: int
    before: int


def bars_of(bins: Bins, now: Counts, before: Counts, most: int = 24) -> list[Bar]:
    """At most `most` bars over the part of the range in which images lie, of whole bins each. What lies outside the
    range belongs to its outermost bars.
    """
    inside = [counts[1:-1].copy() for counts in (now, before)]
    for own, counts in zip(inside, (now, before), strict=True):
        own[0] += counts[0]
        own[-1] += counts[-1]
    filled = np.flatnonzero(inside[0] + inside[1])
    if len(filled) == 0:
        return []
    first, last = max(int(filled[0]) - 1, 0), min(int(filled[-1]) + 1, bins.number - 1)
    step = -(-(last - first + 1) // most)
    found = []
    for at in range(first, last + 1, step):
        end = min(at + step, bins.number)
        edges = (bins.low + at * bins.width, bins.low + end * bins.width)
        found.append(
            Bar(
                low=None if at == 0 else edges[0],
                high=None if end == bins.number else edges[1],
                start=edges[0],
                end=edges[1],
                now=int(inside[0][at:end].sum()),
                before=int(inside[1][at:end].sum()),
            )
        )
    return found


def histogram(
    bars: Sequence[Bar], check: Check | None, words: Wording, names: tuple[str, str], palette: Palette
) -> go.Figure:
    """The share of images in each range of a score: this time as bars, the time before as a line."""
    figure = blank(palette, height=400)
    totals = [max(sum(counts), 1) for counts in ([bar.now for bar in bars], [bar.before for bar in bars])]
    middles = [(bar.start + bar.end) / 2 for bar in bars]
    figure.add_trace(
        go.Bar(
            x=middles,
            y=[bar.now / totals[0] for bar in bars],
            width=[0.92 * (bar.end - bar.start) for bar in bars],
            name=names[0],
            marker={"color": palette.accent},
            customdata=list(words.hover),
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    if any(bar.before for bar in bars):
        line = {"color": SERIES[1], "width": 2, "shape": "hvh"}
        shares = [bar.before / totals[1] for bar in bars]
        figure.add_trace(go.Scatter(x=middles, y=shares, mode="lines", line=line, name=names[1], hoverinfo="skip"))
        figure.update_layout(showlegend=True, margin={"t": 36})
    ends = (bars[0].start, bars[-1].end)
    if check is not None:
        start = ends[0] if check.least is None else max(ends[0], check.least)
        end = ends[1] if check.most is None else min(ends[1], check.most)
        if start < end:
            figure.add_vrect(x0=start, x1=end, fillcolor=palette.accent, opacity=0.08, line_width=0, layer="below")
    figure.update_xaxes(title_text=words.x, range=ends, showgrid=False)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    return figure


def score_trend(groups: Sequence[GroupScores], labels: Sequence[str], words: Wording, palette: Palette) -> go.Figure:
    """The mean of a score over time, in a band of its middle 80 %. The points are the last trace."""
    figure = blank(palette, height=300)
    days = [dt.date.fromisoformat(group.key) for group in groups]
    draw_band(figure, days, [group.p10 for group in groups], [group.p90 for group in groups], palette)
    figure.add_trace(
        go.Scatter(
            x=days,
            y=[group.mean for group in groups],
            mode="lines+markers",
            line={"color": palette.accent, "width": 2},
            marker={"size": 8, "color": palette.accent},
            customdata=list(words.hover),
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    name_days(figure, days, labels)
    figure.update_yaxes(title_text=words.x)
    return figure


def stacked(rows: Sequence[str], series: Sequence[Series], title: str, palette: Palette) -> go.Figure:
    """What a whole is made of, a bar a row. title: of the x axis."""
    figure = blank(palette, height=_ROW * len(rows) + 110)
    for one, colour in zip(series, SERIES, strict=False):
        figure.add_trace(
            go.Bar(
                x=list(one.values),
                y=list(range(len(rows))),
                orientation="h",
                width=0.62,
                name=one.name,
                marker={"color": colour},
                customdata=list(one.hover),
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
    figure.update_layout(barmode="stack", showlegend=True, legend_traceorder="normal", margin={"t": 36})
    figure.update_xaxes(title_text=title, rangemode="tozero")
    name_rows(figure, rows)
    return figure


def waits(groups: Sequence[GroupWait], rows: Sequence[str], words: Wording, palette: Palette) -> go.Figure:
    """The median wait in hours as a point, a line to the wait that nine in ten do not exceed."""
    figure = blank(palette, height=_ROW * len(groups) + 70)
    medians = [(group.wait.median or 0.0) / 3600 for group in groups]
    longest = [(group.wait.p90 or 0.0) / 3600 for group in groups]
    for at, (start, end) in enumerate(zip(medians, longest, strict=True)):
        figure.add_shape(
            type="line", x0=start, x1=end, y0=at, y1=at, line={"color": faint(palette, 0.45), "width": 5}, layer="below"
        )
    figure.add_trace(
        go.Scatter(
            x=medians,
            y=list(range(len(groups))),
            mode="markers",
            marker={"size": 11, "color": palette.accent},
            customdata=list(words.hover),
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    figure.update_xaxes(title_text=words.x, range=[0, 1.06 * max(longest, default=1.0)])
    name_rows(figure, rows)
    return figure


def estimates(
    rows: Sequence[str], series: Sequence[tuple[str, Sequence[Estimate]]], title: str, palette: Palette
) -> go.Figure:
    """Figures with their 95 % intervals, several beside each other in a row, each series in its colour and its sign."""
    figure = blank(palette, height=(_ROW + 6) * len(rows) + 110)
    signs = ("circle", "diamond", "square", "triangle-up", "cross", "x")
    for at, (name, points) in enumerate(series):
        beside = (at - (len(series) - 1) / 2) * 0.22
        colour = SERIES[at % len(SERIES)]
        figure.add_trace(
            go.Scatter(
                x=[point.value for point in points],
                y=[point.row + beside for point in points],
                mode="markers",
                name=name,
                marker={"size": 10, "color": colour, "symbol": signs[at % len(signs)]},
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "array": [point.high - point.value for point in points],
                    "arrayminus": [point.value - point.low for point in points],
                    "color": colour,
                    "thickness": 1.5,
                    "width": 3,
                },
                customdata=[point.hover for point in points],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
    figure.update_layout(showlegend=True, margin={"t": 36})
    figure.update_xaxes(title_text=title)
    name_rows(figure, rows)
    return figure
