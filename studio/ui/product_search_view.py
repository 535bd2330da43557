"""Products found by what words mean or by a photo: which product is this?"""

from __future__ import annotations

import re

import streamlit as st

from studio.bootstrap import Studio
from studio.catalogue.products import MAX_PAGE, ProductFilter
from studio.roles import Actor
from studio.searching.products import FoundProduct, search_products
from studio.searching.questions import Brought, Described, OfCatalogue, Question, Words
from studio.searching.vectors import photos_ready
from studio.ui import gallery
from studio.ui.cards import thumbnail_url
from studio.ui.catalogue_view import open_product
from studio.ui.gallery import Card
from studio.ui.i18n import number, percent, plural, t
from studio.ui.labels import plain
from studio.ui.notices import calm, empty
from studio.ui.search_view import (
    asked_by,
    draw_more,
    draw_photo,
    draw_photo_field,
    draw_readiness,
    draw_unknown,
    extent,
    photo_of,
    shown_so_far,
    words_of,
)

_PAGE_NAME = "catalogue"
_HASH = re.compile("[0-9a-f]{64}")


def draw_product_photo_field() -> bytes | None:
    """The button that asks for a photo of a product."""
    told = t("Which product is this? Choose a photo: the products whose photos look most like it come first.")
    return draw_photo_field(_PAGE_NAME, told)


def question_of(photo: bytes | None, wanted: ProductFilter, *, by_meaning: bool) -> Question | None:
    """What is searched by; None where the filters alone say it."""
    like = st.query_params.get("like", "")
    picture = Brought(photo) if photo is not None else OfCatalogue(like) if _HASH.fullmatch(like) else None
    return asked_by(picture, wanted.text, by_meaning=by_meaning)


def draw_found(studio: Studio, actor: Actor, question: Question, wanted: ProductFilter) -> None:
    """The products whose photos come nearest, among those that fit."""
    if (photo := photo_of(question)) is not None:
        draw_photo(_PAGE_NAME, photo)
    ready = photos_ready(studio, actor)
    draw_readiness(studio, actor, ready)
    shown = shown_so_far(question, wanted)
    found = search_products(studio, actor, question, wanted, limit=shown)
    now = extent(question, wanted, len(found.products), found.close, more=found.more)
    draw_unknown(question, found.unknown, nearest=now.nearest)
    with st.container(horizontal=True, vertical_alignment="center", key="found-products"):
        told = plural("{n} product", "{n} products", now.shown)
        if now.more or now.nearest:
            told = t("The {n} nearest products", n=number(now.shown))
        st.caption(f"{told} · {_order(question)}", width="content")
        picture = question.picture if isinstance(question, Described) else question
        if isinstance(picture, OfCatalogue) and st.button(
            t("Show all products"), type="tertiary", icon=":material/close:"
        ):
            del st.query_params["like"]
            st.rerun()
    if found.products:
        _draw_cards(studio, actor, found.products[: now.shown], by_words=words_of(question) is not None)
        draw_more(question, wanted, shown, MAX_PAGE, now)
    elif ready.total == 0:
        why = t("Products are found by their real photos. Add some first.")
        with empty(t("No photos yet"), why, icon="photo_library"):
            if st.button(t("Go to the photos"), icon=":material/add_photo_alternate:"):
                st.query_params.clear()
                st.query_params["view"] = "photos"
                st.rerun()
    elif ready.ready:
        with empty(t("No products fit"), t("Take a filter away, or search for something else."), icon="search_off"):
            pass


def _order(question: Question) -> str:
    """How what was found is ordered."""
    if isinstance(question, Words):
        return t("closest in meaning first")
    if isinstance(question, Described):
        return t("like the photo and “{words}”, closest first", words=plain(question.words.text.strip()))
    return t("most alike photo first")


def _draw_cards(studio: Studio, actor: Actor, found: tuple[FoundProduct, ...], *, by_words: bool) -> None:
    chosen = gallery.browse([_card(one, by_words=by_words) for one in found], key="products-found")
    for one in found:
        if one.product.id == chosen:
            with calm():
                open_product(studio, actor, one.product)


def _card(found: FoundProduct, *, by_words: bool) -> Card:
    shown = found.product
    alike = "" if by_words else f" · {t('{share} alike', share=percent(found.likeness))}"
    picture = thumbnail_url(found.photo_sha256, 640)
    return Card(
        id=shown.id,
        thumbnail=thumbnail_url(found.photo_sha256, 320),
        image=picture,
        download=picture,
        alt=t("Real photo: {title}", title=shown.title),
        title=shown.title,
        caption=f"{shown.sku}{alike}",
        state_label=t("Approved") if shown.approved else t("No image"),
        tone="good" if shown.approved else "neutral",
    )
