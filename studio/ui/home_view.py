"""Pieces of the home page: the tiles, the state of the service, the first steps of a new studio."""

from __future__ import annotations

import streamlit as st

from db.tables import Role
from studio.bootstrap import Studio
from studio.catalogue.products import find_products
from studio.home import Tiles
from studio.imports.catalogue_import import load_sample
from studio.making.orders import OrderRequest, estimate, place_order
from studio.roles import Actor
from studio.ui.i18n import number, plural, t
from studio.ui.labels import plain
from studio.ui.notices import calm, empty
from studio.ui.places import Place, page_of

_FIRST_IMAGES = 8
_LOOKED_AT = 100  # products among which one is sought that the model knows


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
        if now.given_to_me:
            text = t("wait for review by me, of {n} in all", n=number(now.to_review))
            _tile("to-review", now.given_to_me, text, "review", {"state": "in_review", "assignee": "me"})
        else:
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
    with empty(t("Start with a catalogue"), t("Products give images their brief."), icon="inventory_2"):
        sample, own = st.columns([1, 1], width=720, gap="small")
        with sample.container(border=True, horizontal_alignment="center", height="stretch"):
            label, icon = t("Load the sample catalogue"), ":material/auto_awesome_motion:"
            if st.button(label, type="primary", icon=icon, width="stretch"):
                with calm():
                    load_sample(studio, actor)
                    st.rerun()
            st.caption(t("About 60 made-up products."), text_alignment="center", width="content")
        with own.container(border=True, horizontal_alignment="center", height="stretch"):
            if st.button(t("Import yours"), icon=":material/upload:", width="stretch"):
                st.switch_page(page_of("catalogue"), query_params={"view": "import"})
            st.caption(t("A shop's export or a table, checked first."), text_alignment="center", width="content")
        st.page_link(page_of("generate"), label=t("Or make images from a text"), icon=":material/edit:")


def draw_first_images(studio: Studio, actor: Actor) -> None:
    """For who has products and made no image yet: one button to the first ones, of a product that the model knows."""
    found = find_products(studio, actor, size=_LOOKED_AT).products
    unknown = {one.id for one in estimate(studio, actor, _request(tuple(one.id for one in found))).unknown}
    product = next((one for one in found if one.id not in unknown), None)
    if product is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="first-images"):
        st.markdown(t("**The catalogue is in.** Now make the first images."), width="stretch")
        if st.button(t("Generate images of {title}", title=plain(product.title)), type="primary", key="first-order"):
            with calm():
                job = place_order(studio, actor, _request((product.id,)))
                st.switch_page(page_of("generate"), query_params={"products": str(product.id), "job": job})


def _request(product_ids: tuple[int, ...]) -> OrderRequest:
    return OrderRequest(product_ids=product_ids, number=_FIRST_IMAGES)


def _tile(name: str, value: int, text: str, place: Place, query: dict[str, str]) -> None:
    with st.container(border=True, key=f"tile-{name}", gap="xxsmall"):
        st.markdown(f"## {number(value)}")
        st.page_link(page_of(place), label=text, query_params=query)


def _seen(images: int) -> str:
    return plural("{n} image seen in training", "{n} images seen in training", images)
