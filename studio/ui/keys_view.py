"""API keys on the screens: the form that makes one, its token shown once, and a line for each."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from studio.access.api_keys import SCOPE_ROLES, ApiKeyView, Scope, make_key, revoke_key
from studio.bootstrap import Studio
from studio.roles import Actor
from studio.ui.i18n import ago, date, msg, plural, t
from studio.ui.labels import plain
from studio.ui.notices import calm

_SCOPES: dict[Scope, str] = {
    Scope.READ: msg("Read images, jobs and decisions"),
    Scope.ORDER: msg("Order images, cancel and retry orders"),
    Scope.DECIDE: msg("Decide on images"),
    Scope.EXPORT: msg("Export approved images"),
}
_SHORT: dict[Scope, str] = {
    Scope.READ: msg("reads"),
    Scope.ORDER: msg("orders"),
    Scope.DECIDE: msg("decides"),
    Scope.EXPORT: msg("exports"),
}
_DAYS: tuple[int | None, ...] = (30, 90, 365, None)
_FRESH_KEY = "fresh_key"
_MADE = "keys_made"


def draw_key_maker(studio: Studio, actor: Actor) -> None:
    """The form that makes a key, behind a button."""
    made = st.session_state.get(_MADE, 0)  # a new key for the widget closes it over the key that was made
    with st.popover(t("Make a key"), icon=":material/vpn_key:", type="primary", key=f"make-key-{made}"):
        with st.form(f"new-key-{made}", border=False):
            name = st.text_input(t("What it is for"), max_chars=80, placeholder=t("Shop sync"), autocomplete="off")
            st.caption(t("What it may do"))
            offered = [scope for scope in Scope if actor.may(SCOPE_ROLES[scope])]
            ticks = {
                scope: st.checkbox(t(_SCOPES[scope]), scope is Scope.READ, key=f"scope-{scope}-{made}")
                for scope in offered
            }
            days = st.selectbox(t("Ends after"), _DAYS, index=1, format_func=_lasts)
            pressed = st.form_submit_button(t("Make the key"), type="primary")
        if pressed:
            with calm():
                chosen = {scope for scope, ticked in ticks.items() if ticked}
                _, token = make_key(studio, actor, name, chosen, days=days)
                st.session_state[_FRESH_KEY] = (name, token)
                st.session_state[_MADE] = made + 1
                st.rerun()


def draw_fresh_key() -> None:
    """The key made last, until it is put away: only its hash is stored, so it cannot be shown again."""
    fresh = st.session_state.get(_FRESH_KEY)
    if not fresh:
        return
    with st.container(border=True, key="fresh-key"):
        st.markdown(t("**Key for {name}.** Copy it now: it is shown only here and only once.", name=plain(fresh[0])))
        st.code(fresh[1], language=None, wrap_lines=True)
        if st.button(t("Put it away"), key="put-key-away"):
            del st.session_state[_FRESH_KEY]
            st.rerun()


def draw_key(studio: Studio, actor: Actor, key: ApiKeyView, *, with_owner: bool = False) -> None:
    """One key: what it is for, what it may do, when it was used and ends, and the button that ends it."""
    with st.container(border=True, key=f"key-{key.id}"):
        name, scopes, used, action = st.columns([4, 3.5, 3.5, 1.8], vertical_alignment="center")
        owner = f"  \n:gray[{plain(key.owner)}]" if with_owner else ""
        name.markdown(f"**{plain(key.name)}**{owner}")
        scopes.markdown(" · ".join(t(_SHORT[scope]) for scope in key.scopes))
        used.markdown(f"{_used(key)}  \n:gray[{_ends(key)}]")
        with action, calm():
            if key.active and st.button(t("Revoke"), key=f"revoke-{key.id}", width="stretch"):
                revoke_key(studio, actor, key.id)
                st.rerun()


def draw_example(studio: Studio) -> None:
    """How a program calls, with the address of this very studio."""
    here = urlsplit(st.context.url or studio.settings.resolved_public_url)
    base = f"{here.scheme}://{here.netloc}/api/v1"
    st.caption(t("A program brings its key in a header. This orders four images; their job tells when they are there:"))
    st.code(
        f"curl {base}/orders -H 'Authorization: Bearer eg_…' -H 'Idempotency-Key: order-0001' \\\n"
        """     -H 'Content-Type: application/json' -d '{"text": "red dress", "number": 4}'\n"""
        f"curl {base}/jobs/JOB -H 'Authorization: Bearer eg_…'",
        language="bash",
        wrap_lines=True,
    )
    st.caption(t("All calls are described in {address}.", address=f"`{base}/openapi.json`"))


def _lasts(days: int | None) -> str:
    return t("never: until it is revoked") if days is None else plural("{n} day", "{n} days", days)


def _used(key: ApiKeyView) -> str:
    return t("used {ago}", ago=ago(key.last_used_at)) if key.last_used_at else t("not used yet")


def _ends(key: ApiKeyView) -> str:
    if key.revoked_at:
        return t("revoked on {day}", day=date(key.revoked_at))
    if key.expires_at is None:
        return t("does not end by itself")
    if not key.active:
        return t("ended on {day}", day=date(key.expires_at))
    return t("ends on {day}", day=date(key.expires_at))
