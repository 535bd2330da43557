"""Recalls: take back everything that something bad touched."""

import streamlit as st

from db.tables import Role
from studio.review.recall_views import list_recalls, recall_view
from studio.ui import guard
from studio.ui.head import head
from studio.ui.i18n import t
from studio.ui.labels import plain
from studio.ui.notices import calm, empty
from studio.ui.places import page_of
from studio.ui.recall_form import cause_in_words
from studio.ui.recall_new import draw_begin, draw_new
from studio.ui.recall_view import draw_list, draw_recall

studio, actor = guard.page(Role.MANAGER)
chosen = st.query_params.get("recall", "")

if chosen.isdecimal():
    with calm():
        shown = recall_view(studio, actor, int(chosen))
        with head(plain(cause_in_words(shown.cause, shown.subject))):
            st.page_link(page_of("recalls"), label=t("All recalls"), icon=":material/arrow_back:")
        draw_recall(studio, actor, shown.id)
elif "new" in st.query_params:
    with head(t("Recall images")):
        st.page_link(page_of("recalls"), label=t("All recalls"), icon=":material/arrow_back:")
    with calm():
        begun = draw_new(studio, actor)
        if begun is not None:
            st.query_params.from_dict({"recall": str(begun)})
            st.rerun()
else:
    earlier = []
    with calm():
        earlier = list_recalls(studio, actor)
    with head(t("Recalls")):
        if earlier:
            draw_begin()
    if not earlier:
        with empty(
            t("Nothing was recalled yet"),
            t("When a model, a rule, a licence or a reviewer proves bad, one action takes back all that it touched."),
            icon="assignment_return",
        ):
            draw_begin()
    draw_list(earlier)
