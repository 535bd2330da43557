"""Review: decide on images by keyboard, mouse or touch; take approved ones out."""

import streamlit as st

from db.tables import AssetState, Role
from studio.access.team import get_switch
from studio.review.review_queue import queue
from studio.review.states import APPROVED_STATES
from studio.ui import gallery, guard
from studio.ui.cards import queue_cards
from studio.ui.export_view import draw_export_button
from studio.ui.i18n import t
from studio.ui.notices import calm, empty
from studio.ui.places import page_of
from studio.ui.review_filters import draw_filters

studio, actor = guard.page(Role.VIEWER)

PAGE = 60

with calm():
    wanted, total = draw_filters(studio, actor)
    if wanted.state in APPROVED_STATES and total:
        draw_export_button(studio, actor, wanted, total)
    position = st.session_state.get("review_position")  # the filter, and the image that the page before ended with
    after = position[1] if position and position[0] == wanted else None
    page = queue(studio, actor, wanted, after=after, limit=PAGE)
    if page.assets:
        cards = queue_cards(page, actor, self_approval=get_switch(studio, actor, "self_approval"))
        session = gallery.ReviewSession(actor.id, total, waiting=wanted.state is AssetState.IN_REVIEW)
        if gallery.review(cards, session, key="review"):
            st.session_state.pop("review_position", None)  # decided images left the filter: start over
            st.rerun()
        with st.container(horizontal=True, horizontal_alignment="center"):
            if after is not None and st.button(t("Back to the first images"), icon=":material/first_page:"):
                del st.session_state["review_position"]
                st.rerun()
            if page.after is not None and st.button(t("Show the next images"), icon=":material/chevron_right:"):
                st.session_state["review_position"] = (wanted, page.after)
                st.rerun()
    elif wanted.state is AssetState.IN_REVIEW:
        with empty(
            t("Nothing waits for review"), t("Images appear here when someone sends them to review."), icon="task_alt"
        ):
            st.page_link(page_of("generate"), label=t("Make images"), icon=":material/auto_awesome:")
    else:
        with empty(t("No images fit"), t("Take a filter away, or choose another state above."), icon="search_off"):
            st.page_link(page_of("review"), label=t("Show what waits for review"), icon=":material/rule:")
