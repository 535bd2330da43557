"""Review: decide on images by keyboard, mouse or touch; take approved ones out."""

import streamlit as st

from db.tables import AssetState, Role
from studio.review.states import APPROVED_STATES
from studio.ui import guard
from studio.ui.export_view import draw_export_button
from studio.ui.i18n import t
from studio.ui.notices import calm, empty
from studio.ui.places import page_of
from studio.ui.review_filters import draw_filters
from studio.ui.review_gallery import review_gallery

studio, actor = guard.page(Role.VIEWER)

with calm():
    wanted, total = draw_filters(studio, actor)
    if wanted.state in APPROVED_STATES and total:
        draw_export_button(studio, actor, wanted, total)
    if total:
        review_gallery(actor, wanted, key="review")
    elif wanted.state is AssetState.IN_REVIEW:
        with empty(
            t("Nothing waits for review"), t("Images appear here when someone sends them to review."), icon="task_alt"
        ):
            st.page_link(page_of("generate"), label=t("Make images"), icon=":material/auto_awesome:")
    else:
        with empty(t("No images fit"), t("Take a filter away, or choose another state above."), icon="search_off"):
            st.page_link(page_of("review"), label=t("Show what waits for review"), icon=":material/rule:")
