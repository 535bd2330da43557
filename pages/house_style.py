"""House style: how the products of each category stand in their frame, and which pictures stand out."""

import streamlit as st

from db.tables import Role
from studio.publishing.house_figures import FEWEST
from studio.publishing.house_style import house_styles
from studio.publishing.shelf import categories_seen
from studio.ui import filters, guard
from studio.ui.head import head
from studio.ui.house_style_view import draw_all, draw_learning, draw_lock, draw_style
from studio.ui.i18n import t
from studio.ui.labels import term
from studio.ui.notices import calm, empty
from studio.ui.places import page_of

studio, actor = guard.page(Role.VIEWER)

styles = house_styles(studio, actor)
categories = sorted({*styles, *categories_seen(studio, actor)}, key=term)
with head(t("House style")):
    if categories:
        draw_learning(studio, actor)

with calm():
    if not categories:
        lead = t(
            "It is learnt from your approved images and real photos: {n} of a category, in which the whole product is "
            "to be seen. Approve the first ones.",
            n=FEWEST,
        )
        with empty(t("No category has a house style yet"), lead, icon="straighten"):
            st.page_link(page_of("review"), label=t("Go to Review"), icon=":material/rule:")
    else:
        options = {name: term(name) for name in categories}
        first = next((name for name in categories if name in styles), categories[0])
        with st.container(horizontal=True, vertical_alignment="center", key="style-bar"):
            with st.container(width=320):
                category = filters.choose(t("Category"), options, param="category", default=first)
            if category in styles:
                draw_lock(studio, actor, styles[category])
        draw_style(studio, actor, category, styles.get(category))
        if styles:
            st.space("small")
            st.subheader(t("All categories"), anchor=False)
            draw_all(styles)
