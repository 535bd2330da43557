"""Can the scores be trusted? The part of the page Quality that tells how well they foretell what people decide."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
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
from studio.trust.measures import Bin, Figures
from studio.ui import filters
from studio.ui.i18n import ago, date, number, percent, t
from studio.ui.labels import plain, term
from studio.ui.notices import calm
from studio.ui.places import page_of
from studio.ui.theme import palette
from studio.ui.trust_charts import Row, intervals, reliability
from studio.work.jobs import job

_MOST_ROWS = 12
_ALL = "all"
_APART = 0.7  # from this AUC on scores are said to tell good from bad
_OFF = 0.1  # a part of the curve that lies further from the line, beyond chance, is told


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
    with left.container(border=True):
        _draw_curve(now.newest, wanted.category)
    shown = [(_label(name), of) for name, of in now.newest.figures.items()][:_MOST_ROWS]
    with right.container(border=True):
        _draw_auc(shown)
    left, right = st.columns(2, gap="medium")
    with left.container(border=True):
        _draw_brier(shown)
    with right.container(border=True):
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
    heading.subheader(t("Foretold and decided"), anchor=False)
    chosen = category or ""
    if category is None:
        options = {_ALL: t("All categories")} | {name: term(name) for name in view.figures if name}
        with choice:
            picked = filters.choose(t("Category"), options, param="trust", default=_ALL)
        chosen = "" if picked == _ALL else picked
    figures = view.figures.get(chosen)
    if figures is None:
        st.info(
            t("{category}: too few of the latest verdicts are of it to draw a curve.", category=plain(term(chosen))),
            icon=":material/info:",
        )
        return
    hover = [_told(part) for part in figures.bins]
    figure = reliability(
        figures.bins,
        hover,
        t("probability of approval by the scores"),
        t("approved by people"),
        palette(),
    )
    _draw(figure, key="reliability", alt="; ".join(hover))
    shown = t(
        "Each point is a group of images with a similar probability, with its 95 % interval; on the dashed line people "
        "decide as foretold."
    )
    st.caption(f"{shown} {_advice(figures)}")


def _told(part: Bin) -> str:
    return t(
        "foretold {foretold}, approved {share} of {n} (95 %: {low} to {high})",
        foretold=percent(part.foretold),
        share=percent(part.approved.share or 0.0),
        n=number(part.approved.n),
        low=percent(part.approved.low or 0.0),
        high=percent(part.approved.high or 0.0),
    )


def _advice(figures: Figures) -> str:
    """What to do with the curve."""
    above = [part for part in figures.bins if (part.approved.low or 0.0) > part.foretold + _OFF]
    below = [part for part in figures.bins if (part.approved.high or 1.0) < part.foretold - _OFF]
    if below:
        return t(
            "Around {share} people approve clearly less than foretold: do not approve by the scores there, and look at "
            "what changed.",
            share=percent(below[0].foretold),
        )
    if above:
        return t(
            "Around {share} people approve more than foretold: the scores are too strict.",
            share=percent(above[0].foretold),
        )
    if figures.auc is not None and figures.auc.value < _APART:
        return t(
            "The probabilities are right on average, but they hardly tell good images from bad ones: let people decide."
        )
    return t("The points lie on the line: a probability of 90 % means that people approve nine of ten.")


def _draw_auc(shown: Sequence[tuple[str, Figures]]) -> None:
    ranked = [Row(label, of.auc, _auc_told(label, of)) for label, of in shown if of.auc is not None]
    st.subheader(t("Telling good from bad"), anchor=False)
    if ranked:
        low = min(0.45, *(row.figure.low for row in ranked))
        figure = intervals(ranked, t("AUC"), palette(), ends=(low - 0.02, 1.02), line=0.5)
        _draw(figure, key="auc", alt="; ".join(row.hover for row in ranked))
        weak = [label for label, of in shown if of.auc is not None and of.auc.value < _APART]
        advice = (
            t("Weak in: {groups}. There the scores should not decide anything.", groups=", ".join(weak[:4]))
            if weak
            else t("In every category the scores tell good images from bad ones.")
        )
        st.caption(f"{t('How often an approved image was given more than a rejected one; 0.5 is a coin.')} {advice}")
    else:
        st.info(t("All of the latest verdicts were the same: there is nothing to tell apart."), icon=":material/info:")


def _draw_brier(shown: Sequence[tuple[str, Figures]]) -> None:
    st.subheader(t("Error of the probabilities"), anchor=False)
    rows = [Row(label, of.brier, _brier_told(label, of), of.naive) for label, of in shown]
    high = max(0.25, *(max(row.figure.high, row.beside or 0.0) for row in rows))
    figure = intervals(rows, t("Brier score, smaller is better"), palette(), ends=(0.0, high * 1.05), line=None)
    _draw(figure, key="brier", alt="; ".join(row.hover for row in rows))
    useless = [label for label, of in shown if of.brier.value >= of.naive]
    advice = (
        t("No better than that in: {groups}.", groups=", ".join(useless[:4]))
        if useless
        else t("The scores do better everywhere.")
    )
    st.caption(f"{t('The hollow mark is the error of always foretelling the average.')} {advice}")


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


def _label(category: str) -> str:
    return term(category) if category else t("All categories")


def _auc_told(label: str, of: Figures) -> str:
    assert of.auc is not None
    values = {"value": number(of.auc.value, 2), "low": number(of.auc.low, 2), "high": number(of.auc.high, 2)}
    return t("{group}: AUC {value} (95 %: {low} to {high}), {n} verdicts", group=label, n=number(of.n), **values)


def _brier_told(label: str, of: Figures) -> str:
    values = {"value": number(of.brier.value, 3), "low": number(of.brier.low, 3), "high": number(of.brier.high, 3)}
    told = t(
        "{group}: Brier score {value} (95 %: {low} to {high}), {n} verdicts", group=label, n=number(of.n), **values
    )
    return f"{told}; {t('always the average: {value}', value=number(of.naive, 3))}"


def _draw(figure: go.Figure, *, key: str, alt: str) -> None:
    st.plotly_chart(figure, theme=None, key=f"trust-{key}", config={"displayModeBar": False}, alt=alt)
