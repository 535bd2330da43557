"""The dialog that changes many products at once, with its preview, and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from studio.bootstrap import Studio
from studio.catalogue.bulk_edit import (
    FIELDS,
    EditPreview,
    attribute_names,
    edit_products,
    latest_edit,
    preview_edit,
    undo_edit,
)
from studio.catalogue.products import Facets
from studio.roles import Actor
from studio.ui.i18n import msg, number, plural, t
from studio.ui.labels import plain
from studio.ui.notices import calm

_MADE = "bulk_edit_made"
_TAKEN_BACK = "bulk_edit_taken_back"

NAMES: dict[str, str] = {
    "category": msg("Category"),
    "colour": msg("Colour"),
    "usage": msg("Use"),
    "size": msg("Size"),
}


def open_edit(studio: Studio, actor: Actor, product_ids: Sequence[int], known: Facets) -> None:
    """Open the dialog for these products."""

    @st.dialog(plural("Change {n} product", "Change {n} products", len(product_ids)), width="large")
    def dialog() -> None:
        with calm():
            values = _draw_fields(studio, actor, product_ids, known)
            if not values:
                st.caption(t("Fields that you leave alone stay as they are."))
                return
            preview = preview_edit(studio, actor, product_ids, values)
            _draw_preview(preview, values)
            label = plural("Change {n} product", "Change {n} products", preview.changed)
            if st.button(label, type="primary", disabled=not preview.changed, key="edit-apply"):
                st.session_state[_MADE] = edit_products(studio, actor, product_ids, values, preview.digest)
                st.rerun()

    dialog()


def draw_way_back(studio: Studio, actor: Actor) -> None:
    """After a change in bulk: what was changed, and the button that takes it back."""
    taken_back: tuple[int, int] | None = st.session_state.pop(_TAKEN_BACK, None)
    if taken_back is not None:
        restored, left = taken_back
        told = plural("{n} product is as it was.", "{n} products are as they were.", restored)
        if left:
            told += " " + plural("{n} was changed again since.", "{n} were changed again since.", left)
        st.success(told, icon=":material/undo:")
    made = st.session_state.get(_MADE)
    edit = latest_edit(studio, actor) if made else None
    if edit is None or edit.id != made:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="bulk-edit-made"):
        said = ", ".join(f"{_name(name)}: {value or t('none')}" for name, value in edit.values.items())
        st.markdown(
            f":green[●] {plural('{n} product changed', '{n} products changed', edit.products)} · {plain(said)}",
            width="stretch",
        )
        if st.button(t("Take it back"), icon=":material/undo:", key="bulk-edit-undo"):
            st.session_state[_TAKEN_BACK] = undo_edit(studio, actor, edit.id)
            del st.session_state[_MADE]
            st.rerun()
        if st.button(t("Close"), type="tertiary", key="bulk-edit-close"):
            del st.session_state[_MADE]
            st.rerun()


def _draw_fields(studio: Studio, actor: Actor, product_ids: Sequence[int], known: Facets) -> dict[str, str]:
    options: dict[str, list[str]] = {
        "category": list(known.categories),
        "colour": list(known.colours),
        "usage": list(known.usages),
        "size": [],
    }
    columns = st.columns(len(FIELDS))
    values: dict[str, str] = {}
    for column, field in zip(columns, FIELDS, strict=True):
        value = column.selectbox(
            t(NAMES[field]),
            options[field],
            index=None,
            placeholder=t("as it is"),
            accept_new_options=True,
            key=f"edit-{field}",
        )
        if value:
            values[field] = str(value)
    name_of, text_of, empty_of = st.columns([1, 1, 2])
    name = name_of.selectbox(
        t("Attribute"),
        attribute_names(studio, actor, product_ids),
        index=None,
        placeholder=t("none"),
        accept_new_options=True,
        key="edit-attribute",
    )
    text = text_of.text_input(t("Its value"), key="edit-value", disabled=not name)
    if name:
        values[str(name)] = text or ""
    emptied = empty_of.multiselect(
        t("Make empty"),
        [field for field in FIELDS if field != "category"],
        format_func=lambda field: t(NAMES[field]),
        placeholder=t("none"),
        key="edit-empty",
    )
    return values | dict.fromkeys(emptied, "")


def _draw_preview(preview: EditPreview, values: Mapping[str, str]) -> None:
    left = plural("{n} says this already.", "{n} say this already.", preview.unchanged) if preview.unchanged else ""
    st.caption(plural("{n} product would change.", "{n} products would change.", preview.changed) + " " + left)
    if not preview.products:
        return
    rows = [
        {
            t("SKU"): product.sku,
            t("Title"): product.title,
            t("Field"): _name(name),
            t("Now"): now,
            t("Then"): then,
        }
        for product in preview.products
        for name, (now, then) in product.changes.items()
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height=min(38 + 35 * len(rows), 320), key="edit-preview")
    if preview.changed > len(preview.products):
        st.caption(t("The first {n} are shown.", n=number(len(preview.products))))


def _name(field: str) -> str:
    return t(NAMES[field]) if field in NAMES else field
