"""The charts of the page Reviewers: pure functions from figures to Plotly, the same for both themes.

Each point, and each cell, carries its place in the list that it was drawn from, so that a click finds its images.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go
from PIL.ImageColor import getrgb as get_rgb

from studio.ui.charts import Palette, blank

_ROW = 40  # pixels a reviewer
_CELL = 46
_SUBSTANTIAL = 0.6
"""From this kappa on agreement is called substantial (Landis and Koch 1977)."""


class Spread(NamedTuple):
    """A value with the ends of its interval, one row of a chart. `text` stands at the point, `hover` tells it all."""

    label: str
    value: float
    low: float
    high: float
    text: str
    hover: str


def spreads(
    rows: Sequence[Spread], title: str, palette: Palette, *, kappa: bool = False, share: bool = False
) -> go.Figure:
    """A point and its interval in each row. kappa: the scale is that of kappas, with what is called substantial
    shaded; share: that of shares, in per cent; else it is seconds, from 0 on.
    """
    figure = blank(palette, height=_ROW * len(rows) + 76)
    figure.add_trace(
        go.Scatter(
            x=[row.value for row in rows],
            y=list(range(len(rows))),
            mode="markers+text",
            text=[row.text for row in rows],
            textposition="top center",
            textfont={"size": 11, "color": palette.quiet},
            cliponaxis=False,
            marker={"size": 11, "color": palette.accent},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [row.high - row.value for row in rows],
                "arrayminus": [row.value - row.low for row in rows],
                "color": palette.quiet,
                "thickness": 1.5,
                "width": 4,
            },
            customdata=[row.hover for row in rows],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    if kappa:
        figure.add_vrect(x0=_SUBSTANTIAL, x1=1, fillcolor=palette.accent, opacity=0.08, line_width=0, layer="below")
        least = min(0.0, *(row.low for row in rows)) if rows else 0.0
        figure.update_xaxes(range=[max(-1.0, least) - 0.04, 1.04], dtick=0.2)
    elif share:
        figure.update_xaxes(range=[-0.02, 1.02], tickformat=".0%", dtick=0.25)
    else:
        figure.update_xaxes(range=[0, 1.1 * max((row.high for row in rows), default=1.0)])
    figure.update_xaxes(title_text=title)
    _name_rows(figure, [row.label for row in rows])
    return figure


class PairCell(NamedTuple):
    """One pair of people: their places in the list of names, the kappa (None: too few images) and what is told."""

    row: int
    column: int
    kappa: float | None
    text: str
    hover: str


def pair_grid(names: Sequence[str], cells: Sequence[PairCell], palette: Palette) -> go.Figure:
    """Who agrees with whom: a square a pair, the fuller the more they agree."""
    figure = blank(palette, height=_CELL * len(names) + 70)
    strengths = [min(0.95, max(0.08, cell.kappa or 0.0)) for cell in cells]
    figure.add_trace(
        go.Scatter(
            x=[cell.column for cell in cells],
            y=[cell.row for cell in cells],
            mode="markers+text",
            marker={
                "symbol": "square",
                "size": _CELL - 8,
                "color": palette.accent,
                "opacity": strengths,
                "line": {"width": 0},
            },
            text=[cell.text for cell in cells],
            textfont={
                "size": 12,
                "color": [_readable(strength, palette) for strength in strengths],
            },
            customdata=[cell.hover for cell in cells],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    _name_rows(figure, names)
    figure.update_xaxes(
        tickvals=list(range(len(names))),
        ticktext=list(names),
        range=[-0.6, len(names) - 0.4],
        showgrid=False,
        side="top",
    )
    return figure


def _readable(strength: float, palette: Palette) -> str:
    """The colour of text on the accent of this strength that stands out more (contrast as WCAG 2 counts it)."""
    mixed = [
        strength * part + (1 - strength) * behind
        for part, behind in zip(get_rgb(palette.accent), get_rgb(palette.background), strict=True)
    ]

    def contrast(colour: str) -> float:
        darker, lighter = sorted((_luminance(mixed), _luminance(get_rgb(colour))))
        return (lighter + 0.05) / (darker + 0.05)

    return max((palette.text, palette.background), key=contrast)


def _luminance(rgb: Sequence[float]) -> float:
    linear = [(part / 255 / 12.92) if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in rgb]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _name_rows(figure: go.Figure, labels: Sequence[str]) -> None:
    figure.update_yaxes(
        tickvals=list(range(len(labels))), ticktext=list(labels), range=[len(labels) - 0.4, -0.6], showgrid=False
    )
