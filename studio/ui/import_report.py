"""What an import would do, or did: its figures, and its rows page by page."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from studio.bootstrap import Studio
from studio.imports.catalogue_import import ImportView
from studio.imports.staged_rows import RowKind, StagedRow, problems_csv, staged_rows
from studio.roles import Actor
from studio.ui.i18n import msg, number, plural, t
from studio.ui.labels import plain

_PAGE = 100

_KINDS = {
    RowKind.REFUSED: msg("Refused"),
    RowKind.WARNED: msg("Warnings"),
    RowKind.ABSENT: msg("Photos not here yet"),
    RowKind.CHANGED: msg("Changed"),
    RowKind.NEW: msg("New"),
}
_MEANINGS = {
    RowKind.REFUSED: msg("These rows are left out. Correct them in the file and import it again, or go on without."),
    RowKind.WARNED: msg("These rows come in; look whether they came in as you meant."),
    RowKind.ABSENT: msg("The file names these photos, and they have not come. The products are in without them."),
    RowKind.CHANGED: msg("What the catalogue says now, and what it would say."),
    RowKind.NEW: msg("Products that the catalogue does not have yet."),
}
_NOT_COME = msg("has not come yet")
_PROBLEMS = (RowKind.REFUSED, RowKind.WARNED, RowKind.ABSENT)


def draw_figures(shown: ImportView) -> None:
    """How many products are new, changed, the same, refused, and how many warnings there are: rows that came in oddly,
    and photos that did not come.
    """
    figures = (
        (t("New"), shown.new),
        (t("Changed"), shown.changed),
        (t("Unchanged"), shown.unchanged),
        (t("Refused rows"), shown.refused),
        (t("Warnings"), shown.warnings + shown.absent),
    )
    with st.grid(5, min_column_width=150):
        for label, value in figures:
            st.metric(label, number(value), border=True)
    if shown.photos:
        told = plural("{n} photo is named in it.", "{n} photos are named in it.", shown.photos)
        if shown.applied_at is None:
            told += f" {t('Their files come after the import, under Photos.')}"
        elif shown.absent:
            told += f" {plural('{n} has not come yet.', '{n} have not come yet.', shown.absent)}"
        st.caption(f":material/photo_library: {told}")
    for note in shown.notes:
        st.info(plain(note), icon=":material/info:")


def draw_rows(studio: Studio, actor: Actor, shown: ImportView) -> None:
    """The rows of one kind as a table, a page at a time."""
    numbers = {
        RowKind.REFUSED: shown.refused,
        RowKind.WARNED: shown.warnings,
        RowKind.ABSENT: shown.absent,
        RowKind.CHANGED: shown.changed,
        RowKind.NEW: shown.new,
    }
    kinds = [kind for kind in _KINDS if numbers[kind]]
    if not kinds:
        return
    kind = st.segmented_control(
        t("Rows"),
        kinds,
        default=kinds[0],
        required=True,
        format_func=lambda kind: f"{t(_KINDS[kind])} {number(numbers[kind])}",
        label_visibility="collapsed",
        key=f"import-rows-{shown.id}",
    )
    if kind not in kinds:
        kind = kinds[0]
    if shown.applied_at is None or kind not in (RowKind.CHANGED, RowKind.NEW):
        st.caption(t(_MEANINGS[kind]))
    pages = -(-numbers[kind] // _PAGE)
    below = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
    page = 1
    if pages > 1:
        with below:
            page = st.pagination(pages, key=f"import-page-{shown.id}-{kind.value}") or 1
    rows = staged_rows(studio, actor, shown.id, kind, page=page, size=_PAGE)
    st.dataframe(
        _table(kind, rows),
        hide_index=True,
        key=f"{kind.value}_rows",
        placeholder="",
        column_config={
            t("Row"): st.column_config.NumberColumn(width=70),
            t("SKU"): st.column_config.TextColumn(width=170),
            t("Reason"): st.column_config.TextColumn(width=520),
        },
    )
    if kind in _PROBLEMS:
        with below:
            st.download_button(
                t("Download as CSV"),
                lambda: problems_csv(studio, actor, shown.id, kind),
                f"{kind.value}_rows.csv",
                "text/csv",
                type="tertiary",
                icon=":material/download:",
                on_click="ignore",
            )


def _table(kind: RowKind, rows: Sequence[StagedRow]) -> pd.DataFrame:
    if kind in _PROBLEMS:
        refused = kind is RowKind.REFUSED
        told = [(row, one) for row in rows for one in row.problems if one.refused == refused]
        return pd.DataFrame(
            {
                t("Row"): [row.row for row, _ in told],
                t("SKU"): [row.sku for row, _ in told],
                t("Column"): [one.column for _, one in told],
                t("Reason"): [t(_NOT_COME) if kind is RowKind.ABSENT else one.reason for _, one in told],
                t("Value"): [one.value for _, one in told],
            }
        )
    if kind is RowKind.CHANGED:
        changes = [(row, change) for row in rows for change in row.changes]
        return pd.DataFrame(
            {
                t("Row"): [row.row for row, _ in changes],
                t("SKU"): [row.sku for row, _ in changes],
                t("Field"): [change.field for _, change in changes],
                t("Now"): [change.old for _, change in changes],
                t("Then"): [change.new for _, change in changes],
            }
        )
    return pd.DataFrame(
        {
            t("Row"): [row.row for row in rows],
            t("SKU"): [row.sku for row in rows],
            t("Title"): [row.title for row in rows],
            t("Category"): [row.category for row in rows],
            t("Colour"): [row.colour or "" for row in rows],
            t("Size"): [row.size or "" for row in rows],
            t("Family"): [row.parent_sku or "" for row in rows],
            t("Photos"): [row.photos for row in rows],
        }
    )
