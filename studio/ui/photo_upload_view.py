"""Bringing in photos: the dialog, the progress, and the report of what became of each file."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from db.tables import PhotoOutcome, Role
from studio.bootstrap import Studio
from studio.imports.spreadsheet import write_csv
from studio.photos.archives import MOST_ARCHIVE_BYTES, MOST_FILE_BYTES
from studio.photos.rights import Statement
from studio.photos.uploads import (
    FileView,
    Incoming,
    UploadView,
    match_again,
    place_by_hand,
    upload,
    upload_archive,
    upload_files,
    upload_photos,
)
from studio.roles import Actor
from studio.ui import guard
from studio.ui.cards import thumbnail_url
from studio.ui.i18n import ago, msg, number, plural, t
from studio.ui.jobs_view import progress_line
from studio.ui.labels import plain
from studio.ui.notices import calm
from studio.ui.photo_rights_view import statement_form
from studio.ui.pictures import draw_picture
from studio.ui.places import page_of
from studio.work.jobs import cancel_job

_TYPES = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff"]
_BY_HAND = 12  # unmatched files that are shown at once, each with its field
_MEGABYTE = 2**20

MATCHED_BY = {
    "reference": msg("by the catalogue"),
    "sku": msg("by SKU in the name"),
    "folder": msg("by folder"),
    "hand": msg("by hand"),
}


def open_upload(studio: Studio, actor: Actor) -> None:
    """Open the dialog."""

    @st.dialog(t("Add photos"), width="medium")
    def dialog() -> None:
        with calm():
            _draw_dialog(studio, actor)

    dialog()


def _draw_dialog(studio: Studio, actor: Actor) -> None:
    ways = {"files": t("Files"), "folder": t("A folder"), "zip": t("A ZIP")}
    way = st.segmented_control(
        t("What to bring in"),
        list(ways),
        default="files",
        required=True,
        format_func=ways.__getitem__,
        label_visibility="collapsed",
        key="upload-way",
    )
    files = _chosen(way or "files")
    st.caption(
        t(
            "Photos find their products by the names that your catalogue gives, by a SKU that begins the file's name "
            "(MH01-XS-Black_2.jpg), or by a folder that is called by a SKU. The others wait for you to place them."
        )
    )
    statement = statement_form(key="upload", refusals=False)
    label = plural("Bring in {n} file", "Bring in {n} files", len(files)) if files else t("Bring in")
    if st.button(label, type="primary", disabled=not files, key="upload-start"):
        if way == "zip":
            with st.spinner(t("Keeping the archive of {n} MB", n=number(files[0].size / _MEGABYTE)), show_time=True):
                upload_archive(studio, actor, files[0].name, files[0].getvalue(), statement)
        else:
            _keep(studio, actor, files, statement)
        st.query_params["show"] = "last"
        st.rerun()


def _chosen(way: str) -> Sequence[UploadedFile]:
    if way == "zip":
        most = MOST_ARCHIVE_BYTES // _MEGABYTE
        one = st.file_uploader(t("A ZIP of up to {n} MB", n=most), type=["zip"], max_upload_size=most, key="upload-zip")
        return [one] if one else []
    most = MOST_FILE_BYTES // _MEGABYTE
    if way == "folder":
        label = t("A folder with photos of up to {n} MB each", n=most)
        return st.file_uploader(
            label, type=_TYPES, accept_multiple_files="directory", max_upload_size=most, key="upload-folder"
        )
    label = t("Photos of up to {n} MB each", n=most)
    return st.file_uploader(label, type=_TYPES, accept_multiple_files=True, max_upload_size=most, key="upload-files")


def _keep(studio: Studio, actor: Actor, files: Sequence[UploadedFile], statement: Statement) -> None:
    bar = st.progress(0.0, t("Keeping the files"))

    def told(done: int, total: int) -> None:
        bar.progress(done / total, t("{done} of {total} kept", done=number(done), total=number(total)))

    incoming = [Incoming(file.name, file.getvalue()) for file in files]
    upload_photos(studio, actor, incoming, statement, told=told)


def draw_running(studio: Studio, actor: Actor, upload_id: int) -> None:
    """How far an upload is, twice a second, until it is over."""

    @st.fragment(run_every=0.5)
    def running() -> None:
        studio, actor = guard.page(Role.VIEWER)
        with calm():
            shown = upload(studio, actor, upload_id)
            if not shown.job.active:
                st.rerun()
            with st.container(border=True, horizontal=True, vertical_alignment="center", key="photos-running"):
                job = shown.job
                st.progress(min(1.0, job.done / max(job.total, 1)), f"{plain(shown.name)} · {progress_line(job)}")
                if actor.may(Role.EDITOR) and st.button(t("Cancel"), key="photos-cancel"):
                    cancel_job(studio, actor, job.id)

    running()


def draw_report(studio: Studio, actor: Actor, shown: UploadView) -> None:
    """What became of the files of an upload, and what is left to do."""
    count = shown.counts
    st.caption(f"{plain(shown.name)} · {plain(shown.user)} · {ago(shown.created_at)}")
    added, present, unmatched, refused = st.columns(4)
    added.metric(t("Added"), number(count[PhotoOutcome.ADDED]), border=True)
    present.metric(t("Here already"), number(count[PhotoOutcome.PRESENT]), border=True)
    unmatched.metric(t("Without a product"), number(count[PhotoOutcome.UNMATCHED]), border=True)
    refused.metric(t("Not readable"), number(count[PhotoOutcome.REFUSED]), border=True)
    if shown.job.error:
        st.error(plain(shown.job.error), icon=":material/error:")
    left = count[PhotoOutcome.UNMATCHED] + count[PhotoOutcome.WAITING]
    if left and actor.may(Role.EDITOR) and not shown.job.active:
        _draw_left(studio, actor, shown, left)
    if count[PhotoOutcome.REFUSED]:
        _draw_refused(upload_files(studio, actor, shown.id, PhotoOutcome.REFUSED))
    if count[PhotoOutcome.ADDED]:
        _draw_next(actor)
        _draw_added(upload_files(studio, actor, shown.id, PhotoOutcome.ADDED))


def _draw_left(studio: Studio, actor: Actor, shown: UploadView, left: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(
            plural(
                "**{n} photo waits for its product.** Say which, or match again after the next catalogue import.",
                "**{n} photos wait for their products.** Say which, or match again after the next catalogue import.",
                left,
            )
        )
        if st.button(t("Match again"), icon=":material/refresh:", key="match-again"):
            match_again(studio, actor, shown.id)
            st.rerun()
    files = upload_files(studio, actor, shown.id, PhotoOutcome.UNMATCHED, limit=_BY_HAND)
    for file in files:
        _draw_by_hand(studio, actor, shown.id, file)
    more = shown.counts[PhotoOutcome.UNMATCHED] - len(files)
    if more > 0:
        st.caption(plural("{n} more follows.", "{n} more follow.", more))


def _draw_by_hand(studio: Studio, actor: Actor, upload_id: int, file: FileView) -> None:
    picture, name, field, button = st.columns([1, 4, 4, 2], vertical_alignment="center")
    if file.sha256:
        with picture:
            draw_picture(thumbnail_url(file.sha256, 160), t("Real photo"), width=64)
    name.markdown(f"{plain(file.path.rsplit('/', 1)[-1])}  \n:gray[{plain(file.reason)}]")
    skus = field.text_input(
        t("SKU, or several with commas"),
        placeholder=t("SKU, or several with commas"),
        label_visibility="collapsed",
        key=f"place-{upload_id}-{file.number}",
    )
    if button.button(t("Place"), key=f"place-button-{upload_id}-{file.number}", disabled=not skus):
        with calm():
            place_by_hand(
                studio, actor, upload_id, file.number, [sku for part in skus.split(",") if (sku := part.strip())]
            )
            st.rerun()


def _draw_refused(files: Sequence[FileView]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(t("**Not readable.** These files were left out; nothing else was touched."))
        st.download_button(
            t("Download as CSV"),
            lambda: write_csv(("file", "reason"), [(file.path, file.reason) for file in files]),
            "refused_photos.csv",
            "text/csv",
            type="tertiary",
            icon=":material/download:",
            on_click="ignore",
        )
    table = pd.DataFrame({t("File"): [file.path for file in files], t("Reason"): [file.reason for file in files]})
    st.dataframe(table, hide_index=True, key="refused_photos", alt=t("Not readable"))


def _draw_next(actor: Actor) -> None:
    """What photos are brought in for."""
    words, teach = ":material/translate:", ":material/school:"
    with st.container(horizontal=True):
        st.page_link(page_of("catalogue"), label=t("Map the categories"), icon=words, query_params={"view": "words"})
        if actor.may(Role.ADMIN):
            st.page_link(page_of("fine_tune"), label=t("Fine-tune a model"), icon=teach)


def _draw_added(files: Sequence[FileView]) -> None:
    st.markdown(t("**Added**"))
    table = pd.DataFrame(
        {
            "picture": [thumbnail_url(file.sha256, 160) if file.sha256 else None for file in files],
            "file": [file.path for file in files],
            "how": [t(MATCHED_BY[file.matched_by]) for file in files],
            "products": [file.products for file in files],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        row_height=56,
        height=min(38 + 56 * len(files), 420),
        key="added_photos",
        alt=t("Added"),
        column_config={
            "picture": st.column_config.ImageColumn(t("Photo"), width=64),
            "file": st.column_config.TextColumn(t("File")),
            "how": st.column_config.TextColumn(t("Matched")),
            "products": st.column_config.NumberColumn(t("Products"), width=90),
        },
    )
