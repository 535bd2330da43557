"""Models: what is in production and why, what wants to be, and the way there and back."""

import streamlit as st

from db.tables import Role
from studio.models.aliases import history
from studio.models.versions import versions
from studio.ui import guard
from studio.ui.ballot import draw_ballot
from studio.ui.engine_form import draw_add_engine
from studio.ui.head import head
from studio.ui.i18n import t
from studio.ui.models_view import candidate_of, draw_candidate, draw_history, draw_pictures, draw_production
from studio.ui.notices import calm, empty
from studio.ui.places import page_of
from studio.ui.versions_view import draw_versions

studio, actor = guard.page(Role.VIEWER)
vote = st.query_params.get("vote", "")

if vote.isdecimal():
    with head(t("Which image is better?")):
        st.page_link(page_of("models"), label=t("Back to Models"), icon=":material/arrow_back:")
    with calm():
        draw_ballot(studio, actor, int(vote))
    st.stop()

with head(t("Models")):
    draw_add_engine(studio, actor)
with calm():
    found = versions(studio, actor)
    champion = next((version for version in found if version.in_production), None)
    if champion is None:
        with empty(
            t("No model yet"), t("The worker registers the shipped one as soon as it starts."), icon="deployed_code"
        ):
            st.page_link(page_of("jobs"), label=t("See the workers"), icon=":material/pending_actions:")
        st.stop()
    candidate = candidate_of(found)
    left, right = st.columns([1, 1.35], gap="medium")
    with left.container(border=True, gap="small", key="production"):
        draw_production(studio, actor, champion)
        draw_history(history(studio, actor))
    with right.container(border=True, gap="small", key="candidate"), calm():
        draw_candidate(studio, actor, candidate)
    draw_pictures(found, champion, candidate)
    draw_versions(studio, actor, found, {one.model.id for one in (champion, candidate) if one is not None})
