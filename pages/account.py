"""My account: what I may do and compute, and the keys with which my programs act for me."""

import streamlit as st

from db.tables import Role
from studio.access.api_keys import own_keys
from studio.ui import guard
from studio.ui.head import head
from studio.ui.i18n import t
from studio.ui.keys_view import draw_example, draw_fresh_key, draw_key, draw_key_maker
from studio.ui.labels import ROLE_MEANINGS, ROLES, plain
from studio.ui.notices import calm
from studio.ui.quota_view import draw_quota
from studio.ui.single_sign_on import draw_link
from studio.work.quotas import quota_of

studio, actor = guard.page(Role.VIEWER)

with head(t("My account")):
    draw_key_maker(studio, actor)

st.markdown(f"**{plain(actor.name)}** · {t(ROLES[actor.role])}: {t(ROLE_MEANINGS[actor.role])}")
with calm(), st.container(width=560):
    draw_quota(quota_of(studio, actor))

with calm():
    draw_link(studio, actor)

st.space("small")
st.subheader(t("My API keys"), anchor=False)
st.caption(t("With a key a program of yours acts in your name: within your role, and only as far as the key allows."))
draw_fresh_key()
with calm():
    keys = own_keys(studio, actor)
    for key in keys:
        draw_key(studio, actor, key)
    if not keys:
        st.markdown(f":gray[{t('You have no keys. Make one for each program, so that each can be revoked alone.')}]")
draw_example(studio)
