"""The gate in front of production, in three lines: held-out figures, blind vote, licence; and the button behind it."""

from __future__ import annotations

import streamlit as st

from db.tables import Role
from studio.bootstrap import Studio
from studio.models.comparisons import FEWEST_PAIRS, MOST_PAIRS, USUAL_PAIRS, start_comparison
from studio.models.figures import FigurePair, Interval
from studio.models.judging import newest_judging, start_judging
from studio.models.promotion import SHORTEST_REASON, Gate, Standing, promote
from studio.models.versions import VersionView
from studio.roles import Actor
from studio.ui.ballot import draw_result
from studio.ui.i18n import duration, msg, number, t
from studio.ui.labels import BADGE_COLOURS, Tone, plain
from studio.ui.licence_view import draw_licence
from studio.ui.notices import calm
from studio.work.jobs import job

_STANDINGS: dict[Standing, tuple[str, Tone]] = {
    "passed": (msg("passed"), "good"),
    "failed": (msg("not passed"), "bad"),
    "open": (msg("open"), "warn"),
}
_MEASURES = {
    "KD": msg("Kernel distance"),
    "FD": msg("Fréchet distance"),
    "precision": msg("Precision"),
    "recall": msg("Recall"),
    "density": msg("Density"),
    "coverage": msg("Coverage"),
}
_VERDICTS = {
    "better": msg("better"),
    "alike": msg("alike"),
    "worse": msg("worse"),
}
_FEW_PHOTOS = 30  # below, intervals of distances are wider than what a fine-tuning changes


def draw_gate(studio: Studio, actor: Actor, candidate: VersionView, found: Gate) -> None:
    """The three conditions with what can be done about each, then the way into production."""
    with st.container(gap="xsmall", key="gate-figures-row"):
        _head(t("Held-out figures"), found.figures_standing)
        _draw_figures(found)
        _draw_judging(studio, actor, found)
    with st.container(gap="xsmall", key="gate-vote-row"):
        _head(t("Blind vote"), found.vote_standing)
        _draw_vote(studio, actor, found)
    with st.container(gap="xsmall", key="gate-licence-row"):
        _head(t("Licence"), found.licence_standing)
        draw_licence(studio, actor, candidate)
    _draw_promotion(studio, actor, found)


def measure_name(measure: str) -> str:
    """ "KD_lite2_x1000" as people read it: Kernel distance (lite2), × 1,000."""
    kind, _, rest = measure.partition("_")
    space, _, factor = rest.partition("_x")
    name = t(_MEASURES[kind]) if kind in _MEASURES else kind
    return f"{name} ({space}){f', × {number(int(factor))}' if factor.isdecimal() else ''}" if space else name


def interval(figure: Interval) -> str:
    """57.7 [53.6, 61.8]"""
    digits = 1 if abs(figure.value) >= 1 else 3
    return f"{number(figure.value, digits)} [{number(figure.low, digits)}, {number(figure.high, digits)}]"


def _head(title: str, standing: Standing) -> None:
    word, tone = _STANDINGS[standing]
    st.markdown(f"**{title}** &nbsp; :{BADGE_COLOURS[tone]}[●] {t(word)}")


def _draw_figures(found: Gate) -> None:
    if not found.figures:
        st.caption(
            t(
                "The two were never judged on the same held-out photos. Have both judged on photos of your catalogue "
                "that neither was taught with: a minute or two, beside other work."
            )
        )
        return
    rows = [
        {
            t("Measure"): measure_name(pair.measure),
            t("In production"): interval(pair.champion),
            t("Challenger"): interval(pair.challenger),
            "": t(_VERDICTS[pair.verdict]),
        }
        for pair in found.figures
    ]
    st.dataframe(rows, hide_index=True, width="stretch", key="gate-figures")
    st.caption(_on_what(found.figures))


def _draw_judging(studio: Studio, actor: Actor, found: Gate) -> None:
    """The way to figures on the same photos, where there are none, and how far they are."""
    newest = newest_judging(studio, actor, found.champion.id, found.challenger.id)
    if newest is not None and newest.active:
        _draw_judging_progress(studio, actor, newest.job_id)
        return
    if newest is not None and newest.error:
        st.caption(f":red[●] {newest.error}")
    if not actor.may(Role.MANAGER) or found.figures:
        return
    if st.button(t("Judge both on the same photos"), type="primary", icon=":material/balance:", key="judge"):
        with calm():
            start_judging(studio, actor, found.challenger.id)
            st.rerun()


