"""The curves of a training: pure functions from points to Plotly figures, the same for both themes.

A curve is a list of (photos seen, value). Lines are told apart by their dashes too, so that no meaning hangs on colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from studio.ui.charts import Palette, blank

Curve = Sequence[tuple[int, float]]

_HEIGHT = 190
_FEWEST_SHOWN = 1000
_DASHES = ("solid", "dash", "dot")


@dataclass(frozen=True)
class Level:
    """A horizontal line to read a curve against, with the words that stand on it."""

    value: float
    words: str


def watched(
    curve: Curve, x_title: str, palette: Palette, *, level: Level | None = None, best_at: int | None = None
) -> go.Figure:
    """One figure over time with its points; the best moment as a ring, `level` as a line across."""
    figure = blank(palette, height=_HEIGHT)
    figure.add_trace(
        go.Scatter(
            x=[images for images, _ in curve],
            y=[value for _, value in curve],
            mode="lines+markers",
            line={"color": palette.accent, "width": 2},
            marker={"size": 6, "color": palette.accent},
            hovertemplate="%{x:,} · %{y:.3g}<extra></extra>",
        )
    )
    best = [(images, value) for images, value in curve if images == best_at]
    if best:
        figure.add_trace(
            go.Scatter(
                x=[best[0][0]],
                y=[best[0][1]],
                mode="markers",
                marker={"size": 14, "color": "rgba(0,0,0,0)", "line": {"width": 2, "color": palette.text}},
                hoverinfo="skip",
            )
        )
    values = [value for _, value in curve]
    figure.update_yaxes(autorangeoptions={"include": [0.95 * min(values), 1.05 * max(values)]})  # noise stays small
    if level is not None:
        figure.add_hline(
            y=level.value,
            line={"color": palette.quiet, "width": 1, "dash": "dash"},
            annotation={"text": level.words, "font": {"size": 11, "color": palette.quiet}},
            annotation_position="top left",
        )
    _of_photos_seen(figure, x_title)
    return figure


def losses(curves: Mapping[str, Curve], x_title: str, palette: Palette) -> go.Figure:
    """Several curves in one chart, by the words of the legend."""
    figure = blank(palette, height=_HEIGHT + 30)
    colours = (palette.accent, palette.text, palette.quiet)
    for (words, curve), dash, colour in zip(curves.items(), _DASHES, colours, strict=False):
        figure.add_trace(
            go.Scatter(
                x=[images for images, _ in curve],
                y=[value for _, value in curve],
                name=words,
                mode="lines",
                line={"color": colour, "width": 2, "dash": dash},
                hovertemplate="%{x:,} · %{y:.3g}<extra></extra>",
            )
        )
    figure.update_layout(
        showlegend=True, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"size": 12}}
    )
    _of_photos_seen(figure, x_title)
    return figure


def _of_photos_seen(figure: go.Figure, title: str) -> None:
    """The axis of a training's time; wide enough for whole photos while there is but one point."""
    figure.update_xaxes(
        title_text=title, rangemode="tozero", tickformat="~s", autorangeoptions={"include": [_FEWEST_SHOWN]}
    )


@dataclass(frozen=True)
class Judged:
    """A figure of one model with its 95 % interval."""

    label: str
    value: float
    low: float
    high: float


def compared(models: Sequence[Judged], x_title: str, palette: Palette) -> go.Figure:
    """One figure of several models, each a point with its interval, one row a model; the last one stands out."""
    figure = blank(palette, height=60 + 38 * len(models))
    colours = [palette.quiet] * (len(models) - 1) + [palette.accent]
    figure.add_trace(
        go.Scatter(
            x=[one.value for one in models],
            y=list(range(len(models))),
            mode="markers",
            marker={"size": 11, "color": colours},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [one.high - one.value for one in models],
                "arrayminus": [one.value - one.low for one in models],
                "color": palette.quiet,
                "thickness": 1.5,
                "width": 4,
            },
            customdata=[f"{one.label}: {one.value:.1f} ({one.low:.1f} – {one.high:.1f})" for one in models],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    figure.update_xaxes(title_text=x_title, rangemode="tozero")
    figure.update_yaxes(
        tickvals=list(range(len(models))),
        ticktext=[one.label for one in models],
        range=[len(models) - 0.4, -0.6],
        showgrid=False,
    )
    return figure
