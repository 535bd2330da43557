"""Sharing the queue out: who is to look at how much of what waits, and how urgent it is."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from studio.bootstrap import Studio
from studio.review.review_queue import QueueFilter
from studio.review.sharing import Load, Shared, loads, set_priority_of, share
from studio.roles import Actor
from studio.ui.i18n import msg, number, plural, t
from studio.ui.labels import plain
from studio.ui.notices import calm

PRIORITIES: dict[int, str] = {0: msg("as usual"), 1: msg("soon"), 2: msg("at once")}


def draw_sharing(studio: Studio, actor: Actor, wanted: QueueFilter, waiting: int) -> None:
    """A button that unfolds it; `waiting`: how many images of the filter wait for review."""
    done = st.session_state.pop("shared-out", None)
    if done:
        st.toast(done, icon=":material/check:")
    why = None if waiting else t("No image that waits fits the filters, so there is nothing to share out.")
    with (
        st.popover(t("Share out"), icon=":material/group_add:", width="stretch", disabled=not waiting, help=why),
        calm(),
    ):
        st.caption(plural("{n} image that waits fits the filters.", "{n} images that wait fit the filters.", waiting))
        people, urgency = st.tabs([t("Who looks at them"), t("How urgent they are")])
        with people:
            _draw_people(studio, actor, wanted)
        with urgency:
            _draw_urgency(studio, actor, wanted)


def _draw_people(studio: Studio, actor: Actor, wanted: QueueFilter) -> None:
    known = loads(studio, actor)
    nobody = next(load.waiting for load in known if load.person_id is None)
    st.markdown(
        t("Each gets urgent and old images alike, and nobody their own. {n} are given to nobody yet.", n=number(nobody))
    )
    shares: dict[int, float] = {}
    for load in known:
        if load.person_id is not None:
            share_of = _draw_person(load, load.person_id)
            if share_of:
                shares[load.person_id] = share_of
    again = st.toggle(t("Also those that somebody was given already"))
    why = _missing(shares, nobody, again=again)
    pressed = st.button(t("Give them out"), type="primary", icon=":material/group_add:", disabled=bool(why))
    if why:
        st.caption(why)
    if pressed:
        told = share(studio, actor, wanted, shares, again=again)
        st.session_state["shared-out"] = _told(told, known)
        st.rerun()


def _missing(shares: Mapping[int, float], nobody: int, *, again: bool) -> str:
    """Why nothing can be given out yet; empty where it can."""
    if not nobody and not again:
        return t("All of them were given to somebody already: turn the switch above on to give them anew.")
    return "" if shares else t("Write beside at least one name how large a share of the images they are to get.")


def _draw_person(load: Load, person_id: int) -> float:
    name, has, part = st.columns([3, 2, 2], vertical_alignment="center")
    name.markdown(plain(load.name or ""))
    has.caption(plural("has {n} now", "has {n} now", load.waiting))
    return float(
        part.number_input(
            t("Share of {name}, in per cent", name=load.name or ""),
            min_value=0,
            max_value=100,
            step=10,
            icon=":material/percent:",
            label_visibility="collapsed",
            key=f"share-{person_id}",
        )
    )


def _draw_urgency(studio: Studio, actor: Actor, wanted: QueueFilter) -> None:
    st.markdown(t("What is urgent stands first in everyone's queue."))
    priority = st.segmented_control(
        t("How urgent they are"),
        list(PRIORITIES),
        default=0,
        required=True,
        format_func=lambda level: t(PRIORITIES[level]),
        label_visibility="collapsed",
        key="urgency",
    )
    if st.button(t("Set it for these images"), type="primary", icon=":material/low_priority:"):
        changed = set_priority_of(studio, actor, wanted, int(priority or 0))
        st.session_state["shared-out"] = plural(
            "{n} image changed its place.", "{n} images changed their place.", changed
        )
        st.rerun()


def _told(told: Shared, known: tuple[Load, ...]) -> str:
    names = {load.person_id: load.name or "" for load in known}
    parts = [f"{names[person_id]} {number(given)}" for person_id, given in told.given.items()]
    text = t("Given out: {parts}.", parts=", ".join(parts))
    if told.left:
        text += " " + plural(
            "{n} stays: only its maker was named.", "{n} stay: only their makers were named.", told.left
        )
    return text
