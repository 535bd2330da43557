"""How often reviewers are asked about decided images, and the gold images among these."""

from __future__ import annotations

import streamlit as st

from db.tables import AssetState
from studio.bootstrap import Studio
from studio.images.assets import AssetView
from studio.review.asked import DECIDED
from studio.review.behind import Given, JudgedImage
from studio.review.gold import count_gold, gold_images, gold_verdict, mark_gold, retire_gold
from studio.review.opinion_rates import MOST, OpinionRates, opinion_rates, set_opinion_rates
from studio.review.states import REASONS
from studio.roles import Actor
from studio.ui.i18n import msg, percent, plural, t
from studio.ui.judged_view import draw_judged
from studio.ui.notices import calm
from studio.ui.places import page_of

_TO_BEGIN_WITH = OpinionRates(second=0.05, gold=0.02)
_VERDICTS = {
    AssetState.APPROVED: msg("To be approved"),
    AssetState.CHANGES_REQUESTED: msg("To be rejected"),
}


def draw_rates(studio: Studio, actor: Actor) -> None:
    """The button with the form of the rates. For managers."""
    now = opinion_rates(studio, actor)
    with st.popover(t("How often"), icon=":material/tune:"), st.form("opinion-rates", border=False):
        second = _rate(t("Second opinions, % of the verdicts"), now.second, "rate-second")
        gold = _rate(t("Gold images, % of one's own verdicts"), now.gold, "rate-gold")
        st.caption(t("Asked images look like any other in the queue. Tell your team that this is done, and why."))
        if st.form_submit_button(t("Save"), type="primary"):
            with calm():
                set_opinion_rates(studio, actor, OpinionRates(second / 100, gold / 100))
                st.toast(t("Saved."), icon=":material/check_circle:")
                st.rerun()


def draw_beginning(studio: Studio, actor: Actor) -> None:
    """What to do first, as long as nobody is asked for anything. For managers."""
    if opinion_rates(studio, actor) != OpinionRates():
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="begin-opinions"):
        told = t(
            "Nobody is asked for a second opinion yet. Agreement can only be told from images that two have judged."
        )
        st.markdown(f":material/balance: {told}", width="stretch")
        label = t("Ask about {share} of the verdicts", share=percent(_TO_BEGIN_WITH.second))
        if st.button(label, type="primary"):
            set_opinion_rates(studio, actor, _TO_BEGIN_WITH)
            st.rerun()


def draw_gold(studio: Studio, actor: Actor) -> None:
    """The gold images with their right verdicts, and how to add one. For managers."""
    number = count_gold(studio, actor)
    with st.expander(plural("{n} gold image", "{n} gold images", number), icon=":material/verified:"):
        st.caption(
            t(
                "Images of which you know the right verdict. To add one, open a decided image in the library and "
                "choose its right verdict there. Twenty or more, half of them with faults, tell something."
            )
        )
        found = gold_images(studio, actor)
        images = [JudgedImage(one.view, (Given(None, one.verdict, one.reason),)) for one in found]
        if images:
            draw_judged(images, unnamed=t("Right verdict"))
        else:
            st.page_link(page_of("library"), label=t("Open the library"), icon=":material/photo_library:")


def draw_gold_choice(studio: Studio, actor: Actor, view: AssetView) -> None:
    """On the page of an image: say what the right verdict on it is. For managers; nothing for undecided images."""
    known = gold_verdict(studio, actor, view.id)
    if view.state not in DECIDED and known is None:
        return
    label = t("Gold image") if known else t("Make it a gold image")
    with st.popover(label, icon=":material/verified:"):
        st.caption(t("Reviewers meet it among their work without knowing, and their verdict is held against yours."))
        options = list(_VERDICTS)
        at = options.index(known.verdict) if known else 0
        verdict = st.radio(
            t("Right verdict"), options, at, format_func=lambda one: t(_VERDICTS[one]), key="gold-verdict"
        )
        reason = None
        if verdict is AssetState.CHANGES_REQUESTED:
            keys = list(REASONS)
            first = keys.index(known.reason) if known and known.reason else 0
            reason = st.selectbox(
                t("Reason"), keys, first, format_func=lambda key: t(REASONS[key].label), key="gold-reason"
            )
        with st.container(horizontal=True), calm():
            if st.button(t("Save"), type="primary", key="gold-save"):
                mark_gold(studio, actor, view.id, verdict, reason)
                st.rerun()
            if known and st.button(t("No gold image any more"), type="tertiary", key="gold-retire"):
                retire_gold(studio, actor, view.id)
                st.rerun()


def _rate(label: str, rate: float, key: str) -> float:
    return float(st.number_input(label, 0.0, 100 * MOST, 100 * rate, 1.0, format="%.0f", key=key))
