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

SERIES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
"""Colours that people with any kind of colour vision tell apart (Okabe and Ito 2008), as far as both themes allow."""


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
            text=[f"{group.rate.successes:,}/{group.rate.n:,}" for group in groups],
            textposition="top center",
            textfont={"size": 11, "color": palette.quiet},
            cliponaxis=False,
            marker={"size": 11, "color": palette.accent},
            error_x=whiskers(
                [(group.rate.high or 0.0) - share for group, share in zip(groups, shares, strict=True)],
                [share - (group.rate.low or 0.0) for group, share in zip(groups, shares, strict=True)],
                palette,
            ),
            customdata=list(words.hover),
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    figure.update_xaxes(title_text=words.x, range=[-0.02, 1.02], tickformat=".0%", dtick=0.25)
    name_rows(figure, labels)
    return figure


def spreads(
    groups: Sequence[GroupScores], labels: Sequence[str], check: Check | None, words: Wording, palette: Palette
) -> go.Figure:
    """A score in each group: its median as a point, the middle 80 % as a line, the good range shaded."""
    figure = blank(palette, height=_ROW * len(groups) + 70)
    figure.add_trace(
        go.Scatter(
            x=[group.median for group in groups],
            y=list(range(len(groups))),
            mode="markers",
            marker={"size": 11, "color": palette.accent},
            error_x=whiskers(
                [group.p90 - group.median for group in groups], [group.median - group.p10 for group in groups], palette
            ),
            customdata=list(words.hover),
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    shown = [value for group in groups for value in (group.p10, group.p90)]
    if check is not None:
        shown += [value for value in (check.least, check.most) if value is not None]
    edge = 0.06 * ((max(shown) - min(shown)) or 1.0)
    ends = (min(shown) - edge, max(shown) + edge)
    if check is not None:
        start = ends[0] if check.least is None else check.least
        end = ends[1] if check.most is None else check.most
        figure.add_vrect(x0=start, x1=end, fillcolor=palette.accent, opacity=0.08, line_width=0, layer="below")
    figure.update_xaxes(title_text=words.x, range=ends)
    name_rows(figure, labels)
    return figure


def trend(groups: Sequence[GroupRate], labels: Sequence[str], words: Wording, palette: Palette) -> go.Figure:
    """Approval rate over time: a line of points in a band of their 95 % intervals. `labels`: the times as people write
    them. The points are the last trace, the only one that answers the pointer.
    """
    figure = blank(palette, height=300)
    days = [dt.date.fromisoformat(group.key) for group in groups]
    shares = [group.rate.share or 0.0 for group in groups]
    ends = ([group.rate.low or 0.0 for group in groups], [group.rate.high or 0.0 for group in groups])
    draw_band(figure, days, *ends, palette)
    figure.add_trace(
        go.Scatter(
            x=days,
            y=shares,
            mode="lines+markers",
            line={"color": palette.accent, "width": 2},
            marker={"size": 8, "color": palette.accent},
            customdata=list(words.hover),
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    least = min(ends[0], default=0.0)
    figure.update_yaxes(range=[0 if least < 0.3 else least - 0.06, 1.02], tickformat=".0%", nticks=6)
    name_days(figure, days, labels)
    figure.update_xaxes(title_text=words.x)
    return figure


def draw_band(
    figure: go.Figure, days: Sequence[dt.date], low: Sequence[float], high: Sequence[float], palette: Palette
) -> None:
    """The space between two lines over time, shaded."""
    silent = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    figure.add_trace(go.Scatter(x=list(days), y=list(high), **silent))
    figure.add_trace(go.Scatter(x=list(days), y=list(low), fill="tonexty", fillcolor=faint(palette), **silent))


def name_days(figure: go.Figure, days: Sequence[dt.date], labels: Sequence[str]) -> None:
    """Some of the days along the x axis, as people write them, and none so near to another that they would touch."""
    apart = (days[-1] - days[0]) / 7 if days else dt.timedelta()
    named: list[int] = []
    for at, each in enumerate(days):
        if not named or each - days[named[-1]] >= apart:
            named.append(at)
    figure.update_xaxes(tickvals=[days[at] for at in named], ticktext=[labels[at] for at in named], tickangle=0)


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
            text=[f"{group.n:,} · {group.cumulative:.0%}" for group in groups],
            textposition="outside",
            textfont={"color": palette.text},
            cliponaxis=False,
            customdata=list(words.hover),
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    figure.update_xaxes(title_text=words.x, range=[0, 1.4 * max(group.n for group in groups)], rangemode="tozero")
    name_rows(figure, labels)
    return figure


def blank(palette: Palette, *, height: int) -> go.Figure:
    """A chart without anything in it."""
    return go.Figure(layout={"template": template(palette), "height": height})


def template(palette: Palette) -> go.layout.Template:
    """The colours and manners of all charts here, in the theme of the palette."""
    axis = {
        "gridcolor": palette.line,
        "showline": False,
        "zeroline": False,
        "tickfont": {"color": palette.text, "size": 13},
        "title": {"font": {"color": palette.quiet, "size": 13}},
        "automargin": True,
    }
    return go.layout.Template(
        layout={
            "margin": _MARGIN,
            "colorway": SERIES,
            "paper_bgcolor": palette.background,
            "plot_bgcolor": palette.background,
            "font": {"family": palette.font, "color": palette.text, "size": 13},
            "hoverlabel": {
                "bgcolor": palette.background,
                "bordercolor": palette.line,
                "font": {"color": palette.text, "family": palette.font},
            },
            "showlegend": False,
            "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "font": {"color": palette.text}},
            "dragmode": False,
            "clickmode": "event+select",
            "barcornerradius": 3,
            "xaxis": axis,
            "yaxis": axis,
        }
    )


def faint(palette: Palette, strength: float = 0.16) -> str:
    """The accent, thinned, for areas that lie behind."""
    red, green, blue = (int(palette.accent[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{strength})"


def whiskers(above: Sequence[float], below: Sequence[float], palette: Palette) -> dict[str, object]:
    return {
        "type": "data",
        "symmetric": False,
        "array": list(above),
        "arrayminus": list(below),
        "color": palette.quiet,
        "thickness": 1.5,
        "width": 4,
    }


def name_rows(figure: go.Figure, labels: Sequence[str]) -> None:
    """The first group stands on top; the rows keep their distance however few there are."""
    figure.update_yaxes(
        tickvals=list(range(len(labels))), ticktext=list(labels), range=[len(labels) - 0.4, -0.6], showgrid=False
    )
