"""The guard at the door of every page: who is here, and may they see it."""

from __future__ import annotations

from urllib.parse import quote

import streamlit as st

from db.tables import Role
from studio import bootstrap
from studio.access import accounts
from studio.bootstrap import Studio
from studio.errors import Forbidden, NotSignedIn
from studio.roles import Actor, require
from studio.ui import single_sign_on
from studio.ui.i18n import settle_language, t
from studio.ui.labels import ROLES
from studio.ui.places import page_of


def visitor(studio: Studio) -> Actor | None:
    """The signed-in person of this browser, read from the session cookie."""
    return accounts.actor_for(studio, st.context.cookies.get(accounts.COOKIE_NAME))


def page(minimum: Role) -> tuple[Studio, Actor]:
    """The studio and the actor; the first line of every page. Draws a notice and stops where the role is too small."""
    settle_language()
    studio = bootstrap.get_studio()
    try:
        return studio, require(visitor(studio), minimum)
    except NotSignedIn:
        _draw_sign_in(studio)
    except Forbidden:
        _draw_too_small(minimum)
    st.stop()


def _draw_sign_in(studio: Studio) -> None:
    if single_sign_on.come_in(studio):
        return
    with st.container(horizontal_alignment="center"):
        st.space("large")
        st.header(t("Please sign in"), anchor=False, width="content")
        st.markdown(t("You are not signed in, or your session is over. Nothing was lost."), width="content")
        where = quote(st.context.url.split("?")[0].rsplit("/", 1)[-1] if st.context.url else "")
        st.link_button(t("Sign in"), f"/signin?next=/{where}", type="primary")
        single_sign_on.draw_button(studio)


def _draw_too_small(minimum: Role) -> None:
    st.header(t("This page is not for your role"), anchor=False)
    st.write(t("It needs the role {role} or above. An admin can change your role.", role=t(ROLES[minimum])))
    st.page_link(page_of("home"), label=t("Back to Home"), icon=":material/home:")
