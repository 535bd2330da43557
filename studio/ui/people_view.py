"""Pieces of the page People: a line for each person, the invitation and its link, shown once."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from db.tables import Role
from studio.access import people
from studio.access.people import UserView
from studio.bootstrap import Studio
from studio.roles import Actor
from studio.ui.i18n import date, duration, t
from studio.ui.labels import ROLE_MEANINGS, ROLES, plain
from studio.ui.notices import calm
from studio.ui.quota_view import draw_limit, draw_quota
from studio.work.quotas import Quota, set_quota

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


def draw_person(studio: Studio, actor: Actor, person: UserView, quota: Quota) -> None:
    """One person: name, role, how they stand, what they computed, and what an admin may do."""
    with st.container(border=True, key=f"person-{person.id}"):
        name, role, standing, computing, actions = st.columns([3.6, 2.6, 2.4, 2.6, 1.8], vertical_alignment="center")
        you = f" ({t('you')})" if person.id == actor.id else ""
        name.markdown(f"**{plain(person.name)}**{you}")
        with role, calm():
            _draw_role(studio, actor, person)
        standing.markdown(_standing(person))
        computing.markdown(_computing(quota))
        with actions, calm():
            _draw_actions(studio, actor, person, quota)


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
    if not (person.has_password or person.has_identity):
        return f":orange-badge[{t('No password yet')}]"
    return f":gray[{t('since {day}', day=date(person.created_at))}]"


def _computing(quota: Quota) -> str:
    if quota.limit is None:
        return f":gray[{t('{time} computed today', time=duration(quota.used))}]"
    said = t("{used} of {limit} computed today", used=duration(quota.used), limit=duration(quota.limit))
    return f":orange[● {said}]" if not quota.left else f":gray[{said}]"


def _limit(studio: Studio, actor: Actor, person: UserView, quota: Quota) -> None:
    """Open the dialog in which an admin limits what one person computes."""

    @st.dialog(t("Computing of {name}", name=person.name))
    def dialog() -> None:
        draw_quota(quota)
        with st.form(f"limit-{person.id}", border=False):
            own = quota.limit if quota.own else None
            label = t("Minutes of computing a day")
            seconds = draw_limit(label, own, unlimited=t("as the team"), key=f"minutes-{person.id}")
            st.caption(t("Empty: the limit of the team, which stands on the page Settings."))
            pressed = st.form_submit_button(t("Save"), type="primary")
        if pressed:
            with calm():
                set_quota(studio, actor, person.id, seconds)
                st.rerun()

    dialog()


def _draw_actions(studio: Studio, actor: Actor, person: UserView, quota: Quota) -> None:
    options = {"link": t("New link to set a password"), "limit": t("Limit computing"), "deactivate": t("Deactivate")}
    if not person.active:
        options = {"reactivate": t("Bring back")}
    chosen = st.menu_button(
        t("Actions"), list(options), format_func=options.__getitem__, key=f"act-{person.id}", width="stretch"
    )
    if chosen == "limit":
        _limit(studio, actor, person, quota)
        return
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
