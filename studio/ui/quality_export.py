"""What leaves the quality page: the figures as CSV, and the report of a month as one file."""

from __future__ import annotations

import datetime as dt
from contextvars import copy_context

import streamlit as st

from studio.bootstrap import Studio
from studio.quality.table import figures_as_csv
from studio.roles import Actor
from studio.ui.i18n import month, t
from studio.ui.quality_filters import Shown
from studio.ui.quality_report import report_of_month

_MONTHS = 12


def draw_export(studio: Studio, actor: Actor, shown: Shown) -> None:
    """A button with both; the picture of a chart stands at the chart."""
    with st.popover(t("Export"), icon=":material/download:", key="quality-export"):
        st.download_button(
            t("Figures as CSV"),
            lambda: figures_as_csv(studio, actor, shown.wanted),
            f"quality-{shown.since}-{shown.until}.csv",
            "text/csv",
            icon=":material/table:",
            on_click="ignore",
            width="stretch",
        )
        st.caption(t("What the page is set to now: these days, category and model."))
        chosen_language = copy_context()  # the file is made outside of this run, which would forget it
        months = _months()
        first = st.selectbox(t("Month"), months, format_func=month, key="report-month")
        st.download_button(
            t("Report of the month"),
            lambda: chosen_language.run(report_of_month, studio, actor, first, shown.wanted),
            f"quality-{first:%Y-%m}.html",
            "text/html",
            icon=":material/description:",
            on_click="ignore",
            width="stretch",
        )
        st.caption(t("One file with all charts that needs no network. To make a PDF of it, print it in the browser."))


def _months() -> list[dt.date]:
    """The first days of the last months, this one first."""
    day = dt.datetime.now(dt.UTC).date().replace(day=1)
    found = []
    for _ in range(_MONTHS):
        found.append(day)
        day = (day - dt.timedelta(days=1)).replace(day=1)
    return found
