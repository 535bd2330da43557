"""The account menu in the header: who I am, what I may compute, language, keys, password, sign out."""

from __future__ import annotations

import streamlit as st

from studio.access import accounts
from studio.bootstrap import Studio
from studio.roles import Actor
from studio.ui.i18n import COOKIE, LANGUAGES, SESSION_KEY, language, t
from studio.ui.labels import ROLES, plain
from studio.ui.notices import calm
from studio.ui.places import page_of
from studio.ui.quota_view import draw_left
from studio.work.quotas import quota_of

_SIGN_OUT = """
<form method="post" action="/signout"><button type="submit" class="sign-out">{label}</button></form>
"""


def draw_menu(studio: Studio, actor: Actor | None) -> None:
    """The menu at the right of the header; without an actor only the language."""
    with st.container(key="account"):
        label = plain(actor.name) if actor else LANGUAGES[language()]
        icon = ":material/account_circle:" if actor else ":material/language:"
        with st.popover(label, icon=icon, type="tertiary"):
            if actor:
                st.markdown(f"**{plain(actor.name)}**  \n{t(ROLES[actor.role])}")
                with calm():
                    draw_left(quota_of(studio, actor))
            _draw_language()
            if actor:
                st.page_link(page_of("account"), label=t("My account and API keys"), icon=":material/account_circle:")
                if st.button(t("Set password"), icon=":material/key:", width="stretch"):
                    set_password(studio, actor)
                st.html(_SIGN_OUT.format(label=t("Sign out")))


def _draw_language() -> None:
    chosen = st.segmented_control(
        t("Language"),
        list(LANGUAGES),
        default=language(),
        required=True,
        format_func=LANGUAGES.__getitem__,
        key="chosen_language",
    )
    if chosen != language():
        st.session_state[SESSION_KEY] = chosen
        st.rerun()
    if SESSION_KEY in st.session_state:  # remembered by the browser, and read by the sign-in pages too
        kept = f"{COOKIE}={language()}; path=/; max-age=31536000; samesite=lax"
        st.html(f"<script>document.cookie = '{kept}'</script>", unsafe_allow_javascript=True)


def set_password(studio: Studio, actor: Actor) -> None:
    """Open the dialog in which a person sets their own password."""

    @st.dialog(t("Set password"))
    def dialog() -> None:
        st.caption(t("With a password you can sign in without a link. Your other browsers are signed out."))
        with st.form("password", border=False):
            current = st.text_input(
                t("Present password (empty if you have none)"), type="password", autocomplete="current-password"
            )
            fresh = st.text_input(t("New password"), type="password", autocomplete="new-password")
            again = st.text_input(t("New password, once more"), type="password", autocomplete="new-password")
            pressed = st.form_submit_button(t("Set password"), type="primary")
        if pressed and fresh != again:
            st.error(t("The two new passwords are not the same. Nothing was changed."))
        elif pressed:
            with calm():
                token = st.context.cookies.get(accounts.COOKIE_NAME)
                accounts.set_password(studio, actor, fresh, current=current, keep=token)
                st.success(t("Your password is set."))

    dialog()
