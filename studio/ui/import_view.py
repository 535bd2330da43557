"""The import of a catalogue file: choose it, see what its columns become, check it, see what would happen, do it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from db.tables import JobState
from studio.bootstrap import Studio
from studio.errors import Conflict, NotFound
from studio.imports.catalogue_import import (
    ImportView,
    apply_import,
    check_again,
    columns_of,
    discard_import,
    find_import,
    list_imports,
    look_at,
    start_import,
)
from studio.imports.files import MAX_BYTES
from studio.imports.reading import FileView
from studio.roles import Actor
from studio.ui.i18n import ago, duration, number, plural, t
from studio.ui.import_columns import LAYOUT_NAMES, draw_columns
from studio.ui.import_report import draw_figures, draw_rows
from studio.ui.labels import plain
from studio.ui.notices import calm, refusal
from studio.ui.places import page_of
from studio.work.jobs import JobView, cancel_job

_PARAM = "import"
_ROUND, _LOOKED_AT = "import_round", "import_looked_at"
_POLL_SECONDS = 0.5
_LISTED = 8

TEMPLATE = (
    "sku,title,description,category,colour,usage,size,parent_sku\n"
    'SHIRT-001-NAVY,"Oxford shirt, navy","Cotton, button-down collar",Shirts,Navy Blue,Casual,M,SHIRT-001\n'
)


def draw_import(studio: Studio, actor: Actor) -> None:
    """The whole way from a file to products in the catalogue; the address says which import is looked at."""
    wanted = st.query_params.get(_PARAM, "")
    if not wanted.isdecimal() or len(wanted) > 9:
        _draw_choice(studio, actor)
        return
    try:
        shown = find_import(studio, actor, int(wanted))
    except NotFound as error:
        refusal(error)
        _draw_choice(studio, actor)
        return
    _draw_one(studio, actor, shown)


def _draw_choice(studio: Studio, actor: Actor) -> None:
    upload = st.file_uploader(
        t("Product table: CSV, Excel (XLSX) or XML feed, up to {n} MB", n=MAX_BYTES // 2**20),
        type=["csv", "tsv", "txt", "xlsx", "xml"],
        key=f"upload-{st.session_state.get(_ROUND, 0)}",
    )
    if upload is None:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.caption(
                t(
                    "Exports of Magento and Shopify and Google product feeds are recognised by their columns, and so "
                    "is our own layout; any other table can be mapped. Nothing is imported before you say so."
                ),
                width="stretch",
            )
            st.download_button(
                t("Download a template"),
                TEMPLATE.encode("utf-8-sig"),
                "products.csv",
                "text/csv",
                type="tertiary",
                icon=":material/download:",
            )
        _draw_earlier(studio, actor)
        return
    with calm():
        mapping = draw_columns(_looked_at(studio, actor, upload), upload.file_id)
        if st.button(t("Check the file"), type="primary", icon=":material/fact_check:", disabled=mapping is None):
            _show(start_import(studio, actor, upload.getvalue(), upload.name, mapping))


def _looked_at(studio: Studio, actor: Actor, upload: UploadedFile) -> FileView:
    """What the file is, looked at once: a rerun of the page does not read it again."""
    kept: tuple[str, FileView] | None = st.session_state.get(_LOOKED_AT)
    if kept is None or kept[0] != upload.file_id:
        kept = (upload.file_id, look_at(studio, actor, upload.getvalue()))
        st.session_state[_LOOKED_AT] = kept
    return kept[1]


def _draw_earlier(studio: Studio, actor: Actor) -> None:
    found = list_imports(studio, actor, limit=_LISTED)
    if not found:
        return
    st.subheader(t("Earlier imports"), anchor=False)
    for one in found:
        with st.container(border=True, key=f"import-{one.id}", horizontal=True, vertical_alignment="center"):
            with st.container(gap="xxsmall", width="stretch"):
                st.markdown(f"**{plain(one.file_name)}**")
                st.caption(f"{t(LAYOUT_NAMES[one.layout])} · {plain(one.user)} · {ago(one.created_at)}")
            st.markdown(_state(one), width="content")
            st.page_link(page_of("catalogue"), label=t("Open"), query_params={"view": "import", _PARAM: str(one.id)})


def _state(shown: ImportView) -> str:
    if shown.applied_at is not None:
        return f":green[●] {_came_in(shown)}"
    if shown.open:
        return f":orange[●] {t('Checked, not imported yet')}"
    if shown.staged_at is not None:
        return f":gray[●] {t('Nothing to import')}"
    return f":gray[●] {t('Not checked to the end')}"


def _draw_one(studio: Studio, actor: Actor, shown: ImportView) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{plain(shown.file_name)}**", width="content")
        st.caption(f"{t(LAYOUT_NAMES[shown.layout])} · {plain(shown.user)} · {ago(shown.created_at)}", width="stretch")
        st.page_link(
            page_of("catalogue"),
            label=t("All imports"),
            icon=":material/arrow_back:",
            query_params={"view": "import"},
        )
    if shown.job is not None and shown.job.active:
        _draw_progress(studio, actor, shown.id)
    elif shown.applied_at is not None:
        _draw_done(studio, actor, shown)
    elif st.session_state.get("import_columns") == shown.id:
        _draw_columns(studio, actor, shown)
    elif shown.staged_at is None:
        _draw_broken_off(studio, actor, shown)
    else:
        _draw_report(studio, actor, shown)


def _draw_progress(studio: Studio, actor: Actor, import_id: int) -> None:
    @st.fragment(run_every=_POLL_SECONDS)
    def progress() -> None:
        with calm():
            now = find_import(studio, actor, import_id).job
            if now is None or not now.active:
                st.rerun()  # the whole page: the polling ends
            st.progress(min(now.done / max(now.total, 1), 1.0), _progress_line(now))
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(
                    t("Only checked so far: the catalogue stays as it is. You may leave this page."), width="stretch"
                )
                if now.state is not JobState.CANCELLING and st.button(t("Cancel"), icon=":material/stop_circle:"):
                    cancel_job(studio, actor, now.id)
                    st.rerun()

    progress()


def _progress_line(now: JobView) -> str:
    if now.state is JobState.CANCELLING:
        return t("Stopping")
    if now.state is JobState.QUEUED:
        return t("Waiting for a worker · about {n} rows", n=number(now.total))
    if not now.done:
        return t("Counting the rows")
    if now.done >= now.total:
        return t("Setting up families")
    rows = t("{done} of {total} rows checked", done=number(now.done), total=number(now.total))
    left = "" if now.seconds_left is None else t("about {time} left", time=duration(now.seconds_left))
    return " · ".join(part for part in (rows, left) if part)


def _draw_report(studio: Studio, actor: Actor, shown: ImportView) -> None:
    st.subheader(t("What the import would do"), anchor=False)
    draw_figures(shown)
    count = shown.new + shown.changed
    if not count:
        st.write(t("There is nothing to import: the catalogue says all of this already."))
    with st.container(horizontal=True, vertical_alignment="center", key="import-actions"):
        label = plural("Import {n} product", "Import {n} products", count)
        if count and st.button(label, type="primary", icon=":material/check:"):
            _apply(studio, actor, shown)
        _draw_other_ways(studio, actor, shown)
    draw_rows(studio, actor, shown)


def _apply(studio: Studio, actor: Actor, shown: ImportView) -> None:
    try:
        apply_import(studio, actor, shown.id)
    except Conflict as error:
        refusal(error)
        return
    st.rerun()


def _draw_other_ways(studio: Studio, actor: Actor, shown: ImportView) -> None:
    if st.button(t("Correct the columns"), icon=":material/view_column:"):
        st.session_state["import_columns"] = shown.id
        st.rerun()
    if st.button(t("Check again"), icon=":material/refresh:", type="tertiary"):
        _then_show(shown.id, lambda: check_again(studio, actor, shown.id))
    if st.button(t("Discard"), icon=":material/delete:", type="tertiary"):
        discard_import(studio, actor, shown.id)
        _back()


def _draw_columns(studio: Studio, actor: Actor, shown: ImportView) -> None:
    mapping = draw_columns(columns_of(studio, actor, shown.id), str(shown.id))
    with st.container(horizontal=True):
        label, icon = t("Check the file"), ":material/fact_check:"
        if st.button(label, type="primary", icon=icon, disabled=mapping is None):
            _then_show(shown.id, lambda: check_again(studio, actor, shown.id, mapping))
        if st.button(t("Back to the report"), type="tertiary"):
            del st.session_state["import_columns"]
            st.rerun()


def _draw_broken_off(studio: Studio, actor: Actor, shown: ImportView) -> None:
    if shown.job is not None and shown.job.error:
        told = t("This file could not be checked; the catalogue is as it was.")
        st.error(f"**{told}**  \n{plain(shown.job.error)}", icon=":material/error:")
    else:
        st.info(t("The check was stopped; the catalogue is as it was."), icon=":material/info:")
    with st.container(horizontal=True):
        _draw_other_ways(studio, actor, shown)


def _draw_done(studio: Studio, actor: Actor, shown: ImportView) -> None:
    st.success(_came_in(shown), icon=":material/check_circle:")
    with st.container(horizontal=True, vertical_alignment="center"):
        if shown.photos and st.button(t("Bring in its photos"), type="primary", icon=":material/photo_library:"):
            st.switch_page(page_of("catalogue"), query_params={"view": "photos"})
        st.page_link(page_of("catalogue"), label=t("See the products"), icon=":material/inventory_2:")
        st.page_link(
            page_of("catalogue"),
            label=t("Import another file"),
            icon=":material/upload:",
            query_params={"view": "import"},
        )
    draw_figures(shown)
    draw_rows(studio, actor, shown)


def _came_in(shown: ImportView) -> str:
    parts = [
        plural("{n} product added", "{n} products added", shown.new),
        plural("{n} changed", "{n} changed", shown.changed),
        plural("{n} row refused", "{n} rows refused", shown.refused),
    ]
    return ", ".join(parts)


def _then_show(import_id: int, action: Callable[[], object]) -> None:
    with calm():
        action()
        st.session_state.pop("import_columns", None)
        _show(import_id)


def _show(import_id: int) -> None:
    """Look at this import; the field for the file is empty when one comes back."""
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    st.session_state.pop(_LOOKED_AT, None)
    st.query_params[_PARAM] = str(import_id)
    st.rerun()


def _back() -> None:
    st.query_params.pop(_PARAM, None)
    st.rerun()
