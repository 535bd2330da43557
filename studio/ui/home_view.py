"""Pieces of the home page: the tiles, the state of the service, the first steps of a new studio."""

from __future__ import annotations

import streamlit as st

from db.tables import Role
from studio.bootstrap import Studio
from studio.catalogue import find_products
from studio.catalogue_import import load_sample
from studio.home import Tiles
from studio.orders import OrderRequest, estimate, place_order
from studio.roles import Actor
from studio.ui.i18n import number, plural, t
from studio.ui.labels import plain
from studio.ui.notices import calm, empty
from studio.ui.places import Place, page_of

_SAMPLE_LOADED = "sample_loaded"
_FIRST_IMAGES = 8


def draw_service(now: Tiles) -> None:
    """Whether the studio can make images now, and with which model: a coloured dot with a word each."""
    worker = {
        "ready": f":green[●] {t('Worker ready')}",
        "starting": f":blue[●] {t('Worker is loading the model')}",
        "none": f":red[●] {t('No worker: orders wait')}",
    }[now.worker]
    if now.model is None:
        model = f":orange[●] {t('No model in production yet')}"
    else:
        seen = "" if now.model.images_seen is None else f" · {_seen(now.model.images_seen)}"
        model = f":green[●] {t('Model {name}', name=plain(now.model.name))}{seen}"
    with st.container(horizontal=True, gap="medium", width="content", key="service"):
        st.markdown(worker, width="content")
        st.markdown(model, width="content")


def draw_tiles(now: Tiles) -> None:
    """What waits for a person, each tile a link to it."""
    with st.grid(4, min_column_width=220):
        _tile("to-review", now.to_review, t("wait for review"), "review", {"state": "in_review"})
        _tile(
            "changes",
            now.changes_requested,
            t("of my images need changes"),
            "review",
            {"state": "changes_requested", "mine": "1"},
        )
        _tile("jobs", now.running_jobs, plural("job runs or waits", "jobs run or wait", now.running_jobs), "jobs", {})
        _tile(
            "without-image",
            now.products_without_image,
            t("products of {n} lack an approved image", n=number(now.products)),
            "catalogue",
            {"coverage": "without"},
        )


def draw_first_steps(studio: Studio, actor: Actor) -> None:
    """What a new studio offers: the sample catalogue, or one's own."""
    if not actor.may(Role.EDITOR):
        with empty(t("The catalogue is empty"), t("An editor can import products."), icon="inventory_2"):
            return
    with empty(
        t("Start with a catalogue"),
        t("Products give images their brief. The sample has about 60 made-up products to try everything with."),
        icon="inventory_2",
    ):
        with st.container(horizontal=True, horizontal_alignment="center"):
            if st.button(t("Load the sample catalogue"), type="primary", icon=":material/auto_awesome_motion:"):
                with calm():
                    load_sample(studio, actor)
                    st.session_state[_SAMPLE_LOADED] = True
                    st.rerun()
            if st.button(t("Import yours"), icon=":material/upload:"):
                st.switch_page(page_of("catalogue"), query_params={"view": "import"})
        if actor.may(Role.EDITOR):
            st.page_link(page_of("generate"), label=t("Or make images from a text"), icon=":material/edit:")


def draw_sample_loaded(studio: Studio, actor: Actor) -> None:
    """Right after the sample catalogue came in: one button to the first images, of a product the model knows."""
    if not st.session_state.get(_SAMPLE_LOADED) or not actor.may(Role.EDITOR):
        return
    found = find_products(studio, actor, size=500).products
    unknown = {product.id for product in estimate(studio, actor, _request(tuple(p.id for p in found))).unknown}
    product = next((product for product in found if product.id not in unknown), None)
    if product is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="first-images"):
        st.markdown(t("**The sample catalogue is in.** Now make the first images."))
        if st.button(t("Generate images of {title}", title=plain(product.title)), type="primary", key="first-order"):
            with calm():
                job = place_order(studio, actor, _request((product.id,)))
                del st.session_state[_SAMPLE_LOADED]
                st.switch_page(page_of("generate"), query_params={"products": str(product.id), "job": job})


def _request(product_ids: tuple[int, ...]) -> OrderRequest:
    return OrderRequest(product_ids=product_ids, number=_FIRST_IMAGES)


def _tile(name: str, value: int, text: str, place: Place, query: dict[str, str]) -> None:
    with st.container(border=True, key=f"tile-{name}", gap="xxsmall"):
        st.markdown(f"## {number(value)}")
        st.page_link(page_of(place), label=text, query_params=query)


def _seen(images: int) -> str:
    return plural("{n} image seen in training", "{n} images seen in training", images)
