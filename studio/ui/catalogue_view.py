"""Pieces of the catalogue: the filters, the table with selection, the drawer of one product."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from db.tables import Role
from studio.bootstrap import Studio
from studio.catalogue.products import Coverage, Facets, PhotoCover, ProductDetail, ProductFilter, ProductView, product
from studio.photos.rights import Rights
from studio.roles import Actor
from studio.ui import filters, gallery
from studio.ui.cards import cards, thumbnail_url
from studio.ui.i18n import number, plural, t
from studio.ui.labels import BADGE_COLOURS, RIGHTS, plain, term
from studio.ui.notices import calm
from studio.ui.pictures import draw_picture
from studio.ui.places import page_of
from studio.ui.search_view import draw_way, show_like

_COVERAGE = "coverage"


def draw_filters(known: Facets) -> tuple[ProductFilter, bool]:
    """The filters, as the address says them, and whether the text is searched for by what it means."""
    text, way, coverage = st.columns([4.4, 2, 4.4], vertical_alignment="center")
    category, colour, photos = st.columns(3, vertical_alignment="center")
    with way:
        by_meaning = draw_way()
    with text:
        words = filters.search(t("Say what to find") if by_meaning else t("Search title or SKU"), param="text")
    with category:
        paths = {path: f"{_indented(path)} ({number(n)})" for path, n in known.categories.items()}
        kind = filters.narrow(t("Category"), paths, param="category", placeholder=t("All categories"))
    with colour:
        colours = {name: f"{term(name)} ({number(n)})" for name, n in known.colours.items()}
        shade = filters.narrow(t("Colour"), colours, param="colour", placeholder=t("All colours"))
    with photos:
        covers = {
            PhotoCover.WITH.value: t("With a photo {n}", n=number(known.total - known.without_photo)),
            PhotoCover.WITHOUT.value: t("Without a photo {n}", n=number(known.without_photo)),
        }
        if known.absent_photo:
            covers[PhotoCover.ABSENT.value] = t("A photo is missing {n}", n=number(known.absent_photo))
        photo = filters.narrow(t("Photos"), covers, param="photos", placeholder=t("Any photos"))
    with coverage:
        options = {
            Coverage.ALL.value: t("All {n}", n=number(known.total)),
            Coverage.WITHOUT.value: t("Without image {n}", n=number(known.without_image)),
            Coverage.WITH.value: t("With image {n}", n=number(known.total - known.without_image)),
        }
        cover = filters.switch_between(t("Coverage"), options, param=_COVERAGE, default=Coverage.ALL.value)
    wanted = ProductFilter(
        text=words, category=kind, colour=shade, coverage=Coverage(cover), photos=PhotoCover(photo) if photo else None
    )
    return wanted, by_meaning


def draw_table(products: Sequence[ProductView]) -> list[ProductView]:
    """The products as a table; returns those whose rows are selected."""
    table = pd.DataFrame(
        {
            "picture": [thumbnail_url(p.thumb_sha256, 160) if p.thumb_sha256 else None for p in products],
            "sku": [p.sku for p in products],
            "title": [p.title for p in products],
            "category": [term(p.category.split(" > ")[-1]) for p in products],
            "colour": [term(p.colour) if p.colour else "" for p in products],
            "size": [p.size or "" for p in products],
            "photos": [p.photos for p in products],
            "approved": [p.approved for p in products],
            "images": [p.images for p in products],
        }
    )
    event = st.dataframe(
        table,
        hide_index=True,
        row_height=64,
        height=min(38 + 64 * max(len(products), 1), 620),
        on_select="rerun",
        selection_mode="multi-row",
        key="products",
        alt=t("Products"),
        placeholder="",
        column_config={
            "picture": st.column_config.ImageColumn(t("Image"), width=70),
            "sku": st.column_config.TextColumn(t("SKU"), width=150),
            "title": st.column_config.TextColumn(t("Title"), width=330),
            "category": st.column_config.TextColumn(t("Category"), width=130),
            "colour": st.column_config.TextColumn(t("Colour"), width=100),
            "size": st.column_config.TextColumn(t("Size"), width=60),
            "photos": st.column_config.NumberColumn(t("Photos"), width=70, help=t("Real photos of the product")),
            "approved": st.column_config.NumberColumn(t("Approved"), width=80, help=t("Images that may be used")),
            "images": st.column_config.NumberColumn(t("Images"), width=80),
        },
    )
    rows: list[int] = event["selection"]["rows"]
    return [products[row] for row in rows if row < len(products)]


def open_product(studio: Studio, actor: Actor, shown: ProductView) -> None:
    """Open the drawer of a product: what it is, its images, its variants."""

    @st.dialog(plain(shown.title), width="medium", position="right")
    def drawer() -> None:
        with calm():
            _draw_product(product(studio, actor, shown.id), actor)

    drawer()


def _draw_product(detail: ProductDetail, actor: Actor) -> None:
    shown = detail.product
    facts = [shown.sku, *(term(value) for value in (shown.category, shown.colour, shown.usage) if value), shown.size]
    st.caption(" · ".join(plain(fact) for fact in facts if fact))
    if detail.description:
        st.write(plain(detail.description))
    if detail.images:
        gallery.view(cards(detail.images), key=f"product-{shown.id}", size="small")
    else:
        st.info(t("No images yet."), icon=":material/image:")
    if actor.may(Role.EDITOR) and st.button(t("Generate for this product"), icon=":material/auto_awesome:"):
        st.switch_page(page_of("generate"), query_params={"products": str(shown.id)})
    _draw_real_photos(detail)
    if detail.attributes:
        st.markdown(f"**{t('Attributes')}**")
        st.text("\n".join(f"{name}: {value}" for name, value in detail.attributes.items()))
    if detail.variants:
        st.markdown(f"**{t('Variants')}**")
        st.text("\n".join(f"{variant.sku}  {variant.title}" for variant in detail.variants))


def _draw_real_photos(detail: ProductDetail) -> None:
    if detail.photos or detail.absent:
        st.markdown(f"**{t('Real photos')}**")
    with st.container(horizontal=True):
        for photo in detail.photos:
            label, tone = RIGHTS[photo.rights]
            with st.container(width=130, gap="xxsmall"):
                draw_picture(thumbnail_url(photo.sha256, 320), t("Real photo"), width=120)
                st.caption(f":{BADGE_COLOURS[tone]}[●] {t(label)} · {photo.width} × {photo.height}")
                if photo.rights is not Rights.REFUSED and st.button(
                    t("Find similar"), type="tertiary", icon=":material/image_search:", key=f"like-{photo.sha256}"
                ):
                    show_like(photo.sha256)
    if detail.absent:
        told = plural(
            "{n} photo that the catalogue names has not come: {names}",
            "{n} photos that the catalogue names have not come: {names}",
            len(detail.absent),
            names=", ".join(path.rsplit("/", 1)[-1] for path in detail.absent[:5]),
        )
        st.caption(f":orange[●] {plain(told)}")


def _indented(path: str) -> str:
    *above, last = path.split(" > ")
    return "\u2003" * len(above) + term(last)
