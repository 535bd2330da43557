"""Can the scores be trusted? The part of the page Quality that tells how well they foretell what people decide."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from db.tables import Role
from studio.bootstrap import Studio
from studio.quality.figures import QualityFilter
from studio.roles import Actor
from studio.trust.calibrations import (
    FEWEST_OF_A_KIND,
    FEWEST_VERDICTS,
    CalibrationView,
    Standing,
    calibrate,
    calibration_versions,
    standing,
)
from studio.ui import filters
from studio.ui.i18n import ago, date, number, t
from studio.ui.labels import term
from studio.ui.notices import calm
from studio.ui.places import page_of
from studio.ui.theme import palette
from studio.ui.told import draw_told
from studio.ui.told_trust import told_auc, told_brier, told_reliability
from studio.work.jobs import job

_ALL = "all"


def draw_trust(studio: Studio, actor: Actor, wanted: QualityFilter) -> None:
    """The reliability curve, and Brier score and AUC of each category. wanted: its category is the one of the curve."""
    now = standing(studio, actor)
    with st.container(horizontal=True, vertical_alignment="center", key="trust-head"):
        st.subheader(t("Can the scores be trusted?"), anchor=False, width="stretch")
        if actor.may(Role.MANAGER) and now.job_id is None and (now.newest is not None or now.enough):
            label = t("Calibrate anew") if now.newest else t("Calibrate the scores")
            if st.button(label, icon=":material/tune:", type="secondary" if now.newest else "primary", key="calibrate"):
                with calm():
                    calibrate(studio, actor)
                    st.rerun()
    if now.job_id is not None:
        _draw_progress(studio, actor, now.job_id)
    if now.newest is None:
        _draw_beginning(now)
        return
    _draw_version(now.newest)
    left, right = st.columns(2, gap="medium")
    with left.container(border=True, height="stretch"):
        _draw_curve(now.newest, wanted.category)
    with right.container(border=True, height="stretch"):
        draw_told(told_auc(now.newest, palette()))
    left, right = st.columns(2, gap="medium")
    with left.container(border=True, height="stretch"):
        draw_told(told_brier(now.newest, palette()))
    with right.container(border=True, height="stretch"):
        _draw_versions(calibration_versions(studio, actor, limit=8))


@st.fragment(run_every=2)
def _draw_progress(studio: Studio, actor: Actor, job_id: str) -> None:
    now = job(studio, actor, job_id)
    if not now.active:
        st.rerun()
    left = t("The scores are being calibrated from {n} verdicts …", n=number(now.total))
    st.progress(min(1.0, now.done / max(now.total, 1)), left)


def _draw_beginning(now: Standing) -> None:
    """What is missing before anything can be told."""
    if now.enough:
        st.info(
            t(
                "Your team has decided enough images to tell how well the scores foretell a decision. Calibrating "
                "takes a few seconds, and comes round each week from then on."
            ),
            icon=":material/tune:",
        )
        return
    told = t(
        "From {n} decisions on, with {kind} approvals and {kind} rejections among them, this shows how far the scores "
        "foretell what people decide. So far there are {approved} approvals and {rejected} rejections.",
        n=number(FEWEST_VERDICTS),
        kind=number(FEWEST_OF_A_KIND),
        approved=number(now.approved),
        rejected=number(now.verdicts - now.approved),
    )
    st.info(told, icon=":material/info:")
    st.progress(min(1.0, now.verdicts / FEWEST_VERDICTS), t("{n} decisions", n=number(now.verdicts)))
    st.page_link(page_of("review"), label=t("Review images"), icon=":material/rule:")


def _draw_version(view: CalibrationView) -> None:
    overall = view.figures[""]
    st.caption(
        t(
            "Version {version}, {ago}: learnt from {n} verdicts of {first} to {last}, and judged on the latest "
            "{judged}, which it had not seen.",
            version=view.version,
            ago=ago(view.fitted_at),
            n=number(view.n),
            first=date(view.first_at),
            last=date(view.last_at),
            judged=number(overall.n),
        )
    )


def _draw_curve(view: CalibrationView, category: str | None) -> None:
    heading, choice = st.columns([3, 2], vertical_alignment="center")
    chosen = category or ""
    if category is None:
        options = {_ALL: t("All categories")} | {name: term(name) for name in view.figures if name}
        with choice:
            picked = filters.choose(t("Category"), options, param="trust", default=_ALL)
        chosen = "" if picked == _ALL else picked
    told = told_reliability(view, chosen, palette())
    heading.subheader(told.title, anchor=False)
    draw_told(told, heading=False)


def _draw_versions(views: Sequence[CalibrationView]) -> None:
    """Whether it gets better from one calibration to the next."""
    st.subheader(t("Calibrations so far"), anchor=False)
    names = (t("Version"), t("When"), t("Verdicts"), t("Brier score"), t("AUC"))
    rows = [f"| {' | '.join(names)} |", "|---|---|--:|--:|--:|"]
    for view in views:
        of = view.figures[""]
        ranked = "–" if of.auc is None else number(of.auc.value, 2)
        rows.append(
            f"| {view.version} | {date(view.fitted_at)} | {number(view.n)} | {number(of.brier.value, 3)} | {ranked} |"
        )
    st.markdown("\n".join(rows))
    st.caption(t("Each is judged on the verdicts that were its latest. It comes round each week by itself."))
