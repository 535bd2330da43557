"""What came of a training: the new model beside the one that it started from, on photos that neither ever saw."""

from __future__ import annotations

from typing import Any

import streamlit as st

from studio.bootstrap import Studio
from studio.roles import Actor
from studio.training.views import TrainingView, held_out_figures
from studio.ui.i18n import number, plural, t
from studio.ui.labels import plain
from studio.ui.places import page_of
from studio.ui.theme import palette
from studio.ui.training_charts import Judged, compared

_METRIC = "KD_lite2_x1000"


def draw_result(studio: Studio, actor: Actor, now: TrainingView) -> None:
    """The figures as far as they are there, in words and as a chart, and the next step."""
    found = held_out_figures(studio, actor, now.id)
    if now.model_id is None or now.model_id not in found:
        return
    with st.container(border=True, key="training-result"):
        words, chart = st.columns([1, 1.3], vertical_alignment="center", gap="large")
        judged = [(now.base, found.get(now.base_id)), (now.model or "", found[now.model_id])]
        rows = [row for name, figures in judged if figures and (row := _judged(name, figures))]
        with words:
            st.markdown(f"**{t('The new model: {name}', name=plain(now.model or ''))}**")
            st.write(_sentence(rows, found[now.model_id]))
            st.caption(t("It is a challenger now. Compare, vote and promote it on the page Models."))
            st.page_link(page_of("models"), label=t("Open Models"), icon=":material/trophy:")
        if len(rows) == 2:
            with chart:
                st.plotly_chart(
                    compared(rows, t("distance to held-out photos (less is better), with 95 % interval"), palette()),
                    theme=None,
                    key=f"judged-{now.id}",
                    config={"displayModeBar": False},
                    alt="; ".join(f"{row.label}: {row.value:.1f}" for row in rows),
                )


def _judged(name: str, figures: dict[str, Any]) -> Judged | None:
    cell = figures.get("distances", {}).get(_METRIC, {}).get("generated")
    if not cell or cell.get("low") is None:
        return None
    return Judged(name, cell["value"], cell["low"], cell["high"])


def _sentence(rows: list[Judged], figures: dict[str, Any]) -> str:
    if figures.get("too_few"):
        return t("Too few photos were held out to judge it by figures: look at its images, and vote.")
    if len(rows) < 2:
        return t("There are no figures to compare it by: look at its images, and vote.")
    base, taught = rows
    n = figures.get("data", {}).get("held_out_photos", 0)
    change = t("{old} before, {new} now", old=number(base.value, 1), new=number(taught.value, 1))
    if taught.high < base.low:
        verdict = t("It comes clearly nearer to your photos")
    elif taught.low > base.high:
        verdict = t("It is further from your photos than before")
    else:
        verdict = t("It is about as near to your photos as before")
    return f"{verdict}: {change} ({plural('on {n} held-out photo', 'on {n} held-out photos', n)})."
