"""The charts of calibration: pure functions from figures to Plotly, the same for both themes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from studio.trust.measures import Bin, Interval
from studio.ui.charts import Palette, blank, name_rows, whiskers

_ROW = 38  # pixels a category


def reliability(parts: Sequence[Bin], hover: Sequence[str], x: str, y: str, palette: Palette) -> go.Figure:
    """What was foretold against what people did, each part with its 95 % interval; on the dashed line they agree."""
    figure = blank(palette, height=340)
    figure.add_shape(
        type="line", x0=0, y0=0, x1=1, y1=1, line={"color": palette.quiet, "width": 1.5, "dash": "dash"}, layer="below"
    )
    shares = [part.approved.share or 0.0 for part in parts]
    figure.add_trace(
        go.Scatter(
            x=[part.foretold for part in parts],
            y=shares,
            mode="lines+markers",
            line={"color": palette.accent, "width": 2},
            marker={"size": 10, "color": palette.accent},
            error_y=whiskers(
                [(part.approved.high or 0.0) - share for part, share in zip(parts, shares, strict=True)],
                [share - (part.approved.low or 0.0) for part, share in zip(parts, shares, strict=True)],
                palette,
            ),
            customdata=list(hover),
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    figure.update_xaxes(title_text=x, range=[-0.02, 1.02], tickformat=".0%", dtick=0.25)
    figure.update_yaxes(title_text=y, range=[-0.03, 1.05], tickformat=".0%", dtick=0.25)
    return figure


class Row(NamedTuple):
    """A figure of one category. `beside`: a value to compare it with, drawn as a hollow mark."""

    label: str
    figure: Interval
    hover: str
    beside: float | None = None


def intervals(
    rows: Sequence[Row], title: str, palette: Palette, *, ends: tuple[float, float], line: float | None
) -> go.Figure:
    """A point with its interval in each row. line: where a dashed line stands, for what chance alone would give."""
    figure = blank(palette, height=_ROW * len(rows) + 76)
    if line is not None:
        figure.add_vline(x=line, line={"color": palette.quiet, "width": 1.5, "dash": "dash"}, layer="below")
    figure.add_trace(
        go.Scatter(
            x=[row.figure.value for row in rows],
            y=list(range(len(rows))),
            mode="markers+text",
            text=[f"{row.figure.value:.2f}" for row in rows],
            textposition="top center",
            textfont={"size": 11, "color": palette.quiet},
            cliponaxis=False,
            marker={"size": 11, "color": palette.accent},
            error_x=whiskers(
                [row.figure.high - row.figure.value for row in rows],
                [row.figure.value - row.figure.low for row in rows],
                palette,
            ),
            customdata=[row.hover for row in rows],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    if any(row.beside is not None for row in rows):
        figure.add_trace(
            go.Scatter(
                x=[row.beside for row in rows],
                y=list(range(len(rows))),
                mode="markers",
                marker={"size": 11, "color": palette.quiet, "symbol": "circle-open", "line": {"width": 2}},
                customdata=[row.hover for row in rows],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
    figure.update_xaxes(title_text=title, range=list(ends))
    name_rows(figure, [row.label for row in rows])
    return figure
