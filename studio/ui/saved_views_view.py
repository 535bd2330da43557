"""The saved views of the review page: open one, keep the filters of now as another."""

from __future__ import annotations

import streamlit as st

from db.tables import Role
from studio.bootstrap import Studio
from studio.review import saved_views
from studio.review.queue_filter import as_query
from studio.review.review_queue import QueueFilter
from studio.review.saved_views import View, views
from studio.roles import Actor
from studio.ui.i18n import t
from studio.ui.labels import plain
from studio.ui.notices import calm


def draw_views(studio: Studio, actor: Actor, wanted: QueueFilter) -> None:
    """A button that unfolds the views; it bears the name of the one that is open."""
    known = views(studio, actor)
    now = next((view for view in known if view.wanted == wanted), None)
    label = plain(now.name) if now else t("Views")
    with st.popover(label, icon=":material/bookmarks:", width="stretch", key="views"):
        if not known:
            st.caption(t("Keep the filters of now under a name, for yourself or for the team."))
        for title, shown in (
            (t("Mine"), [view for view in known if view.mine]),
            (t("From the team"), [view for view in known if not view.mine]),
        ):
            if shown:
                st.caption(title)
            for view in shown:
                _draw_view(studio, actor, view, is_open=view is now)
        _draw_saving(studio, actor, wanted)


def _draw_view(studio: Studio, actor: Actor, view: View, *, is_open: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        name = plain(view.name) if view.mine else f"{plain(view.name)} · {plain(view.by)}"
        icon = ":material/group:" if view.shared else ":material/bookmark:"
        if st.button(name, icon=icon, width="stretch", disabled=is_open, key=f"view-{view.id}"):
            st.query_params.from_dict(view.query)
            st.rerun()
        removing = t("Remove the view {name}", name=view.name)
        may_remove = view.mine or actor.may(Role.MANAGER)
        if may_remove and st.button("", icon=":material/close:", help=removing, key=f"unview-{view.id}"):
            with calm():
                saved_views.remove(studio, actor, view.id)
                st.rerun()


def _draw_saving(studio: Studio, actor: Actor, wanted: QueueFilter) -> None:
    with st.form("save-view", border=False, clear_on_submit=True):
        name = st.text_input(t("Name of a new view"), max_chars=saved_views.MAX_NAME)
        shared = actor.may(Role.EDITOR) and st.toggle(t("Share it with the team"))
        if st.form_submit_button(t("Keep these filters"), icon=":material/bookmark_add:", width="stretch"):
            with calm():
                saved_views.save(studio, actor, name, wanted, shared=shared)
                st.query_params.from_dict(as_query(wanted))
                st.rerun()
