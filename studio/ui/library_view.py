"""The library as a light table: images that fit, page by page, and those that look like a photo or another image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from db.tables import Role
from studio.bootstrap import Studio
from studio.errors import InputError
from studio.images.library import COUNTED, LibraryFilter, ScoreRange, count_images, find_images
from studio.images.looks import Similar, looks_job, order_looks, similar_to_image, similar_to_photo, small_picture
from studio.roles import Actor
from studio.ui import gallery
from studio.ui.cards import card
from studio.ui.gallery import Card
from studio.ui.head import head
from studio.ui.i18n import number, percent, plural, t
from studio.ui.jobs_view import progress_line
from studio.ui.labels import METRICS
from studio.ui.library_filters import draw_filters, forget_filters
from studio.ui.notices import calm, empty
from studio.ui.places import page_of
from studio.work.jobs import job

_PAGE = 60
_POSITION, _PHOTO, _PHOTOS_BEFORE = "library_position", "library_photo", "library_photos_before"


def draw_library(studio: Studio, actor: Actor) -> None:
    """The page without an image: filters, then what fits, or what looks like something."""
    with head(t("Library")):
        photo = _draw_photo_search()
    wanted = draw_filters(studio, actor)
    with calm():
        like = st.query_params.get("like", "")
        if photo is not None:
            _draw_photo(photo)
            _draw_similar(studio, actor, similar_to_photo(studio, actor, photo, wanted), t("like your photo"))
        elif like.isdecimal():
            found = similar_to_image(studio, actor, int(like), wanted)
            _draw_similar(studio, actor, found, t("like image {id}", id=like))
        else:
            _draw_page(studio, actor, wanted)


def open_image(asset_id: int) -> None:
    """Show one image in place of the list; the filters stay in the address for the way back."""
    st.query_params["image"] = str(asset_id)
    st.rerun()


def similar_cards(found: Similar, actor: Actor) -> list[Card]:
    """Cards that say how alike each image is."""
    return [replace(card(one.view), caption=t("{share} alike", share=percent(one.likeness))) for one in found.images]


def draw_unseen(studio: Studio, actor: Actor, unseen: int) -> None:
    """Say that older images are not found by likeness yet, and offer to change that."""
    at_it = looks_job(studio, actor)
    if unseen == 0 and at_it is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="unseen"):
        if at_it is not None:
            _draw_preparing(studio, actor, at_it)
            return
        missing = plural("{n} older image has", "{n} older images have", unseen)
        st.markdown(t("{missing} not been prepared for the search by likeness.", missing=missing), width="stretch")
        if actor.may(Role.EDITOR) and st.button(t("Prepare them"), icon=":material/bolt:"):
            order_looks(studio, actor)
            st.rerun()


def _draw_preparing(studio: Studio, actor: Actor, job_id: str) -> None:
    @st.fragment(run_every=1)
    def progress() -> None:
        with calm():
            now = job(studio, actor, job_id)
            if not now.active:
                st.rerun()
            st.progress(now.done / max(now.total, 1), progress_line(now))

    progress()


def _draw_photo_search() -> bytes | None:
    """The button that asks for a photo; its bytes, once there is one, until it is put away (opening an image and coming
    back must not lose it).
    """
    with st.popover(t("Find by photo"), icon=":material/image_search:"):
        st.caption(t("Choose a photo: the images that look most like it come first. It is not kept."))
        file = st.file_uploader(
            t("Photo"),
            type=["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff"],
            label_visibility="collapsed",
            key=f"library_photo-{st.session_state.get(_PHOTOS_BEFORE, 0)}",
        )
    if file is not None:
        st.session_state[_PHOTO] = file.getvalue()
    photo: bytes | None = st.session_state.get(_PHOTO)
    return photo


def _draw_photo(photo: bytes) -> None:
    """The photo that was brought, and the way back to all images."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="like-photo"):
        try:
            shown = small_picture(photo)
        except InputError:  # the search below says what is wrong with it
            shown = None
        if shown is not None:
            st.image(shown, width=72, alt=t("Your photo"))
        st.markdown(f"**{t('Your photo')}**", width="stretch")
        if st.button(t("Put the photo away"), icon=":material/close:"):
            del st.session_state[_PHOTO]
            st.session_state[_PHOTOS_BEFORE] = st.session_state.get(_PHOTOS_BEFORE, 0) + 1  # an empty field
            st.rerun()


def _draw_page(studio: Studio, actor: Actor, wanted: LibraryFilter) -> None:
    position = st.session_state.get(_POSITION)  # the filter, and where the page before ended
    after = position[1] if position and position[0] == wanted else None
    page = find_images(studio, actor, wanted, after=after, limit=_PAGE)
    if not page.assets:
        _draw_nothing(actor, wanted)
        return
    _draw_count(count_images(studio, actor, wanted), wanted)
    _browse([_scored(card(view), view.scores, wanted.score) for view in page.assets])
    with st.container(horizontal=True, horizontal_alignment="center"):
        if after is not None and st.button(t("Back to the first images"), icon=":material/first_page:"):
            del st.session_state[_POSITION]
            st.rerun()
        if page.after is not None and st.button(t("Show the next images"), icon=":material/chevron_right:"):
            st.session_state[_POSITION] = (wanted, page.after)
            st.rerun()


def _draw_count(found: int, wanted: LibraryFilter) -> None:
    told = plural("{n} image", "{n} images", found)
    if found == COUNTED + 1 and (wanted.text or wanted.score):
        told = t("More than {n} images", n=number(COUNTED))
    order = t("best first") if wanted.score else t("newest first")
    with st.container(horizontal=True, vertical_alignment="center", key="library-count"):
        st.caption(f"{told} · {order}", width="content")
        if wanted != LibraryFilter():
            _draw_clear()


def _draw_clear() -> None:
    if st.button(t("Clear all filters"), type="tertiary", icon=":material/filter_alt_off:"):
        forget_filters()
        st.rerun()


def _draw_nothing(actor: Actor, wanted: LibraryFilter) -> None:
    if wanted != LibraryFilter():
        with empty(t("No images fit"), t("Take a filter away, or search for fewer words."), icon="search_off"):
            _draw_clear()
        return
    with empty(t("No images yet"), t("Everything that is made here stays here, with all that made it."), icon="image"):
        if actor.may(Role.EDITOR):
            st.page_link(page_of("generate"), label=t("Make images"), icon=":material/auto_awesome:")


def _draw_similar(studio: Studio, actor: Actor, found: Similar, like: str) -> None:
    draw_unseen(studio, actor, found.unseen)
    with st.container(horizontal=True, vertical_alignment="center"):
        told = plural("{n} image", "{n} images", len(found.images))
        st.caption(f"{told} {like} · {t('most alike first')}", width="content")
        if "like" in st.query_params and st.button(t("Show all images"), type="tertiary", icon=":material/close:"):
            del st.query_params["like"]
            st.rerun()
    if found.images:
        _browse(similar_cards(found, actor))
    else:
        with empty(t("No images fit"), t("Take a filter away, or choose another photo."), icon="search_off"):
            _draw_clear()


def _browse(cards: Sequence[Card]) -> None:
    chosen = gallery.browse(cards, key="library")
    if chosen is not None:
        open_image(chosen)


def _scored(shown: Card, scores: dict[str, float | None], wanted: ScoreRange | None) -> Card:
    """The card with the score that orders the images."""
    value = None if wanted is None else scores.get(wanted.metric)
    if wanted is None or value is None:
        return shown
    metric = METRICS[wanted.metric]
    return replace(shown, caption=f"{t(metric.name)} {metric.written(value)}")
