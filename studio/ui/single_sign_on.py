"""Sign-in with a company account: Streamlit's `st.login`, set up from our own settings.

Streamlit proves who someone is and keeps that in a cookie of its own; here the proof is exchanged, once, for a session
of the studio, which the pages and the REST routes know. The proof is dropped with that, so signing out is the end.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import streamlit as st
from streamlit import config

from studio.access.identities import enter, has_identity, identity_from, link_identity
from studio.bootstrap import Studio
from studio.errors import NotSignedIn
from studio.roles import Actor
from studio.settings import Settings
from studio.ui.i18n import t
from studio.ui.labels import plain
from studio.ui.notices import calm

_ENTRY = "single_sign_on_entry"

_EXCHANGE = """<script>
fetch("/signin/link", {{method: "POST", body: new URLSearchParams({{token: {token}}}), redirect: "manual"}})
  .then((answer) => answer.type === "opaqueredirect" ? location.reload() : location.assign("/signin"));
</script>"""


def prepare(settings: Settings, cookie_secret: str) -> None:
    """Hand the provider to Streamlit, in a file that only this user reads. To be called before the server answers."""
    if not settings.has_single_sign_on:
        return
    values = {
        "redirect_uri": f"{settings.resolved_public_url}/oauth2callback",
        "cookie_secret": cookie_secret,
        "client_id": settings.oidc_client_id,
        "client_secret": settings.oidc_client_secret.get_secret_value(),
        "server_metadata_url": settings.oidc_metadata_url,
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    path = settings.home / "single_sign_on.toml"
    _write_private(path, "\n".join(["[auth]", *lines, ""]))
    config.set_option("secrets.files", [str(path)])


def come_in(studio: Studio) -> bool:
    """Exchange what Streamlit knows of a visitor without a session for a session; False where it knows nobody.

    Draws that it is under way, or why the person cannot come in.
    """
    if not studio.settings.has_single_sign_on:
        return False
    if not st.user.is_logged_in:
        if st.query_params.get("sso") == "1":
            del st.query_params["sso"]
            st.login()
        return False
    try:
        if _ENTRY not in st.session_state:
            st.session_state[_ENTRY] = enter(studio, identity_from(st.user.to_dict()))
    except NotSignedIn as problem:
        with st.container(horizontal_alignment="center"):
            st.space("large")
            st.header(t("You are not in yet"), anchor=False, width="content")
            st.markdown(t(problem.message), width="content")
            if st.button(t("Use another company account"), type="primary"):
                st.logout()
            st.link_button(t("Sign in with a password"), "/signin", type="tertiary")
        return True
    st.caption(t("Signing you in …"))
    st.html(_EXCHANGE.format(token=json.dumps(st.session_state[_ENTRY])), unsafe_allow_javascript=True)
    return True


def draw_button(studio: Studio) -> None:
    """The way to the company's sign-in page, where there is one."""
    if studio.settings.has_single_sign_on and st.button(
        t("Sign in with your company account"), icon=":material/badge:", key="company-account"
    ):
        st.login()


def draw_link(studio: Studio, actor: Actor) -> None:
    """On the own account: link a company account, in two deliberate steps."""
    if not studio.settings.has_single_sign_on:
        return
    if has_identity(studio, actor):
        st.caption(t("You can sign in with your company account."))
    elif not st.user.is_logged_in:
        if st.button(t("Link my company account"), icon=":material/badge:"):
            st.login()
    else:
        name = str(st.user.get("email") or st.user.get("name") or st.user.get("sub"))
        st.markdown(t("Shall {account} sign in as you from now on?", account=f"**{plain(name)}**"))
        if st.button(t("Link this company account"), type="primary"):
            with calm():
                link_identity(studio, actor, identity_from(st.user.to_dict()))
                st.rerun()


def _write_private(path: Path, text: str) -> None:
    """Write the file whole, readable by this user alone from its first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
