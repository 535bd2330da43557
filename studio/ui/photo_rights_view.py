"""The dialog in which people state the rights of photos, or answer for what is not confirmed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from db.tables import LicenceState
from studio.bootstrap import Studio
from studio.photos.listing import answer_for, set_rights
from studio.photos.rights import MOST_NOTE, Statement
from studio.roles import Actor
from studio.ui.i18n import msg, plural, t
from studio.ui.notices import calm

LICENCES: dict[LicenceState, str] = {
    LicenceState.GRANTED: msg("Ours, or licensed for this use"),
    LicenceState.UNCONFIRMED: msg("Not confirmed yet"),
    LicenceState.REFUSED: msg("Refused: use it nowhere"),
}
CONSENTS: dict[LicenceState, str] = {
    LicenceState.GRANTED: msg("Nobody is to be seen, or all agreed"),
    LicenceState.UNCONFIRMED: msg("Not confirmed yet"),
    LicenceState.REFUSED: msg("Refused: use it nowhere"),
}


def statement_form(*, key: str, refusals: bool) -> Statement:
    """The three fields of a statement; `refusals`: whether a refusal may be stated, too."""
    states = list(LicenceState) if refusals else [LicenceState.GRANTED, LicenceState.UNCONFIRMED]
    licence, consent = st.columns(2)
    of_picture = licence.selectbox(
        t("Licence of the pictures"),
        states,
        index=1,
        format_func=lambda state: t(LICENCES[state]),
        key=f"{key}-licence",
    )
    of_people = consent.selectbox(
        t("Consent of the people in them"),
        states,
        index=1,
        format_func=lambda state: t(CONSENTS[state]),
        key=f"{key}-consent",
    )
    note = st.text_input(
        t("Note"),
        placeholder=t("Where the rights come from, such as: own studio, spring 2026"),
        max_chars=MOST_NOTE,
        key=f"{key}-note",
    )
    return Statement(of_picture, of_people, " ".join((note or "").split()))


def open_rights(studio: Studio, actor: Actor, hashes: Sequence[str]) -> None:
    """Open the dialog for these pictures."""

    @st.dialog(plural("Rights of {n} photo", "Rights of {n} photos", len(hashes)), width="medium")
    def dialog() -> None:
        with calm():
            ways = {"state": t("State the rights"), "answer": t("Answer for what is unconfirmed")}
            way = st.segmented_control(
                t("Rights"),
                list(ways),
                default="state",
                required=True,
                format_func=ways.__getitem__,
                label_visibility="collapsed",
                key="rights-way",
            )
            if way == "answer":
                _answer(studio, actor, hashes)
            else:
                _state(studio, actor, hashes)

    dialog()


def _state(studio: Studio, actor: Actor, hashes: Sequence[str]) -> None:
    statement = statement_form(key="rights", refusals=True)
    st.caption(t("A photo with a refused right is used nowhere: not for teaching, not beside an image, not as proof."))
    if st.button(t("Save"), type="primary", key="rights-save"):
        set_rights(studio, actor, hashes, statement)
        st.rerun()


def _answer(studio: Studio, actor: Actor, hashes: Sequence[str]) -> None:
    st.write(
        t(
            "You say that these photos may be used although no paper confirms it yet. Your name and this day stay with "
            "them. Settled and refused ones stay as they are."
        )
    )
    note = st.text_input(t("Note"), max_chars=MOST_NOTE, key="rights-answer-note")
    if st.button(t("I answer for them"), type="primary", key="rights-answer"):
        answer_for(studio, actor, hashes, " ".join((note or "").split()))
        st.rerun()
