"""What the model calls the words of the catalogue: suggestions to confirm, one word a row."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from db.tables import Role
from studio.bootstrap import Studio
from studio.catalogue.value_mappings import SURE, WordView, confirm, forget, known_values, suggest
from studio.making.briefs import ARTICLE, COLOUR, USAGE
from studio.roles import Actor
from studio.ui import filters
from studio.ui.i18n import date, msg, number, plural, t
from studio.ui.labels import term
from studio.ui.notices import empty

FIELDS: dict[str, str] = {ARTICLE: msg("Categories"), COLOUR: msg("Colours"), USAGE: msg("Uses")}
_NONE = "\u2014"  # the model has no word for it
_ROUND = "words_round"


def draw_words(studio: Studio, actor: Actor) -> None:
    """All of the view."""
    may_edit = actor.may(Role.EDITOR)
    st.caption(
        t(
            "Your catalogue and the model call things differently. What you confirm here is what orders and "
            "fine-tuning go by. A new word is one that the model does not know yet: fine-tuning teaches it."
        )
    )
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
    with bar:
        options = {field: t(label) for field, label in FIELDS.items()}
        field = filters.switch_between(t("Words"), options, param="field", default=ARTICLE)
    words = suggest(studio, actor, field)
    if not words:
        with empty(t("No words here"), t("No product says anything of this kind yet."), icon="translate"):
            pass
        return
    taught, new = known_values(studio, actor, field)
    sure = {
        word.source: word.suggestion
        for word in words
        if word.confirmed_at is None and word.suggestion is not None and word.likeness >= SURE
    }
    with bar, st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        settled = sum(word.confirmed_at is not None for word in words)
        st.caption(t("{done} of {total} confirmed", done=number(settled), total=number(len(words))), width="content")
        label = plural("Confirm {n} that is sure", "Confirm {n} that are sure", len(sure))
        if may_edit and sure and st.button(label, icon=":material/done_all:", key="words-sure"):
            confirm(studio, actor, field, sure)
            _again()
    edited = _draw_table(words, [*taught, *new, _NONE], field, may_edit=may_edit)
    if may_edit:
        _draw_save(studio, actor, field, words, edited)


def _draw_table(words: list[WordView], values: list[str], field: str, *, may_edit: bool) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "source": [word.source for word in words],
            "products": [word.products for word in words],
            "value": [_shown(word) for word in words],
            "new": ["" for _ in words],
            "sure": [None if word.confirmed_at else word.likeness * 100 for word in words],
            "confirmed": [word.confirmed_at is not None for word in words],
            "state": [_state(word, values) for word in words],
        }
    )
    columns: dict[str, Any] = {
        "source": st.column_config.TextColumn(t("In the catalogue"), width=280),
        "products": st.column_config.NumberColumn(t("Products"), width=80),
        "value": st.column_config.SelectboxColumn(
            t("The model's word"), options=values, width=180, format_func=lambda value: _named(str(value))
        ),
        "new": st.column_config.TextColumn(t("Or a new word to teach"), width=200, max_chars=120),
        "sure": st.column_config.ProgressColumn(t("Likeness"), min_value=0, max_value=100, format="%.0f%%", width=120),
        "confirmed": st.column_config.CheckboxColumn(t("Confirmed"), width=115),
        "state": st.column_config.TextColumn(t("State"), width=180),
    }
    edited: pd.DataFrame = st.data_editor(
        table,
        hide_index=True,
        num_rows="fixed",
        row_height=40,
        height=min(42 + 40 * len(words), 482),
        disabled=["source", "products", "sure", "state"] if may_edit else True,
        column_config=columns,
        key=f"words-{field}-{st.session_state.get(_ROUND, 0)}",
        alt=t("Words"),
    )
    return edited


def _draw_save(studio: Studio, actor: Actor, field: str, words: list[WordView], edited: pd.DataFrame) -> None:
    chosen: dict[str, str | None] = {}
    dropped: list[str] = []
    for word, row in zip(words, edited.to_dict("records"), strict=True):
        new = str(row["new"] or "").strip()
        value = new or row["value"]
        value = None if value in (None, _NONE, "") else str(value)
        if row["confirmed"] or new:
            if word.confirmed_at is None or value != word.value:
                chosen[word.source] = value
        elif word.confirmed_at is not None:
            dropped.append(word.source)
    changes = len(chosen) + len(dropped)
    label = plural("Save {n} change", "Save {n} changes", changes) if changes else t("Save")
    if st.button(label, type="primary", disabled=not changes, key="words-save"):
        if chosen:
            confirm(studio, actor, field, chosen)
        if dropped:
            forget(studio, actor, field, dropped)
        _again()


def _again() -> None:
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1  # the table forgets what was edited in it
    st.rerun()


def _shown(word: WordView) -> str | None:
    if word.confirmed_at is not None:
        return word.value or _NONE
    return word.suggestion


def _named(value: str) -> str:
    return t("no word for it") if value == _NONE else term(value)


def _state(word: WordView, values: list[str]) -> str:
    if word.confirmed_at is not None:
        return t("{name}, {day}", name=word.confirmed_by or "", day=date(word.confirmed_at))
    return t("suggested") if word.suggestion else t("no suggestion")
