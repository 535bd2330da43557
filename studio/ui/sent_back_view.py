"""What came back from review, each with its reason and one step to the next version."""

from __future__ import annotations

import streamlit as st

from db.tables import Role
from studio.bootstrap import Studio
from studio.review.states import REASONS
from studio.review.trying_again import (
    CALMER,
    CLEAN,
    FRAMED,
    LARGER,
    SEEDS,
    TINT,
    SentBack,
    Suggestion,
    order_again,
    sent_back,
)
from studio.roles import Actor
from studio.ui.cards import thumbnail_url
from studio.ui.i18n import ago, t
from studio.ui.labels import plain, term
from studio.ui.notices import calm
from studio.ui.pictures import draw_picture
from studio.ui.places import page_of

_SHOWN = 4


def draw_sent_back(studio: Studio, actor: Actor) -> None:
    """The newest of one's images that wait for changes; nothing where none does."""
    if not actor.may(Role.EDITOR):
        return
    found = sent_back(studio, actor, limit=_SHOWN)
    if not found:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(t("Came back to me"), anchor=False, width="stretch")
        query = {"state": "changes_requested", "mine": "1"}
        st.page_link(page_of("review"), label=t("Show all"), icon=":material/arrow_forward:", query_params=query)
    for column, one in zip(st.columns(_SHOWN), found, strict=False):
        with column, st.container(border=True, height="stretch", key=f"sent-back-{one.image.id}"):
            _draw_one(studio, actor, one)


def _draw_one(studio: Studio, actor: Actor, one: SentBack) -> None:
    title = one.image.product_title or one.image.prompt
    picture, told = st.columns([2, 3], gap="small")
    with picture:
        draw_picture(thumbnail_url(one.image.sha256, 160), t("Generated image: {title}", title=title), width=110)
    known = REASONS.get(one.reason)
    told.markdown(f"**{t(known.label) if known else t('Sent back')}**")
    told.caption(f"{plain(one.by)}, {ago(one.since)}")
    if one.comment:
        st.markdown(f"“{plain(one.comment[:160])}”")
    st.caption(plain(title))
    if st.button(
        t("Try again {how}", how=how(one.suggestion)),
        icon=":material/replay:",
        width="stretch",
        key=f"again-{one.image.id}",
    ):
        with calm():
            key = f"{one.image.id}-{one.image.revision}-again"  # pressed twice, it is ordered once
            job_id = order_again(studio, actor, one.image.id, idempotency_key=key)
            st.switch_page(page_of("generate"), query_params={"job": job_id})


def how(suggestion: Suggestion) -> str:
    """What is to be different, in words that follow "Try again"."""
    words = {
        SEEDS: t("with other seeds"),
        CALMER: t("less varied"),
        TINT: t("in {colour}", colour=term(suggestion.colour or "")),
        CLEAN: t("with a clean white background"),
        FRAMED: t("filling the frame"),
        LARGER: t("with more pixels"),
    }
    return ", ".join(words[key] for key in suggestion.does)