@st.fragment(run_every=2.0)
def _draw_judging_progress(studio: Studio, actor: Actor, job_id: str) -> None:
    with calm():
        now = job(studio, actor, job_id)
        if not now.active:
            st.rerun()
        waiting = now.started_at is None
        left = "" if now.seconds_left is None else t("about {time} left", time=duration(now.seconds_left))
        said = t("Waiting for a worker") if waiting else t("{done} of {total} models judged", done=now.done, total=2)
        st.progress(now.done / now.total, text=" · ".join(part for part in (said, left) if part))


def _on_what(figures: tuple[FigurePair, ...]) -> str:
    photos = next((pair.photos for pair in figures if pair.photos), None)
    lower = t("lower is better, with 95 % intervals") if any(pair.lower_is_better for pair in figures) else ""
    held_out = t("on {n} held-out photos", n=number(photos)) if photos else t("on the same held-out photos")
    alike = t("alike: no difference beyond chance")
    few = t("so few photos show only large differences; go by the vote") if photos and photos < _FEW_PHOTOS else ""
    return " · ".join(part for part in (held_out, few, lower, alike) if part)


def _draw_vote(studio: Studio, actor: Actor, found: Gate) -> None:
    if found.vote is None:
        st.caption(t("Two images of one brief, sides shuffled: which is better? Nobody sees whose is whose."))
    else:
        draw_result(found.vote)
    if found.vote_broken:
        st.caption(f":red[●] {t('Not all pairs could be made; start another vote.')}")
    with st.container(horizontal=True, vertical_alignment="center", key="vote"):
        if found.comparison_id is not None and found.vote is not None and not found.vote_broken:
            _draw_way_to_vote(actor, found.comparison_id, again=found.vote.complete)
        if actor.may(Role.MANAGER) and (found.vote is None or found.vote.complete or found.vote_broken):
            _draw_start(studio, actor, found)


def _draw_way_to_vote(actor: Actor, comparison_id: int, *, again: bool) -> None:
    if not actor.may(Role.EDITOR):
        return
    label, look = (t("Vote too"), "secondary") if again else (t("Vote now"), "primary")
    if st.button(label, type=look, icon=":material/how_to_vote:", key="vote-now"):  # type: ignore[arg-type]
        st.query_params["vote"] = str(comparison_id)
        st.rerun()


def _draw_start(studio: Studio, actor: Actor, found: Gate) -> None:
    label, look = (t("Start a vote"), "primary") if found.vote is None else (t("Start another vote"), "tertiary")
    with st.popover(label, icon=":material/how_to_vote:", type=look, key="start-vote"):  # type: ignore[arg-type]
        pairs = st.slider(t("Pairs"), FEWEST_PAIRS, MOST_PAIRS, USUAL_PAIRS, 5, key="vote-pairs")
        st.caption(t("Each takes a person about five seconds. More pairs find smaller differences."))
        if st.button(t("Make the pairs"), type="primary", key="make-pairs"):
            with calm():
                st.query_params["vote"] = str(start_comparison(studio, actor, found.challenger.id, pairs))
                st.rerun()


def _draw_promotion(studio: Studio, actor: Actor, found: Gate) -> None:
    if not actor.may(Role.MANAGER):
        st.caption(t("Managers put versions into production."))
        return
    if found.passed:
        if st.button(t("Put into production"), type="primary", icon=":material/rocket_launch:", key="promote"):
            _promote(studio, actor, found, "")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            t("Put into production"),
            icon=":material/rocket_launch:",
            disabled=True,
            key="promote",
            help=t("All three conditions must be passed."),
        )
        if actor.may(Role.ADMIN) and not found.refusal:
            with st.popover(t("Override"), type="tertiary", key="override"):
                st.markdown(t("The gate is not passed. Write why it is right all the same: it stays in the history."))
                reason = st.text_area(t("Reason"), max_chars=200, key="override-reason")
                if st.button(t("Put into production all the same"), key="override-promote"):
                    _promote(studio, actor, found, reason)
                st.caption(t("At least {n} characters.", n=number(SHORTEST_REASON)))


def _promote(studio: Studio, actor: Actor, found: Gate, reason: str) -> None:
    with calm():
        promote(studio, actor, found.challenger.id, reason=reason)
        st.query_params.pop("model", None)
        st.toast(t("{name} is in production.", name=plain(found.challenger.name)), icon=":material/rocket_launch:")
        st.rerun()
