"""The licence of a version: how it stands, who answers for it, and the form in which an admin changes that."""

from __future__ import annotations

import streamlit as st

from db.tables import LicenceState, Role
from studio.bootstrap import Studio
from studio.models.licences import LONGEST_NOTE, acknowledge_licence, set_licence
from studio.models.versions import VersionView
from studio.roles import Actor
from studio.ui.i18n import date, msg, t
from studio.ui.labels import BADGE_COLOURS, Tone, plain
from studio.ui.notices import calm

LICENCES: dict[LicenceState, tuple[str, Tone]] = {
    LicenceState.GRANTED: (msg("Licence granted"), "good"),
    LicenceState.UNCONFIRMED: (msg("Licence unconfirmed"), "warn"),
    LicenceState.REFUSED: (msg("Licence refused"), "bad"),
}
_MEANINGS = {
    LicenceState.GRANTED: msg("the rights in weights and training data are settled"),
    LicenceState.UNCONFIRMED: msg("nobody has confirmed them; a person may answer for that"),
    LicenceState.REFUSED: msg("its images cannot leave the studio, nor those of models taught from it"),
}


def licence_line(version: VersionView) -> str:
    """A coloured dot with how the licence stands, and who answers for an unconfirmed one."""
    label, tone = LICENCES[version.model.licence]
    said = t(label)
    if version.acknowledged_by and version.acknowledged_at:
        name, day = plain(version.acknowledged_by), date(version.acknowledged_at)
        said, tone = t("Licence unconfirmed: acknowledged by {name} on {day}", name=name, day=day), "info"
    note = f" :gray[{plain(version.licence_note)}]" if version.licence_note else ""
    return f":{BADGE_COLOURS[tone]}[●] {said}{note}"


def draw_licence(studio: Studio, actor: Actor, version: VersionView) -> None:
    """The line, and beside it what an admin can do about it."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"licence-{version.model.id}"):
        st.markdown(licence_line(version), width="stretch" if not actor.may(Role.ADMIN) else "content")
        if actor.may(Role.ADMIN):
            if version.model.licence is LicenceState.UNCONFIRMED and not version.acknowledged_by:
                _draw_answer(studio, actor, version)
            with st.popover(t("Change"), type="tertiary", key=f"licence-form-{version.model.id}"):
                _draw_form(studio, actor, version)
    if version.refusal and version.model.licence is not LicenceState.REFUSED:
        st.caption(f":red[●] {t('Its images cannot leave:')} {plain(version.refusal)}.")


def _draw_answer(studio: Studio, actor: Actor, version: VersionView) -> None:
    why = t("Until somebody confirms the rights, a person can answer for them.")
    if st.button(t("I answer for it"), help=why, key=f"acknowledge-{version.model.id}"):
        with calm():
            acknowledge_licence(studio, actor, version.model.id)
            st.rerun()


def _draw_form(studio: Studio, actor: Actor, version: VersionView) -> None:
    with st.form(f"licence-state-{version.model.id}", border=False):
        state = st.radio(
            t("How the rights stand"),
            list(LicenceState),
            index=list(LicenceState).index(version.model.licence),
            format_func=lambda one: t(LICENCES[one][0]),
            captions=[t(_MEANINGS[one]) for one in LicenceState],
        )
        note = st.text_input(
            t("What that rests on"),
            version.licence_note,
            max_chars=LONGEST_NOTE,
            placeholder=t("A contract, a page, a name"),
        )
        pressed = st.form_submit_button(t("Save"))
    if pressed and state:
        with calm():
            set_licence(studio, actor, version.model.id, state, note)
            st.rerun()
