"""The parts of the quality page, each with its charts side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from studio.bootstrap import Studio
from studio.quality.costs import cost_rates, costs
from studio.quality.extremes import extremes
from studio.quality.figures import (
    Axis,
    approval,
    approval_by_category,
    by_model,
    distribution,
    made_images,
    reasons,
    score_groups,
)
from studio.quality.kernel_distances import kernel_distances
from studio.quality.kpis import days_before, kpis
from studio.quality.reason_table import reason_table
from studio.quality.waits import waits
from studio.roles import Actor
from studio.ui import filters
from studio.ui.extremes_view import draw_extremes
from studio.ui.i18n import t
from studio.ui.places import page_of
from studio.ui.quality_filters import Shown, View, choose_metric
from studio.ui.quality_view import draw_concerns, draw_kpis
from studio.ui.reason_chart import draw_reason_table
from studio.ui.theme import palette
from studio.ui.told import Told, draw_told
from studio.ui.told_costs import told_costs, told_kernel_distances, told_waits
from studio.ui.told_decisions import told_rates, told_reasons, told_trend
from studio.ui.told_scores import metric_of, told_distribution, told_score_trend, told_spreads
from studio.ui.trust_view import draw_trust


def draw_section(studio: Studio, actor: Actor, shown: Shown) -> None:
    """The part that the visitor chose."""
    _SECTIONS[shown.view](studio, actor, shown)


def _overview(studio: Studio, actor: Actor, shown: Shown) -> None:
    over_time = approval(studio, actor, shown.axis, shown.wanted)
    draw_concerns(studio, actor, shown.wanted)
    draw_kpis(kpis(studio, actor, shown.wanted))
    _side_by_side(
        told_trend(over_time, palette(), weekly=shown.axis is Axis.WEEK),
        told_reasons(reasons(studio, actor, shown.wanted), palette()),
    )
    _side_by_side(
        told_rates(approval_by_category(studio, actor, shown.wanted), palette(), kinds=True),
        told_rates(by_model(studio, actor, shown.wanted), palette(), kinds=False),
    )


def _scores(studio: Studio, actor: Actor, shown: Shown) -> None:
    metric = _score_line(studio, actor)
    if metric is None:
        st.info(t("No image has a score yet. Scores are measured as images are made."), icon=":material/info:")
        return
    before = replace(shown.wanted, days=days_before(shown.wanted.days))
    spread = (distribution(studio, actor, metric, wanted) for wanted in (shown.wanted, before))
    _side_by_side(
        told_spreads(score_groups(studio, actor, metric, Axis.CATEGORY, shown.wanted), metric, palette(), kinds=True),
        told_distribution(metric, next(spread), next(spread), made_images(shown.wanted), palette()),
    )
    over_time = score_groups(studio, actor, metric, shown.axis, shown.wanted)
    with st.container(border=True):
        draw_told(told_score_trend(over_time, metric, palette(), weekly=shown.axis is Axis.WEEK))
    draw_extremes(extremes(studio, actor, metric, shown.wanted), metric)


def _score_line(studio: Studio, actor: Actor) -> str | None:
    """The choice of a score, with what it means beside it."""
    choice, meaning = st.columns([1, 3], vertical_alignment="center")
    with choice:
        metric = choose_metric(studio, actor)
    if metric is not None:
        told = metric_of(metric)
        meaning.caption(f"{t(told.name)}: {t(told.meaning)}.")
    return metric


def _reasons(studio: Studio, actor: Actor, shown: Shown) -> None:
    with st.container(border=True):
        draw_told(told_reasons(reasons(studio, actor, shown.wanted), palette()))
    with st.container(border=True):
        heading, choice = st.columns([3, 2], vertical_alignment="center")
        heading.subheader(t("What goes wrong where"), anchor=False)
        with choice, st.container(horizontal=True, horizontal_alignment="right"):
            ways = {"category": t("By category"), "model": t("By model")}
            way = filters.switch_between(t("Show"), ways, param="why", default="category")
        by = Axis.MODEL if way == "model" else Axis.CATEGORY
        table = reason_table(studio, actor, "model" if by is Axis.MODEL else "category", shown.wanted)
        draw_reason_table(table, kinds=by is Axis.CATEGORY, key=f"reasons-{by}")


def _cost(studio: Studio, actor: Actor, shown: Shown) -> None:
    rates = cost_rates(studio, actor)
    if rates is None:
        st.info(
            t("No rates are set, so costs are told in time. An admin sets what an hour costs on the page Settings."),
            icon=":material/payments:",
        )
    _side_by_side(
        told_costs(costs(studio, actor, Axis.CATEGORY, shown.wanted), rates, palette(), kinds=True),
        told_waits(waits(studio, actor, Axis.CATEGORY, shown.wanted), palette(), kinds=True),
    )
    _side_by_side(
        told_costs(costs(studio, actor, Axis.MODEL, shown.wanted), rates, palette(), kinds=False),
        told_waits(waits(studio, actor, Axis.MODEL, shown.wanted), palette(), kinds=False),
    )


def _models(studio: Studio, actor: Actor, shown: Shown) -> None:
    with st.container(border=True):
        draw_told(told_kernel_distances(kernel_distances(studio, actor, shown.wanted), palette()))
    metric = _score_line(studio, actor)
    approved = told_rates(by_model(studio, actor, shown.wanted), palette(), kinds=False)
    if metric is None:
        draw_told(approved)
    else:
        groups = score_groups(studio, actor, metric, Axis.MODEL, shown.wanted)
        _side_by_side(approved, told_spreads(groups, metric, palette(), kinds=False))
    st.page_link(page_of("models"), label=t("Models: promote, roll back, compare"), icon=":material/deployed_code:")


def _trust(studio: Studio, actor: Actor, shown: Shown) -> None:
    draw_trust(studio, actor, shown.wanted)


def _side_by_side(*told: Told) -> None:
    """Charts share a row; what is only a sentence takes a line under it."""
    charts = [one for one in told if one.figure is not None]
    if charts:
        for place, one in zip(st.columns(len(charts), gap="medium"), charts, strict=True):
            with place.container(border=True, height="stretch"):
                draw_told(one)
    for one in told:
        if one.figure is None:
            with st.container(border=True):
                draw_told(one)


_SECTIONS: dict[View, Callable[[Studio, Actor, Shown], None]] = {
    "overview": _overview,
    "scores": _scores,
    "reasons": _reasons,
    "cost": _cost,
    "models": _models,
    "trust": _trust,
}
