"""Figures as Plotly charts. Text, grid and background colours are the page's: see `report.html`."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ecomgan.evaluation.figures import JUDGING, is_training_space, kernel_name
from ecomgan.metrics.judge import SPACE as SEALED

Cell = Mapping[str, float]

_NAMES = {
    "generated": "Generated",
    "real": "Held-out photos",
    "floor": "Train photos (floor)",
    "blurred": "Blurred photos",
    "ceiling": "JPEG-crushed photos",
    "shuffled": "Photos of other categories",
}
# Told apart by lightness as well as by hue, on white and on near-black alike.
_COLOURS = {
    "generated": "#2f7ed8",
    "real": "#e08214",
    "floor": "#e08214",
    "blurred": "#8d9299",
    "ceiling": "#8d9299",
    "shuffled": "#8d9299",
}
_SHARES = ("precision", "recall", "density", "coverage")


def distance_chart(distances: Mapping[str, Any]) -> go.Figure:
    """Kernel distances with their intervals, a panel a space, beside floor and ceilings."""
    return _distances(distances, [n for n in distances if n.startswith("KD_") and not n.endswith("_within")], 260)


def within_chart(distances: Mapping[str, Any]) -> go.Figure | None:
    """Kernel distances within categories; None where no category was large enough."""
    metrics = [name for name in distances if name.endswith("_within")]
    return _distances(distances, metrics, 210) if metrics else None


def _distances(distances: Mapping[str, Any], metrics: Sequence[str], height: int) -> go.Figure:
    titles = [f"{name.split('_')[1]}{' (training’s own)' if is_training_space(name) else ''}" for name in metrics]
    figure = make_subplots(1, len(metrics), subplot_titles=titles, shared_yaxes=True, horizontal_spacing=0.05)
    for place, metric in enumerate(metrics, start=1):
        shown = [column for column in _NAMES if column in distances[metric]]
        for name in reversed(shown):
            figure.add_trace(_bar(name, distances[metric][name]), 1, place)
            figure.add_trace(_value(name, distances[metric][name]), 1, place)
        highest = max(distances[metric][name]["high"] for name in shown)
        figure.update_xaxes(range=[min(0, *(distances[metric][n]["low"] for n in shown)), 1.25 * highest], col=place)
    return _styled(figure, height, legend=False)


def share_chart(distances: Mapping[str, Any]) -> go.Figure:
    """Precision, recall, density and coverage in the judging spaces, beside train photos'."""
    figure = make_subplots(1, len(JUDGING), subplot_titles=JUDGING, shared_yaxes=True, horizontal_spacing=0.06)
    for place, space in enumerate(JUDGING, start=1):
        names = {share: f"{share}_{space}" if f"{share}_{space}" in distances else share for share in _SHARES}
        for column in ("generated", "floor"):
            cells = [distances[name][column] for name in names.values()]
            figure.add_trace(
                go.Bar(
                    name=_NAMES[column],
                    x=[share.capitalize() for share in names],
                    y=[cell["value"] for cell in cells],
                    error_y=_errors(cells),
                    marker_color=_COLOURS[column],
                    showlegend=place == 1,
                    legendgroup=column,
                ),
                1,
                place,
            )
    return _styled(figure, height=320)


def category_chart(categories: Sequence[Mapping[str, Any]]) -> go.Figure | None:
    """Accuracies of each category beside real photos', and its kernel distance; None without categories."""
    if not categories:
        return None
    titles = ("Article type as asked", "Colour as asked", f"KD_{SEALED} x1000")
    figure = make_subplots(1, 3, subplot_titles=titles, shared_yaxes=True, horizontal_spacing=0.05)
    names = [f"{category['article_type']} ({category['photos']})" for category in categories]
    for place, field in enumerate(("article_type", "colour"), start=1):
        for who in ("real", "generated"):
            cells = [category[f"{field}_accuracy"].get(who) for category in categories]
            figure.add_trace(_dots(who, cells, names, _NAMES[who], legend=place == 1), 1, place)
    kernel = kernel_name(SEALED)
    sets = {"generated": [c[kernel] for c in categories], "floor": [c["floor"][kernel] for c in categories]}
    for name, cells in sets.items():
        figure.add_trace(_dots(name, cells, names, _NAMES[name], legend=name == "floor"), 1, 3)
    figure.update_yaxes(autorange="reversed")
    for place in (1, 2):
        figure.update_xaxes(range=[0, 1.04], tickformat=".0%", col=place)
    return _styled(figure, height=150 + 34 * len(names))


