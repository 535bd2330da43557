"""The photos of the catalogue: what there is, what came last, what is double, what is still missing."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from db.tables import Role
from studio.bootstrap import Studio
from studio.catalogue.products import Facets
from studio.imports.spreadsheet import write_csv
from studio.photos.duplicates import MOST_GROUPS, Duplicates, near_duplicates
from studio.photos.listing import (
    PhotoFigures,
    PictureView,
    absent_photos,
    find_pictures,
    photo_figures,
    picture_hashes,
    remove_pictures,
)
from studio.photos.rights import Rights
from studio.photos.trainable import PhotoFilter
from studio.photos.uploads import UploadView, latest_upload
from studio.roles import Actor
from studio.ui import filters
from studio.ui.cards import thumbnail_url
from studio.ui.i18n import number, plural, t
from studio.ui.labels import BADGE_COLOURS, RIGHTS, plain, term
from studio.ui.notices import calm, empty
from studio.ui.photo_rights_view import open_rights
from studio.ui.photo_upload_view import draw_report, draw_running, open_upload
from studio.ui.pictures import draw_picture
from studio.ui.search_view import show_like

PAGE = 48
_SHOWN_ABSENT = 500


def draw_photos(studio: Studio, actor: Actor, known: Facets) -> None:
    """All of the view; `known` is what products can be narrowed by."""
    may_edit = actor.may(Role.EDITOR)
    figures = photo_figures(studio, actor)
    last = latest_upload(studio, actor)
    if last is not None and last.job.active:
        draw_running(studio, actor, last.id)
        if figures.pictures == 0:
            return
    if figures.pictures == 0 and last is None:
        _draw_empty(studio, actor, figures, may_edit=may_edit)
        return
    _draw_figures(figures)
    shown = _draw_switch(figures, last, studio, actor, may_edit=may_edit)
    if shown == "last" and last is not None:
        draw_report(studio, actor, last)
    elif shown == "double":
        _draw_duplicates(studio, actor, may_edit=may_edit)
    elif shown == "absent":
        _draw_absent(studio, actor)
    else:
        _draw_all(studio, actor, known, may_edit=may_edit)


def _draw_empty(studio: Studio, actor: Actor, figures: PhotoFigures, *, may_edit: bool) -> None:
    text = t("Real photos are compared with what is made, and a model can be taught with them.")
    if figures.named:
        text = plural(
            "Your catalogue names {n} photo. Bring it in: it finds its product by its name.",
            "Your catalogue names {n} photos. Bring them in: they find their products by their names.",
            figures.named,
        )
    with empty(t("No photos yet"), text, icon="photo_library"):
        if may_edit and st.button(t("Add photos"), type="primary", icon=":material/add_photo_alternate:"):
            open_upload(studio, actor)


def _draw_figures(figures: PhotoFigures) -> None:
    with st.grid(4, min_column_width=200):
        st.metric(t("Photos"), number(figures.pictures), border=True)
        st.metric(
            t("Products without a photo"),
            t("{n} of {total}", n=number(figures.products_without), total=number(figures.products)),
            border=True,
        )
        st.metric(
            t("Rights unconfirmed"),
            number(figures.rights[Rights.OPEN]),
            help=t(
                "A photo with unconfirmed rights is shown, but a model is taught with it only once a person answers."
            ),
            border=True,
        )
        st.metric(
            t("Named, not here yet"),
            number(figures.absent),
            help=t("Photos that your catalogue files name and that have not come. Products work without them."),
            border=True,
        )


def _draw_switch(
    figures: PhotoFigures, last: UploadView | None, studio: Studio, actor: Actor, *, may_edit: bool
) -> str:
    options = {"all": t("All photos")}
    if last is not None:
        options["last"] = t("Last upload")
    options["double"] = t("Near-duplicates")
    if figures.absent:
        options["absent"] = t("Not here yet {n}", n=number(figures.absent))
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        shown = filters.switch_between(t("Photos"), options, param="show", default="all")
        if may_edit and st.button(t("Add photos"), type="primary", icon=":material/add_photo_alternate:"):
            open_upload(studio, actor)
    return shown


def _draw_all(studio: Studio, actor: Actor, known: Facets, *, may_edit: bool) -> None:
    wanted = _filter(known)
    bar = st.container(horizontal=True, vertical_alignment="center", key="photo-actions")
    page = int(st.session_state.get("photos_page", 1)) if st.session_state.get("photos_for") == wanted else 1
    found = find_pictures(studio, actor, wanted, page=page, size=PAGE)
    chosen = _draw_table(found.pictures)
    if found.pages > 1:
        st.session_state["photos_for"] = wanted
        st.pagination(found.pages, default=page, key="photos_page")
    with bar:
        st.caption(plural("{n} photo", "{n} photos", found.total), width="content")
        if len(chosen) == 1 and st.button(t("Find similar"), icon=":material/image_search:"):
            show_like(chosen[0].sha256)
        if may_edit and found.total:
            _draw_actions(studio, actor, wanted, chosen, found.total)


def _filter(known: Facets) -> PhotoFilter:
    text, category, colour, rights = st.columns([3, 3, 2, 2], vertical_alignment="center")
    with text:
        words = filters.search(t("Search title or SKU"), param="text")
    with category:
        paths = {path: term(path) for path in known.categories}
        kind = filters.narrow(t("Category"), paths, param="category", placeholder=t("All categories"))
    with colour:
        colours = {name: term(name) for name in known.colours}
        shade = filters.narrow(t("Colour"), colours, param="colour", placeholder=t("All colours"))
    with rights:
        states = {state.value: t(label) for state, (label, _) in RIGHTS.items()}
        state = filters.narrow(t("Rights"), states, param="rights", placeholder=t("Any rights"))
    return PhotoFilter(text=words, category=kind, colour=shade, rights=Rights(state) if state else None)


def _draw_actions(studio: Studio, actor: Actor, wanted: PhotoFilter, chosen: Sequence[PictureView], total: int) -> None:
    if chosen:
        label = plural("State the rights of {n} photo", "State the rights of {n} photos", len(chosen))
    else:
        label = plural("State the rights of this {n} photo", "State the rights of all {n} photos", total)
    if st.button(label, icon=":material/gavel:"):
        hashes = tuple(picture.sha256 for picture in chosen) or picture_hashes(studio, actor, wanted)
        open_rights(studio, actor, hashes)
    if chosen and st.button(t("Remove"), icon=":material/delete:", type="tertiary"):
        remove_pictures(studio, actor, [picture.sha256 for picture in chosen])
        st.rerun()


def _draw_table(pictures: Sequence[PictureView]) -> list[PictureView]:
    table = pd.DataFrame(
        {
            "picture": [thumbnail_url(picture.sha256, 160) for picture in pictures],
            "title": [picture.title for picture in pictures],
            "products": [_products(picture) for picture in pictures],
            "file": [picture.file_name.rsplit("/", 1)[-1] for picture in pictures],
            "pixels": [f"{picture.width} × {picture.height}" for picture in pictures],
            "rights": [[t(RIGHTS[picture.rights][0])] for picture in pictures],
            "note": [_note(picture) for picture in pictures],
        }
    )
    event = st.dataframe(
        table,
        hide_index=True,
        row_height=84,
        height=min(38 + 84 * max(len(pictures), 1), 640),
        on_select="rerun",
        selection_mode="multi-row",
        key="photos",
        alt=t("Photos"),
        placeholder="",
        column_config={
            "picture": st.column_config.ImageColumn(t("Photo"), width=84),
            "title": st.column_config.TextColumn(t("Title"), width=230),
            "products": st.column_config.TextColumn(t("Products"), width=170),
            "file": st.column_config.TextColumn(t("File"), width=190),
            "pixels": st.column_config.TextColumn(t("Pixels"), width=100),
            "rights": st.column_config.MultiselectColumn(
                t("Rights"),
                width=130,
                options=[t(label) for label, _ in RIGHTS.values()],
                color=[BADGE_COLOURS[tone] for _, tone in RIGHTS.values()],
            ),
            "note": st.column_config.TextColumn(t("Note"), width=230),
        },
    )
    rows: list[int] = event["selection"]["rows"]
    return [pictures[row] for row in rows if row < len(pictures)]


def _products(picture: PictureView) -> str:
    first, more = picture.skus[0], picture.products - 1
    return f"{first} +{number(more)}" if more else first


def _note(picture: PictureView) -> str:
    name = picture.acknowledged_by
    return " · ".join(part for part in (t("answers: {name}", name=name) if name else "", picture.note) if part)


def _draw_duplicates(studio: Studio, actor: Actor, *, may_edit: bool) -> None:
    groups = near_duplicates(studio, actor)
    if not groups:
        with empty(
            t("No near-duplicates"),
            t("No two photos show the same picture. Colourways do not count."),
            icon="filter_none",
        ):
            pass
        return
    st.caption(
        plural(
            "{n} picture is here more than once, saved anew or in another size. The largest comes first.",
            "{n} pictures are here more than once, saved anew or in another size. The largest comes first.",
            len(groups),
        )
    )
    for group in groups[:MOST_GROUPS]:
        _draw_group(studio, actor, group, may_edit=may_edit)


def _draw_group(studio: Studio, actor: Actor, group: Duplicates, *, may_edit: bool) -> None:
    key = group.pictures[0].sha256[:12]
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"double-{key}"):
        for picture in group.pictures[:6]:
            with st.container(width=190, gap="xxsmall"):
                draw_picture(thumbnail_url(picture.sha256, 320), t("Real photo"), width=150)
                st.caption(
                    f"{plain(picture.file_name.rsplit('/', 1)[-1])}  \n"
                    f"{picture.width} × {picture.height} · {plain(_products(picture))}"
                )
        if not group.spare:
            st.caption(t("They stand at different products: see whether one of them has the photo of the other."))
            return
        label = plural("Keep the largest, remove {n}", "Keep the largest, remove {n}", len(group.spare))
        if may_edit and st.button(label, key=f"keep-{key}"):
            with calm():
                remove_pictures(studio, actor, group.spare)
                st.rerun()


def _draw_absent(studio: Studio, actor: Actor) -> None:
    absent = absent_photos(studio, actor)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(t("Your catalogue files name these photos, and they have not come. The products work without them."))
        st.download_button(
            t("Download as CSV"),
            lambda: write_csv(("sku", "photo"), absent),
            "absent_photos.csv",
            "text/csv",
            type="tertiary",
            icon=":material/download:",
            on_click="ignore",
        )
    rows = absent[:_SHOWN_ABSENT]
    table = pd.DataFrame({t("SKU"): [sku for sku, _ in rows], t("Photo"): [path for _, path in rows]})
    st.dataframe(table, hide_index=True, key="absent_photos", alt=t("Not here yet"))
