"""The comments on an image, and the field for another."""

from __future__ import annotations

from uuid import uuid4

import streamlit as st

from db.tables import Role
from studio.bootstrap import Studio
from studio.review import comments
from studio.roles import Actor
from studio.ui.i18n import ago, t
from studio.ui.labels import plain
from studio.ui.notices import calm


def draw_comments(studio: Studio, actor: Actor, asset_id: int) -> None:
    """What people said, the oldest first. Markup in it is shown as it was typed."""
    said = comments.comments(studio, actor, asset_id)
    if not said and not actor.may(Role.EDITOR):
        return
    st.markdown(f"**{t('Comments')}**")
    for one in said:
        st.markdown(f"**{plain(one.by)}** :gray[{ago(one.at)}]  \n{_lines(one.text, one.mentions)}")
    if actor.may(Role.EDITOR):
        _draw_field(studio, actor, asset_id)


def _draw_field(studio: Studio, actor: Actor, asset_id: int) -> None:
    key = st.session_state.setdefault(f"comment-key-{asset_id}", uuid4().hex)
    with st.form(f"comment-{asset_id}", border=False, clear_on_submit=True):
        names = [person.name for person in comments.people(studio, actor) if person.id != actor.id][:3]
        example = t("For example: @{name} please have a look", name=names[0]) if names else ""
        text = st.text_area(
            t("Comment. @Name tells a person of it."), max_chars=comments.MAX_TEXT, height=80, placeholder=example
        )
        if st.form_submit_button(t("Say it"), icon=":material/send:"):
            with calm():
                comments.comment(studio, actor, asset_id, text, key)
                del st.session_state[f"comment-key-{asset_id}"]
                st.rerun()


def _lines(text: str, mentions: tuple[str, ...]) -> str:
    """The text with its line breaks, the people named in it set off."""
    shown = "  \n".join(plain(line) for line in text.split("\n"))
    for name in mentions:
        shown = shown.replace(f"@{plain(name)}", f":blue[@{plain(name)}]")
    return shown
