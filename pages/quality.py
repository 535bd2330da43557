"""Quality: can I trust it, per category; every point leads to its images."""

import datetime as dt

import streamlit as st

from db.tables import Role
from studio.quality.figures import (
    QualityFilter,
    approval_by_category,
    by_model,
    reasons,
    scores_by_category,
    trend,
)
from studio.quality.kpis import kpis
from studio.quality.reason_table import Axis, reason_table
from studio.review.review_queue import facets
from studio.review.verdicts import Days
from studio.ui import filters, guard
from studio.ui.head import head
from studio.ui.i18n import plural, t
from studio.ui.labels import METRICS
from studio.ui.notices import calm, empty
from studio.ui.places import page_of
from studio.ui.quality_view import draw_kpis, draw_rates, draw_reasons, draw_spreads, draw_trend
from studio.ui.reason_chart import draw_reason_table

studio, actor = guard.page(Role.VIEWER)

with head(t("Quality")):
    periods = {str(n): plural("{n} day", "{n} days", n) for n in (7, 30, 90)}
    days = int(filters.switch_between(t("Period"), periods, param="days", default="30"))

with calm():
    if not facets(studio, actor).categories:
        with empty(
            t("No images yet"), t("Figures appear as soon as images are made and decided on."), icon="monitoring"
        ):
            st.page_link(page_of("generate"), label=t("Make images"), icon=":material/auto_awesome:")
        st.stop()
    draw_kpis(kpis(studio, actor, days=days))
    today = dt.datetime.now(dt.UTC).date()
    wanted = QualityFilter(days=Days(since=today - dt.timedelta(days=days - 1)))
    left, right = st.columns(2, gap="medium")
    with left.container(border=True):
        st.subheader(t("Approved, by category"), anchor=False)
        draw_rates(approval_by_category(studio, actor, wanted), key="by-category", kinds=True)
    with right.container(border=True):
        heading, choice = st.columns([3, 2], vertical_alignment="center")
        heading.subheader(t("Scores, by category"), anchor=False)
        with choice:
            metrics = {key: t(metric.name) for key, metric in METRICS.items()}
            metric = filters.choose(t("Score"), metrics, param="score", default="colour_difference")
        st.caption(f"{t(METRICS[metric].name)}: {t(METRICS[metric].meaning)}.")
        draw_spreads(scores_by_category(studio, actor, metric, wanted), metric, key=f"scores-{metric}")
    left, right = st.columns(2, gap="medium")
    with left.container(border=True):
        st.subheader(t("Approved, day by day"), anchor=False)
        draw_trend(trend(studio, actor, wanted), key="trend")
    with right.container(border=True):
        st.subheader(t("Approved, by model version"), anchor=False)
        draw_rates(by_model(studio, actor, wanted), key="by-model", kinds=False)
    with st.container(border=True):
        heading, choice = st.columns([3, 2], vertical_alignment="center")
        heading.subheader(t("Why images were rejected"), anchor=False)
        with choice, st.container(horizontal=True, horizontal_alignment="right"):
            ways = {"all": t("All"), "category": t("By category"), "model": t("By model")}
            way = filters.switch_between(t("Show"), ways, param="why", default="all")
        if way == "all":
            draw_reasons(reasons(studio, actor, wanted), key="reasons")
        else:
            by: Axis = "model" if way == "model" else "category"
            draw_reason_table(reason_table(studio, actor, by, wanted), kinds=by == "category", key=f"reasons-{by}")
