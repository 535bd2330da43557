"""Activity: who did what, as a list that is only ever added to."""

import streamlit as st

from db.tables import Role
from studio.activity_log import activity, export_activity
from studio.ui import guard
from studio.ui.activity_view import draw_filters, draw_lines
from studio.ui.head import head
from studio.ui.i18n import t
from studio.ui.notices import calm, empty
from studio.ui.places import page_of

studio, actor = guard.page(Role.VIEWER)

with head(t("Activity")):
    download = st.container(width="content")

with calm():
    wanted = draw_filters(studio, actor)
    with download:
        st.download_button(
            t("Download as CSV"),
            lambda: export_activity(studio, actor, wanted),
            "activity.csv",
            "text/csv",
            type="tertiary",
            icon=":material/download:",
            on_click="ignore",
        )
    position = st.session_state.get("activity_position")  # the filter, and where the page before ended
    after = position[1] if position and position[0] == wanted else None
    page = activity(studio, actor, wanted, after=after)
    if not page.lines:
        with empty(t("Nothing here"), t("No line fits. Take a filter away, or choose other days."), icon="history"):
            st.page_link(page_of("activity"), label=t("Show everything"), icon=":material/history:")
    draw_lines(page.lines)
    with st.container(horizontal=True, horizontal_alignment="center"):
        if after is not None and st.button(t("Back to the newest"), icon=":material/first_page:"):
            del st.session_state["activity_position"]
            st.rerun()
        if page.after is not None and st.button(t("Show older"), icon=":material/chevron_right:"):
            st.session_state["activity_position"] = (wanted, page.after)
            st.rerun()
