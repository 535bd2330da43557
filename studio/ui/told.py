"""A chart with the plain words under it: what it shows and what to do; the same for the page and for the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st

from studio.quality.rates import Rate
from studio.review.review_queue import QueueFilter
from studio.ui.i18n import number, percent, t
from studio.ui.places import page_of
from studio.ui.review_filters import address_of

MOST_ROWS = 16
ENOUGH = 5  # images from which on a group is named as the best or the lowest


@dataclass(frozen=True)
class Told:
    """One chart. Without a figure the words stand alone: there is too little to draw.

    images: for each trace those behind each of its points; a trace without any answers no click. name: of its file.
    """

    title: str
    words: str
    name: str
    figure: go.Figure | None = None
    images: Sequence[Sequence[QueueFilter]] = ()
    alt: str = ""


def draw_told(told: Told, *, key: str | None = None, heading: bool = True) -> None:
    """The chart in its frame; a click on a point opens the images that it stands for."""
    if heading:
        st.subheader(told.title, anchor=False)
    if told.figure is None:
        st.info(told.words, icon=":material/info:")
        return
    event = st.plotly_chart(
        told.figure,
        theme=None,
        key=key or told.name,
        on_select="rerun",
        selection_mode="points",
        config=toolbar(told.name),
        alt=told.alt,
    )
    st.caption(told.words)
    points = event["selection"]["points"]
    if points:
        of_trace = told.images[points[0]["curve_number"]]
        if of_trace:
            st.switch_page(page_of("review"), query_params=address_of(of_trace[points[0]["point_index"]]))


def toolbar(name: str) -> dict[str, object]:
    """One button on each chart: the picture as a file."""
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "filename": name, "scale": 2},
    }


def nothing_decided() -> str:
    """In place of a chart of decisions that would be empty."""
    return t("Nothing was decided in this time. As soon as images are approved or rejected, this fills by itself.")


def told_rate(label: str, rate: Rate) -> str:
    """A share of approvals with its n and interval."""
    if rate.share is None or rate.low is None or rate.high is None:
        return t("{group}: nothing decided", group=label)
    return t(
        "{group}: {share} of {n} approved (95 %: {low} to {high})",
        group=label,
        share=percent(rate.share),
        n=number(rate.n),
        low=percent(rate.low),
        high=percent(rate.high),
    )