def copying_chart(copying: Mapping[str, Any]) -> go.Figure:
    """How far images are from their nearest train photo: shares of generated images and of held-out photos."""
    figure = make_subplots(1, len(JUDGING), subplot_titles=JUDGING, horizontal_spacing=0.06)
    for place, space in enumerate(JUDGING, start=1):
        histogram = copying[space]["histogram"]
        middles = [(a + b) / 2 for a, b in zip(histogram["edges"], histogram["edges"][1:], strict=False)]
        for who, source in (("generated", "generated"), ("real", "held_out")):
            counts = histogram[source]
            figure.add_trace(
                go.Scatter(
                    name=_NAMES[who],
                    x=middles,
                    y=[count / max(1, sum(counts)) for count in counts],
                    line={"color": _COLOURS[who], "shape": "hvh", "width": 2},
                    fill="tozeroy",
                    showlegend=place == 1,
                    legendgroup=who,
                ),
                1,
                place,
            )
    figure.update_yaxes(tickformat=".0%")
    figure.update_xaxes(title={"text": "distance to the nearest train photo", "standoff": 6})
    return _styled(figure, height=320)


def variety_chart(variety: Sequence[Mapping[str, Any]]) -> go.Figure | None:
    """Lite2-feature variety of 64 images of one condition, beside real photos'; None where nothing was measured."""
    if not variety:
        return None
    names = [", ".join(found["attributes"].values()) for found in variety]
    figure = go.Figure()
    for who in ("generated", "real"):
        values = [found[who]["features"] for found in variety]
        figure.add_bar(
            name=_NAMES[who] if who == "generated" else "Photos", x=names, y=values, marker_color=_COLOURS[who]
        )
    return _styled(figure, height=320)


def _bar(name: str, cell: Cell) -> go.Bar:
    return go.Bar(
        orientation="h",
        y=[_NAMES[name]],
        x=[cell["value"]],
        error_x=_errors([cell]),
        marker_color=_COLOURS[name],
        hovertemplate="%{y}: %{x:.4g}<extra></extra>",
    )


def _value(name: str, cell: Cell) -> go.Scatter:
    """The number, behind the whisker."""
    return go.Scatter(
        mode="text",
        y=[_NAMES[name]],
        x=[cell["high"]],
        text=[f" {cell['value']:,.0f}" if abs(cell["value"]) >= 100 else f" {cell['value']:.3g}"],
        textposition="middle right",
        hoverinfo="skip",
    )


def _dots(name: str, cells: Sequence[Cell | None], rows: Sequence[str], label: str, legend: bool) -> go.Scatter:
    known = [(cell, row) for cell, row in zip(cells, rows, strict=True) if cell]
    return go.Scatter(
        name=label,
        mode="markers",
        x=[cell["value"] for cell, _ in known],
        y=[row for _, row in known],
        error_x=_errors([cell for cell, _ in known]),
        marker={"color": _COLOURS[name], "size": 9, "symbol": "circle" if name == "generated" else "diamond"},
        showlegend=legend,
        legendgroup=label,
    )


def _errors(cells: Sequence[Cell]) -> dict[str, Any]:
    """Error bars out to the ends of the intervals; none where they are not known."""
    return {
        "type": "data",
        "array": [cell.get("high", cell["value"]) - cell["value"] for cell in cells],
        "arrayminus": [cell["value"] - cell.get("low", cell["value"]) for cell in cells],
        "visible": any("low" in cell for cell in cells),
        "thickness": 1.4,
        "width": 3,
    }


def _styled(figure: go.Figure, height: int, legend: bool = True) -> go.Figure:
    """Axes and margins of all charts; the legend stands above the titles of the panels."""
    top, bottom = (80 if legend else 40), 50
    figure.update_layout(
        template="none",
        height=height,
        margin={"l": 10, "r": 30, "t": top, "b": bottom},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=legend,
        legend={"orientation": "h", "x": 0, "y": 1 + 34 / (height - top - bottom), "yanchor": "bottom"},
        bargap=0.35,
        font={"family": "system-ui, sans-serif", "size": 13},
    )
    figure.update_yaxes(automargin=True)
    return figure
