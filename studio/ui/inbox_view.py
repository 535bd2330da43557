"""The bell: what one was told and has not read, with the way to it."""

from __future__ import annotations

import streamlit as st

from studio.alerts.raising import INBOX_KIND
from studio.bootstrap import Studio
from studio.inbox import ASSIGNED, MENTION, REMARK, SENT_BACK, Message, count_unread, mark_read, messages
from studio.roles import Actor
from studio.ui.i18n import ago, number, plural, t
from studio.ui.labels import plain
from studio.ui.notices import calm
from studio.ui.places import page_of

_SHOWN = 12
_ICONS = {
    MENTION: "alternate_email",
    REMARK: "chat_bubble",
    SENT_BACK: "undo",
    ASSIGNED: "assignment_ind",
    "recall": "assignment_return",
    INBOX_KIND: "warning",
}


def draw_bell(studio: Studio, actor: Actor) -> None:
    """A bell with the number of unread lines, which unfolds them."""
    unread = count_unread(studio, actor)
    label = plural("{n} message", "{n} messages", unread) if unread else t("No new messages")
    icon = ":material/notifications_active:" if unread else ":material/notifications:"
    with st.popover(label, icon=icon, type="secondary" if unread else "tertiary", key="bell"):
        if unread and st.button(t("Mark all as read"), icon=":material/done_all:", type="tertiary", key="all-read"):
            with calm():
                mark_read(studio, actor)
                st.rerun()
        lines = messages(studio, actor, limit=_SHOWN)
        if not lines:
            st.caption(t("What concerns you appears here: who names you, what comes back, what you are given."))
        for line in lines:
            _draw_line(studio, actor, line)


def _draw_line(studio: Studio, actor: Actor, line: Message) -> None:
    with st.container(gap="xxsmall", border=line.unread, key=f"message-{line.id}"):
        weight = "**" if line.unread else ""
        icon = _ICONS.get(line.kind, "info")
        st.markdown(f":material/{icon}: {weight}{plain(headline(line))}{weight}")
        if line.text and line.kind != ASSIGNED:
            st.caption(plain(line.text))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(ago(line.at), width="stretch")
            label = t("Open") if line.number == 1 else t("Show them")
            if _target(line) and st.button(label, type="tertiary", key=f"open-{line.id}"):
                with calm():
                    mark_read(studio, actor, [line.id])
                    page, query = _target(line) or ("", {})
                    st.switch_page(page, query_params=query)


def headline(line: Message) -> str:
    """What happened, in the visitor's language."""
    who, n = line.by or t("The studio"), line.number
    if line.kind == MENTION:
        return t("{name} named you in a comment", name=who)
    if line.kind == REMARK:
        return t("{name} commented on your image", name=who)
    if line.kind == SENT_BACK:
        return plural("{name} asks for changes on {n} image", "{name} asks for changes on {n} images", n, name=who)
    if line.kind == ASSIGNED:
        return plural("{name} gave you {n} image to review", "{name} gave you {n} images to review", n, name=who)
    if line.kind == "recall":
        return plural("{name} withdrew {n} image", "{name} withdrew {n} images", n, name=who)
    if line.kind == INBOX_KIND:
        return t("Something needs attention")
    return t("{name} about {n} images", name=who, n=number(n))


def _target(line: Message) -> tuple[str, dict[str, str]] | None:
    """The page that a line is about, with its query."""
    if line.kind == ASSIGNED:
        return page_of("review"), {"assignee": "me"}
    if line.kind == SENT_BACK and line.number > 1:
        return page_of("review"), {"state": "changes_requested", "mine": "1"}
    if line.kind == INBOX_KIND:
        return page_of("alerts"), {}
    if line.kind == "recall" and line.number > 1:
        return page_of("library"), {"state": "withdrawn"}
    return None if line.asset_id is None else (page_of("library"), {"image": str(line.asset_id)})
