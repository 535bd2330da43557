"""Pieces of the page People: a line for each person, the invitation and its link, shown once."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from db.tables import Role
from studio import people
from studio.bootstrap import Studio
from studio.people import UserView
from studio.roles import Actor
from studio.ui.i18n import date, t
from studio.ui.labels import ROLE_MEANINGS, ROLES, plain
from studio.ui.notices import calm

_FRESH_LINK = "fresh_link"


def draw_invitation(studio: Studio, actor: Actor) -> None:
    """The form in which an admin adds a person, behind a button."""
    with st.popover(t("Invite"), icon=":material/person_add:", type="primary", key="invite"):
        with st.form("invitation", border=False):
            name = st.text_input(t("Name"), max_chars=80, autocomplete="off")
            role = st.radio(
                t("Role"),
                list(Role),
                index=1,
                format_func=lambda role: t(ROLES[role]),
                captions=[t(ROLE_MEANINGS[role]) for role in Role],
            )
            pressed = st.form_submit_button(t("Make the invitation link"), type="primary")
        if pressed and role:
            with calm():
                _keep_link(studio, name, people.invite(studio, actor, name, role))
                st.rerun()


def draw_fresh_link() -> None:
    """The link made last, until it is put away: only its hash is stored, so it cannot be shown again."""
    fresh = st.session_state.get(_FRESH_LINK)
    if not fresh:
        return
    with st.container(border=True, key="fresh-link"):
        st.markdown(t("**Link for {name}.** Send it now: it is shown only here and only once.", name=plain(fresh[0])))
        st.code(fresh[1], language=None, wrap_lines=True)
        if st.button(t("Put it away")):
            del st.session_state[_FRESH_LINK]
            st.rerun()


def draw_person(studio: Studio, actor: Actor, person: UserView) -> None:
    """One person: name, role, how they stand, and what an admin may do."""
    with st.container(border=True, key=f"person-{person.id}"):
        name, role, standing, actions = st.columns([4, 3, 3, 2], vertical_alignment="center")
        you = f" ({t('you')})" if person.id == actor.id else ""
        name.markdown(f"**{plain(person.name)}**{you}")
        with role, calm():
            _draw_role(studio, actor, person)
        standing.markdown(_standing(person))
        with actions, calm():
            _draw_actions(studio, actor, person)


def _draw_role(studio: Studio, actor: Actor, person: UserView) -> None:
    wanted = st.selectbox(
        t("Role of {name}", name=person.name),
        list(Role),
        index=list(Role).index(person.role),
        format_func=lambda role: t(ROLES[role]),
        label_visibility="collapsed",
        disabled=not person.active,
        key=f"role-{person.id}-{person.role}",
    )
    if wanted and wanted != person.role:
        people.change_role(studio, actor, person.id, wanted)
        st.rerun()


def _standing(person: UserView) -> str:
    if not person.active:
        return f":red-badge[{t('Deactivated')}]"
    if not person.has_password:
        return f":orange-badge[{t('No password yet')}]"
    return f":gray[{t('since {day}', day=date(person.created_at))}]"


def _draw_actions(studio: Studio, actor: Actor, person: UserView) -> None:
    options = {"link": t("New link to set a password"), "deactivate": t("Deactivate")}
    if not person.active:
        options = {"reactivate": t("Bring back")}
    chosen = st.menu_button(
        t("Actions"), list(options), format_func=options.__getitem__, key=f"act-{person.id}", width="stretch"
    )
    if chosen == "link":
        _keep_link(studio, person.name, people.invite_again(studio, actor, person.id))
    elif chosen == "deactivate":
        people.deactivate(studio, actor, person.id)
    elif chosen == "reactivate":
        people.reactivate(studio, actor, person.id)
    if chosen:
        st.rerun()


def _keep_link(studio: Studio, name: str, path: str) -> None:
    """Keep the whole address for showing once: on the host by which the admin reached this page."""
    here = urlsplit(st.context.url or studio.settings.resolved_public_url)
    st.session_state[_FRESH_LINK] = (name, f"{here.scheme}://{here.netloc}{path}")
