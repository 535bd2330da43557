"""The blind vote: two images of one brief, large, side by side; the result once it may be told."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from db.tables import JobState, Role
from studio.bootstrap import Studio
from studio.catalogue.value_mappings import FIELDS
from studio.models.ballots import SHOWN_FROM, SURE_BELOW, Count
from studio.models.comparisons import Ballot, BallotPair, ballot, result
from studio.roles import Actor
from studio.ui import guard
from studio.ui.cards import thumbnail_url
from studio.ui.i18n import language, number, percent, plural, t
from studio.ui.jobs_view import progress_line
from studio.ui.labels import plain, term
from studio.ui.notices import calm, empty
from studio.ui.places import page_of
from studio.ui.theme import colour
from studio.work.jobs import job

_FOLDER = Path(__file__).parent / "components" / "ballot"
_POLL_SECONDS = 1.0
_BAR = """
<style>
.vote-bar {{ position: relative; height: 12px; margin: 4px 0 2px; border-radius: 99px; background: {border}; }}
.vote-bar i {{ position: absolute; inset: 0 {rest} 0 {low}; border-radius: 99px; background: {primary}; opacity: 0.4; }}
.vote-bar b {{ position: absolute; top: -3px; left: calc({share} - 9px); width: 18px; height: 18px; border-radius: 50%;
  background: {primary}; border: 3px solid {background}; }}
.vote-bar u {{ position: absolute; top: -4px; bottom: -4px; left: 50%; width: 2px; background: {grayText}; }}
.vote-ends {{ display: flex; justify-content: space-between; font-size: 0.8rem; color: {grayText}; }}
</style>
<div class="vote-bar" aria-hidden="true"><i></i><u></u><b></b></div>
<div class="vote-ends"><span>{left}</span><span>{right}</span></div>
"""
"""The share of pairs that each won: the point with its interval; the line in the middle is a tie."""


def draw_ballot(studio: Studio, actor: Actor, comparison_id: int) -> None:
    """The pairs that the visitor has not judged, one after the other; new ones join while they are made."""
    found = ballot(studio, actor, comparison_id)
    making = found.job_state in (JobState.QUEUED, JobState.RUNNING)

    @st.fragment(run_every=_POLL_SECONDS if making else None)
    def pairs() -> None:
        studio, actor = guard.page(Role.EDITOR)
        with calm():
            now = ballot(studio, actor, comparison_id)
            if making and now.job_state not in (JobState.QUEUED, JobState.RUNNING):
                st.rerun()  # the whole page: the polling ends
            _draw(studio, actor, now)

    pairs()


def draw_result(count: Count) -> None:
    """The result as a bar with its interval, and in plain words."""
    if count.shown and count.share is not None and count.low is not None and count.high is not None:
        ends = {"low": f"{count.low:.1%}", "share": f"{count.share:.1%}", "rest": f"{1 - count.high:.1%}"}
        names = {"left": escape(t("In production")), "right": escape(t("Challenger"))}
        colours = {name: colour(f"{name}Color") for name in ("primary", "border", "grayText", "background")}
        st.html(_BAR.format(**ends, **names, **colours))
    st.caption(told(count))


def told(count: Count) -> str:
    """The result of a vote in plain words, or why it is not told yet."""
    judged = t("{judged} of {pairs} pairs judged", judged=number(count.judged), pairs=number(count.pairs))
    if not count.shown:
        return f"{judged}. {t('The count is shown from {n} pairs on, so that it sways nobody.', n=number(SHOWN_FROM))}"
    if count.share is None or count.low is None or count.high is None or count.p_value is None:
        return f"{judged}. {t('In none of them was one preferred.')}"
    share = t(
        "The challenger was preferred in {wins} of {decided} pairs: {share} (95 % interval {low} to {high}).",
        wins=number(count.wins),
        decided=number(count.wins + count.losses),
        share=percent(count.share),
        low=percent(count.low),
        high=percent(count.high),
    )
    undecided = plural("{n} pair without a preference.", "{n} pairs without a preference.", count.undecided)
    return " ".join([f"{judged}.", share, *([undecided] if count.undecided else []), _chance(count.p_value)])


def _chance(p_value: float) -> str:
    p = t("p < 0.001") if p_value < 0.001 else f"p = {number(p_value, 3)}"
    if p_value < SURE_BELOW:
        often = t("less often than once in 1,000 votes") if p_value < 0.001 else _once_in(p_value)
        return t("If both were equally good, chance would do this {often} ({p}).", often=often, p=p)
    return t(
        "If both were equally good, chance alone would do this in {share} of votes ({p}): that proves nothing.",
        share=percent(p_value),
        p=p,
    )


def _once_in(p_value: float) -> str:
    return t("about once in {n} votes", n=number(round(1 / p_value)))


def _draw(studio: Studio, actor: Actor, now: Ballot) -> None:
    if now.over:
        st.info(t("This vote is over: another version went into production meanwhile."), icon=":material/how_to_vote:")
        return
    view = job(studio, actor, now.job_id)
    if view.active and not now.pairs:
        st.progress(view.done / max(view.total, 1), progress_line(view))
        st.caption(t("Both versions make the same briefs with the same seeds. You can begin with the first pairs."))
        return
    if view.state in (JobState.FAILED, JobState.CANCELLED):
        st.error(f"{t('Not all pairs could be made; start another vote.')} {plain(view.error or '')}")
        return
    if not now.left:
        _draw_end(studio, actor, now)
        return
    asked = _component()(key=f"ballot-{now.comparison_id}", data=_data(actor, now), on_ended_change=lambda: None)
    if asked.get("ended"):
        st.rerun()


def _draw_end(studio: Studio, actor: Actor, now: Ballot) -> None:
    count = result(studio, actor, now.comparison_id)
    with st.container(horizontal_alignment="center"):
        with empty(
            t("Thank you: you judged all {n} pairs", n=number(now.total)),
            t("What all voters together found:"),
            icon="how_to_vote",
        ):
            pass
        with st.container(width=560, key="vote-result"):
            draw_result(count)
        st.page_link(page_of("models"), label=t("On to the gate"), icon=":material/arrow_forward:", width="content")


def _component() -> Any:
    return st.components.v2.component("ecomgan_ballot", **_sources(), isolate_styles=True)


@cache
def _sources() -> dict[str, str]:
    return {kind: (_FOLDER / f"ballot.{kind}").read_text("utf-8") for kind in ("html", "css", "js")}


def _data(actor: Actor, now: Ballot) -> dict[str, Any]:
    return {
        "user": actor.id,
        "url": "/api/v1/votes",
        "total": now.total,
        "pairs": [_pair(pair) for pair in now.pairs],
        "locale": st.context.locale or language(),
        "labels": {
            "left": t("Left"),
            "right": t("Right"),
            "neither": t("No preference"),
            "back": t("Back to the last pair"),
            "count": t("{done} judged · {left} left"),
            "offline": t("No connection: {n} votes wait here and are sent by themselves"),
            "making": t("The next pairs are being made …"),
            "thanks": t("All pairs judged. Counting …"),
        },
    }


def _pair(pair: BallotPair) -> dict[str, Any]:
    words = [term(pair.attributes[name]) for name in FIELDS if name in pair.attributes]
    return {
        "id": pair.id,
        "brief": " · ".join(words),
        "left": thumbnail_url(pair.left_sha256, 640),
        "right": thumbnail_url(pair.right_sha256, 640),
        "choice": pair.choice.value if pair.choice else None,
    }
