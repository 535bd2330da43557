"""The charts of the quality page: pure functions from counted groups to Plotly figures, the same for both themes.

Every point carries its place in the list that it was drawn from, so that a click finds the images behind it. Colours
are told apart by lightness too, and no meaning hangs on a colour alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from studio.quality.figures import GroupRate, GroupScores, ReasonCount
from studio.review.checks import Check

_ROW = 34  # pixels a category
_MARGIN = {"l": 8, "r": 16, "t": 8, "b": 8}


@dataclass(frozen=True)
class Palette:
    """The colours of the theme that the visitor sees, and the font of the pages."""

    text: str
    quiet: str
    line: str
    accent: str
    background: str
    font: str


@dataclass(frozen=True)
class Wording:
    """What a chart says, in the visitor's language: the title of its x axis, and a line a group for hovering."""

    x: str
    hover: Sequence[str]


def rates(groups: Sequence[GroupRate], labels: Sequence[str], words: Wording, palette: Palette) -> go.Figure:
    """Approval rate of each group as a point with its 95 % interval, one row a group."""
    figure = blank(palette, height=_ROW * len(groups) + 70)
    shares = [group.rate.share or 0.0 for group in groups]
    figure.add_trace(
        go.Scatter(
            x=shares,
            y=list(range(len(groups))),
            mode="markers+text",
            text=[f"{group.rate.successes}/{group.rate.n}" for group in groups],
            textposition="top center",
            textfont={"size": 11, "color": palette.quiet},
            cliponaxis=False,
            marker={"size": 11, "color": palette.accent},
            error_x=_whiskers(
                [(group.rate.high or 0.0) - share for group, share in zip(groups, shares, strict=True)],
                [share - (group.rate.low or 0.0) for group, share in zip(groups, shares, strict=True)],
                palette,
            ),
            customdata=list(words.hover),
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    figure.update_xaxes(title_text=words.x, range=[-0.02, 1.02], tickformat=".0%", dtick=0.25)
    _name_rows(figure, labels)
    return figure


def spreads(
    groups: Sequence[GroupScores], labels: Sequence[str], check: Check, words: Wording, palette: Palette
) -> go.Figure:
    """A score in each group: its median as a point, the middle 80 % as a line, the good range shaded."""
    figure = blank(palette, height=_ROW * len(groups) + 70)
    figure.add_trace(
        go.Scatter(
            x=[group.median for group in groups],
            y=list(range(len(groups))),
            mode="markers",
            marker={"size": 11, "color": palette.accent},
            error_x=_whiskers(
                [group.p90 - group.median for group in groups], [group.median - group.p10 for group in groups], palette
            ),
            customdata=list(words.hover),
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    shown = [value for group in groups for value in (group.p10, group.p90)]
    shown += [value for value in (check.least, check.most) if value is not None]
    edge = 0.06 * ((max(shown) - min(shown)) or 1.0)
    ends = (min(shown) - edge, max(shown) + edge)
    start = ends[0] if check.least is None else check.least
    end = ends[1] if check.most is None else check.most
    figure.add_vrect(x0=start, x1=end, fillcolor=palette.accent, opacity=0.08, line_width=0, layer="below")
    figure.update_xaxes(title_text=words.x, range=ends)
    _name_rows(figure, labels)
    return figure


def trend(groups: Sequence[GroupRate], labels: Sequence[str], words: Wording, palette: Palette) -> go.Figure:
    """Approval rate by day: a line of points, each with its 95 % interval. `labels`: the days as people write them."""
    figure = blank(palette, height=280)
    days = [dt.date.fromisoformat(group.key) for group in groups]
    step = -(-len(days) // 8)
    shares = [group.rate.share or 0.0 for group in groups]
    figure.add_trace(
        go.Scatter(
            x=days,
            y=shares,
            mode="lines+markers",
            line={"color": palette.accent, "width": 2},
            marker={"size": 9, "color": palette.accent},
            error_y=_whiskers(
                [(group.rate.high or 0.0) - share for group, share in zip(groups, shares, strict=True)],
                [share - (group.rate.low or 0.0) for group, share in zip(groups, shares, strict=True)],
                palette,
            ),
            customdata=list(words.hover),
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    figure.update_yaxes(range=[-0.02, 1.05], tickformat=".0%", dtick=0.25)
    figure.update_xaxes(title_text=words.x, tickvals=days[::step], ticktext=list(labels[::step]), tickangle=0)
    return figure


def pareto(groups: Sequence[ReasonCount], labels: Sequence[str], words: Wording, palette: Palette) -> go.Figure:
    """Reasons of rejections as bars, the most frequent on top, each with its number and the share so far."""
    figure = blank(palette, height=_ROW * len(groups) + 70)
    figure.add_trace(
        go.Bar(
            x=[group.n for group in groups],
            y=list(range(len(groups))),
            orientation="h",
            width=0.62,
            marker={"color": palette.accent, "opacity": 0.85},
            text=[f"{group.n} · {group.cumulative:.0%}" for group in groups],
            textposition="outside",
            textfont={"color": palette.text},
            cliponaxis=False,
            customdata=list(words.hover),
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    figure.update_xaxes(title_text=words.x, range=[0, 1.2 * max(group.n for group in groups)], rangemode="tozero")
    _name_rows(figure, labels)
    return figure


def blank(palette: Palette, *, height: int) -> go.Figure:
    """A chart without anything in it, in the colours and with the manners of all charts here."""
    figure = go.Figure()
    axis = {
        "gridcolor": palette.line,
        "showline": False,
        "zeroline": False,
        "tickfont": {"color": palette.text, "size": 13},
        "title": {"font": {"color": palette.quiet, "size": 13}},
        "automargin": True,
    }
    figure.update_layout(
        height=height,
        margin=_MARGIN,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": palette.font, "color": palette.text, "size": 13},
        hoverlabel={
            "bgcolor": palette.background,
            "bordercolor": palette.line,
            "font": {"color": palette.text, "family": palette.font},
        },
        showlegend=False,
        dragmode=False,
        clickmode="event+select",
        xaxis=axis,
        yaxis=axis,
    )
    return figure


def _whiskers(above: Sequence[float], below: Sequence[float], palette: Palette) -> dict[str, object]:
    return {
        "type": "data",
        "symmetric": False,
        "array": list(above),
        "arrayminus": list(below),
        "color": palette.quiet,
        "thickness": 1.5,
        "width": 4,
    }


def _name_rows(figure: go.Figure, labels: Sequence[str]) -> None:
    """The first group stands on top; the rows keep their distance however few there are."""
    figure.update_yaxes(
        tickvals=list(range(len(labels))), ticktext=list(labels), range=[len(labels) - 0.4, -0.6], showgrid=False
    )
