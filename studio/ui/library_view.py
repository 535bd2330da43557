"""The library as a light table: images that fit, page by page, or the nearest to words, a photo or another image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from db.tables import Role
from studio.bootstrap import Studio
from studio.images.library import COUNTED, MAX_PAGE, LibraryFilter, ScoreRange, count_images, find_images
from studio.roles import Actor
from studio.searching.images import FoundImages, search_images
from studio.searching.questions import Brought, Described, OneOfOurs, Question, Words
from studio.searching.vectors import images_ready
from studio.ui import gallery
from studio.ui.cards import card
from studio.ui.gallery import Card
from studio.ui.head import head
from studio.ui.i18n import number, percent, plural, t
from studio.ui.labels import METRICS, plain
from studio.ui.library_filters import draw_filters, forget_filters
from studio.ui.notices import calm, empty
from studio.ui.places import page_of
from studio.ui.search_view import (
    asked_by,
    draw_more,
    draw_photo,
    draw_photo_field,
    draw_readiness,
    draw_unknown,
    extent,
    offer_meaning,
    photo_of,
    shown_so_far,
    words_of,
)

_PAGE = 60
_POSITION, _PAGE_NAME = "library_position", "library"


def draw_library(studio: Studio, actor: Actor) -> None:
    """The page without an image: filters, then what fits, or what comes nearest to words, a photo or an image."""
    with head(t("Library")):
        told = t("Choose a photo: the images that look most like it come first. It is not kept.")
        photo = draw_photo_field(_PAGE_NAME, told)
    wanted, by_meaning = draw_filters(studio, actor)
    with calm():
        question = _question(photo, wanted, by_meaning=by_meaning)
        if question is None:
            _draw_page(studio, actor, wanted)
        else:
            _draw_found(studio, actor, question, replace(wanted, text="") if by_meaning else wanted)


def open_image(asset_id: int) -> None:
    """Show one image in place of the list; the filters stay in the address for the way back."""
    st.query_params["image"] = str(asset_id)
    st.rerun()


def similar_cards(found: FoundImages) -> list[Card]:
    """Cards that say how alike each image is."""
    return [replace(card(one.view), caption=t("{share} alike", share=percent(one.likeness))) for one in found.images]


def _question(photo: bytes | None, wanted: LibraryFilter, *, by_meaning: bool) -> Question | None:
    """What is searched by; None where the filters alone say it."""
    like = st.query_params.get("like", "")
    picture = Brought(photo) if photo is not None else OneOfOurs(int(like)) if like.isdecimal() else None
    return asked_by(picture, wanted.text, by_meaning=by_meaning)


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
            if wanted.text.strip():
                offer_meaning()
            _draw_clear()
        return
    with empty(t("No images yet"), t("Everything that is made here stays here, with all that made it."), icon="image"):
        if actor.may(Role.EDITOR):
            st.page_link(page_of("generate"), label=t("Make images"), icon=":material/auto_awesome:")


def _draw_found(studio: Studio, actor: Actor, question: Question, wanted: LibraryFilter) -> None:
    """What comes nearest to the question, among what fits."""
    if (photo := photo_of(question)) is not None:
        draw_photo(_PAGE_NAME, photo)
    ready = images_ready(studio, actor)
    draw_readiness(studio, actor, ready)
    shown = shown_so_far(question, wanted)
    found = search_images(studio, actor, question, wanted, limit=shown)
    now = extent(question, wanted, len(found.images), found.close, more=found.more)
    draw_unknown(question, found.unknown, nearest=now.nearest)
    with st.container(horizontal=True, vertical_alignment="center", key="library-count"):
        told = plural("{n} image", "{n} images", now.shown)
        if now.more or now.nearest:
            told = t("The {n} nearest images", n=number(now.shown))
        st.caption(f"{told} · {_order(question)}", width="content")
        if _like(question) is not None and st.button(t("Show all images"), type="tertiary", icon=":material/close:"):
            del st.query_params["like"]
            st.rerun()
        if wanted != LibraryFilter() and found.images:
            _draw_clear()
    if found.images:
        cards = similar_cards(found) if words_of(question) is None else [card(one.view) for one in found.images]
        _browse(cards[: now.shown])
        draw_more(question, wanted, shown, MAX_PAGE, now)
    elif ready.ready:
        with empty(t("No images fit"), t("Take a filter away, or search for something else."), icon="search_off"):
            _draw_clear()


def _like(question: Question) -> int | None:
    """The image of ours that is asked about."""
    picture = question.picture if isinstance(question, Described) else question
    return picture.asset_id if isinstance(picture, OneOfOurs) else None


def _order(question: Question) -> str:
    """How what was found is ordered."""
    image, words = _like(question), words_of(question)
    match question:
        case Words():
            return t("closest in meaning first")
        case Described() if image is not None:
            return t("like image {id} and “{words}”, closest first", id=image, words=plain(words or ""))
        case Described():
            return t("like your photo and “{words}”, closest first", words=plain(words or ""))
        case OneOfOurs():
            return t("like image {id}, most alike first", id=question.asset_id)
        case _:
            return t("like your photo, most alike first")


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
