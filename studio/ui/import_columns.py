"""The columns of a catalogue file: what each was recognised as, to be corrected field by field."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from studio.errors import InputError
from studio.imports.layouts import FIELDS, LAYOUTS, PLAIN_TARGETS, Columns, Target
from studio.imports.reading import FileView
from studio.ui.i18n import msg, plural, t
from studio.ui.labels import plain
from studio.ui.notices import refusal

LAYOUT_NAMES = {
    "own": msg("EcomGAN Studio"),
    "magento": msg("Magento"),
    "shopify": msg("Shopify"),
    "shopify_legacy": msg("Shopify, older headers"),
    "google": msg("Google product feed"),
    "other": msg("Table without a known layout"),
}

_FIELD_NAMES = {
    Target.SKU: msg("SKU"),
    Target.TITLE: msg("Title"),
    Target.DESCRIPTION: msg("Description"),
    Target.CATEGORY: msg("Category"),
    Target.COLOUR: msg("Colour"),
    Target.USAGE: msg("Usage"),
    Target.SIZE: msg("Size"),
    Target.PARENT_SKU: msg("Family (parent SKU)"),
}

_STRUCTURE = {
    Target.PACKED: msg("attributes in one cell"),
    Target.VARIANTS: msg("the variants of a product"),
    Target.STORE_VIEW: msg("translations"),
    Target.OPTIONS: msg("options of variants"),
    Target.VARIANT_PHOTO: msg("photos of variants"),
}

_ELSEWHERE = {
    Target.COLOUR: (Target.PACKED, Target.OPTIONS),
    Target.SIZE: (Target.PACKED, Target.OPTIONS),
    Target.PARENT_SKU: (Target.VARIANTS,),
}
"""Fields that a column of a structure of its own fills where they have none."""

_SHOWN = 40  # characters of an example


def draw_columns(view: FileView, key: str) -> Columns | None:
    """The mapping as the user left it, or None while it cannot be used; says why then. `key` is that of the file."""
    _draw_recognised(view)
    columns = {column.name: column for column in view.columns}
    choosable = [column.name for column in view.columns if column.target in PLAIN_TARGETS]
    chosen: dict[Target, str] = {}
    with st.grid(4, min_column_width=220):
        for target in FIELDS:
            with st.container(gap="xxsmall"):
                name = _draw_field(view, target, choosable, key)
                if name:
                    chosen[target] = name
                example = columns[name].example if name else ""
                st.caption(plain(_cut(example)) if example else "\u2003")
    rest = [name for name in choosable if name not in chosen.values()]
    photos = _draw_several(t("Photos"), rest, view, Target.PHOTOS, key)
    kept = _draw_several(
        t("Kept as attributes"), [name for name in rest if name not in photos], view, Target.ATTRIBUTE, key
    )
    _draw_rest(view, [name for name in rest if name not in (*photos, *kept)])
    return _mapping(view, chosen, photos, kept)


def _draw_recognised(view: FileView) -> None:
    facts = [view.form, plural("{n} column", "{n} columns", len(view.columns))]
    if view.layout == "other":
        st.warning(
            t("This file follows no layout that is known here. Say which column holds what."), icon=":material/help:"
        )
    else:
        name = t(LAYOUT_NAMES[view.layout])
        st.markdown(f":green[●] **{t('Recognised: {layout}', layout=name)}** · {' · '.join(facts)}")
    for note in view.notes:
        st.info(plain(note), icon=":material/info:")


def _draw_field(view: FileView, target: Target, choosable: Sequence[str], key: str) -> str | None:
    now = next((column.name for column in view.columns if column.target is target), None)
    needed = target in LAYOUTS[view.layout].required
    return st.selectbox(
        t(_FIELD_NAMES[target]) + (" \\*" if needed else ""),
        choosable,
        index=choosable.index(now) if now in choosable else None,
        placeholder=_elsewhere(view, target) or (t("Choose a column") if needed else t("Not in the file")),
        key=f"column-{key}-{target.value}",
    )


def _elsewhere(view: FileView, target: Target) -> str:
    found = (column.name for column in view.columns if column.target in _ELSEWHERE.get(target, ()))
    name = next(found, None)
    return t("From {column}", column=name) if name else ""


def _draw_several(label: str, names: Sequence[str], view: FileView, target: Target, key: str) -> list[str]:
    now = {column.name for column in view.columns if column.target is target}
    return st.multiselect(
        label,
        list(names),
        default=[name for name in names if name in now],
        placeholder=t("None"),
        key=f"columns-{key}-{target.value}",
    )


def _draw_rest(view: FileView, left_out: Sequence[str]) -> None:
    read = [
        f"{plain(column.name)} ({t(_STRUCTURE[column.target])})"
        for column in view.columns
        if column.target in _STRUCTURE
    ]
    if read:
        st.caption(t("Read as well: {columns}", columns=", ".join(read)))
    if left_out:
        told = plural("{n} column is left out", "{n} columns are left out", len(left_out))
        st.caption(told, help=plain(", ".join(left_out)))


def _mapping(view: FileView, chosen: dict[Target, str], photos: Sequence[str], kept: Sequence[str]) -> Columns | None:
    twice = {name for name in chosen.values() if list(chosen.values()).count(name) > 1}
    if twice:
        refusal(InputError(f"The column {sorted(twice)[0]!r} is chosen for two fields. Choose it for one of them."))
        return None
    missing = [target for target in LAYOUTS[view.layout].required if target not in chosen]
    if missing:
        names = ", ".join(t(_FIELD_NAMES[target]) for target in missing)
        st.warning(t("Still needed: {fields}", fields=names), icon=":material/rule:")
        return None
    mapping = {}
    by_name = {name: target for target, name in chosen.items()}
    for column in view.columns:
        if column.target in _STRUCTURE:
            mapping[column.name] = column.target
        elif column.name in photos:
            mapping[column.name] = Target.PHOTOS
        elif column.name in kept:
            mapping[column.name] = Target.ATTRIBUTE
        else:
            mapping[column.name] = by_name.get(column.name, Target.LEFT_OUT)
    return mapping


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
