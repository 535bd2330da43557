"""People: who is here and with which role, what they may compute, invitations."""

import streamlit as st

from db.tables import Role
from studio.access import people
from studio.ui import guard
from studio.ui.head import head
from studio.ui.i18n import t
from studio.ui.notices import calm
from studio.ui.people_view import draw_fresh_link, draw_invitation, draw_person
from studio.work.quotas import quotas

studio, actor = guard.page(Role.ADMIN)

with head(t("People")):
    draw_invitation(studio, actor)

draw_fresh_link()
with calm():
    computing = quotas(studio, actor)
    for person in people.list_users(studio, actor):
        draw_person(studio, actor, person, computing[person.id])

st.space("small")
st.subheader(t("Ways in"), anchor=False)
st.caption(
    t(
        "An invitation is a link on which a new person sets a password. It works once and ends after a week. "
        "Who cannot sign in any more gets a fresh link on the machine that runs the studio:"
    )
)
st.code("python -m studio link --user NAME", language="bash")
