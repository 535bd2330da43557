"""The report: all figures of one evaluation as one HTML file that needs nothing else, in both themes."""

import base64
import io
import json
from importlib import resources
from typing import Any

import jinja2
import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from PIL import Image
from plotly.offline import get_plotlyjs

from ecomgan.evaluation import charts
from ecomgan.evaluation.report import cell_text, tables
from ecomgan.metrics import features, judge

_TEMPLATE = "report.html"


def report_page(
    name: str, figures: dict[str, Any], samples: npt.NDArray[np.uint8], nearest: npt.NDArray[np.uint8]
) -> str:
    """The page as text. nearest: picture of the nearest pairs; it shows photos of the data."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    template = environment.from_string(
        resources.files("ecomgan.evaluation").joinpath(_TEMPLATE).read_text(encoding="utf-8")
    )
    drawn = {
        "distances": charts.distance_chart(figures["distances"]),
        "within": charts.within_chart(figures["distances"]),
        "shares": charts.share_chart(figures["distances"]),
        "categories": charts.category_chart(figures["categories"]),
        "copying": charts.copying_chart(figures["copying"]),
        "variety": charts.variety_chart(figures["variety"]),
    }
    return template.render(
        name=name,
        figures=figures,
        tiles=_tiles(figures),
        tables=tables(figures),
        charts={key: _json(chart) for key, chart in drawn.items() if chart is not None},
        plotly=get_plotlyjs(),
        samples=_data_address(samples),
        nearest=_data_address(nearest),
    )


def _tiles(figures: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(name, value, what it says) of the figures to look at first."""
    distances, copying = figures["distances"], figures["copying"][features.SPACE]
    kernel, recall = distances[f"KD_{judge.SPACE}_x1000"], distances[f"recall_{judge.SPACE}"]
    precision = distances[f"precision_{judge.SPACE}"]
    tiles = [
        ("KD, sealed space, x1000", kernel["generated"], "0 is real; lower is better"),
        ("Precision", precision["generated"], "share of images that look real"),
        ("Recall", recall["generated"], "share of real photos within reach: variety"),
    ]
    tiles += [
        (f"{label}, generated / photos", found["ratio"], "1: recognised as often as photos")
        for field, label in (("article_type", "Article"), ("colour", "Colour"))
        if "ratio" in (found := figures["accuracy"].get(field, {}))
    ]
    if share := figures["variety_share"]:
        tiles.append(("Variety, generated / photos", share["features"], "of one brief, in Lite2 features"))
    tiles.append(("Distance to train photos", copying["ratio"], "generated / held-out; far below 1: copies"))
    return [(label, cell_text({"value": cell["value"]}), said) for label, cell, said in tiles]


def _json(chart: go.Figure) -> str:
    """For a script element: no end tag can hide in it."""
    text: str = chart.to_json()
    return json.dumps(json.loads(text)).replace("<", "\\u003c")


def _data_address(picture: npt.NDArray[np.uint8]) -> str:
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()
