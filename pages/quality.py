"""Quality: can I trust it, per category; every point leads to its images."""

import streamlit as st

from db.tables import Role
from studio.quality.groups import groups
from studio.quality.rollups import refreshed
from studio.ui import guard
from studio.ui.head import head
from studio.ui.i18n import t
from studio.ui.notices import calm, empty
from studio.ui.places import page_of
from studio.ui.quality_export import draw_export
from studio.ui.quality_filters import choose_shown, choose_view
from studio.ui.quality_sections import draw_section
from studio.ui.quality_view import draw_standing

studio, actor = guard.page(Role.VIEWER)

with head(t("Quality")):
    tools = st.container(horizontal=True, width="content")

with calm():
    standing = refreshed(studio)
    known = groups(studio, actor)
    if not known.categories and not standing.days:
        with empty(
            t("No images yet"), t("Figures appear as soon as images are made and decided on."), icon="monitoring"
        ):
            st.page_link(page_of("generate"), label=t("Make images"), icon=":material/auto_awesome:")
        st.stop()
    with tools:
        view = choose_view()
    shown = choose_shown(known, view)
    draw_standing(standing)
    with tools:
        draw_export(studio, actor, shown)
    draw_section(studio, actor, shown)
