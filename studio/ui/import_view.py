"""The import of a product table: choose a file, see what would happen, then do it."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from studio.bootstrap import Studio
from studio.catalogue_import import ImportReport, apply_import, dry_run
from studio.roles import Actor
from studio.spreadsheet import write_csv
from studio.ui.i18n import plural, t
from studio.ui.labels import plain
from studio.ui.notices import calm

_ROUND = "import_round"

TEMPLATE = (
    "sku,title,description,category,colour,usage,size,parent_sku\n"
    'SHIRT-001-NAVY,"Oxford shirt, navy","Cotton, button-down collar",Shirts,Navy Blue,Casual,M,SHIRT-001\n'
)


def draw_import(studio: Studio, actor: Actor) -> None:
    """The whole way from a file to products in the catalogue."""
    st.caption(
        t(
            "A CSV file with one product a row. It needs the columns sku, title and category; description, colour, "
            "usage, size and parent_sku are understood too, all others are kept as attributes."
        )
    )
    st.download_button(
        t("Download a template"), TEMPLATE.encode("utf-8-sig"), "products.csv", "text/csv", icon=":material/download:"
    )
    done: ImportReport | None = st.session_state.pop("import_done", None)
    if done:
        st.success(_summary(done), icon=":material/check_circle:")
    upload = st.file_uploader(
        t("Product table (CSV, up to 20 MB)"),
        type=["csv", "tsv", "txt"],
        key=f"upload-{st.session_state.get(_ROUND, 0)}",
    )
    if upload is not None:
        with calm():
            report = _report(studio, actor, upload)
            _draw_report(studio, actor, report, upload)


def _report(studio: Studio, actor: Actor, upload: UploadedFile) -> ImportReport:
    """The dry run of the file, made once: a rerun of the page does not read the file again."""
    kept: tuple[str, ImportReport] | None = st.session_state.get("import_report")
    if kept is None or kept[0] != upload.file_id:
        kept = (upload.file_id, dry_run(studio, actor, upload.getvalue(), upload.name))
        st.session_state["import_report"] = kept
    return kept[1]


def _draw_report(studio: Studio, actor: Actor, report: ImportReport, upload: UploadedFile) -> None:
    st.subheader(t("What the import would do"), anchor=False)
    new, changed, unchanged, refused = st.columns(4)
    new.metric(t("New"), len(report.new), border=True)
    changed.metric(t("Changed"), len(report.changed), border=True)
    unchanged.metric(t("Unchanged"), report.unchanged, border=True)
    refused.metric(t("Refused rows"), report.refused_rows, border=True)
    count = len(report.new) + len(report.changed)
    if count == 0:
        st.write(t("There is nothing to import: the catalogue says all of this already."))
    elif st.button(plural("Import {n} product", "Import {n} products", count), type="primary"):
        del st.session_state["import_report"]  # a refusal below asks for a fresh dry run
        done = apply_import(studio, actor, upload.getvalue(), upload.name, report.digest)
        st.session_state["import_done"] = done
        st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1  # empties the field for the file
        st.rerun()
    for note in report.notes:
        st.info(plain(note), icon=":material/info:")
    _draw_tables(report)


def _draw_tables(report: ImportReport) -> None:
    if report.refused:
        st.markdown(t("**Refused.** These rows are left out; correct them and import the file again."))
        refused = pd.DataFrame(
            {
                t("Row"): [refusal.row for refusal in report.refused],
                t("Column"): [refusal.column for refusal in report.refused],
                t("Reason"): [refusal.reason for refusal in report.refused],
                t("Value"): [refusal.value for refusal in report.refused],
            }
        )
        st.dataframe(refused, hide_index=True, key="refused_rows")
        st.download_button(
            t("Download the refused rows"),
            _refused_csv(report),
            "refused_rows.csv",
            "text/csv",
            icon=":material/download:",
        )
    if report.changed:
        st.markdown(t("**Changed.** What the catalogue says now, and what it would say."))
        changes = [(product, change) for product in report.changed for change in product.changes]
        changed = pd.DataFrame(
            {
                t("Row"): [product.row for product, _ in changes],
                t("SKU"): [product.sku for product, _ in changes],
                t("Field"): [change.field for _, change in changes],
                t("Now"): [change.old for _, change in changes],
                t("Then"): [change.new for _, change in changes],
            }
        )
        st.dataframe(changed, hide_index=True, key="changed_rows")
    if report.new:
        st.markdown(t("**New.**"))
        new = pd.DataFrame(
            {
                t("Row"): [product.row for product in report.new],
                t("SKU"): [product.sku for product in report.new],
                t("Title"): [product.title for product in report.new],
            }
        )
        st.dataframe(new, hide_index=True, key="new_rows")


def _summary(report: ImportReport) -> str:
    parts = [
        plural("{n} product added", "{n} products added", len(report.new)),
        plural("{n} changed", "{n} changed", len(report.changed)),
        plural("{n} row refused", "{n} rows refused", report.refused_rows),
    ]
    return plain(report.file_name) + ": " + ", ".join(parts)


def _refused_csv(report: ImportReport) -> bytes:
    rows = [(refusal.row, refusal.column, refusal.reason, refusal.value) for refusal in report.refused]
    return write_csv(("row", "column", "reason", "value"), rows)
