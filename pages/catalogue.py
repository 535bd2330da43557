"""Catalogue: our products, which of them lack images, and the import of more."""

from dataclasses import replace

import streamlit as st

from db.tables import Role
from studio.catalogue.products import export_products, facets, find_products, product_ids
from studio.imports.catalogue_import import load_sample
from studio.ui import filters, guard
from studio.ui.bulk_edit_view import draw_way_back, open_edit
from studio.ui.catalogue_view import draw_filters, draw_table, open_product
from studio.ui.head import head
from studio.ui.i18n import plural, t
from studio.ui.import_view import draw_import
from studio.ui.notices import calm, empty
from studio.ui.photos_view import draw_photos
from studio.ui.places import page_of
from studio.ui.product_search_view import draw_found, draw_product_photo_field, question_of
from studio.ui.search_view import offer_meaning
from studio.ui.shot_list_view import draw_sending, draw_shots
from studio.ui.words_view import draw_words

studio, actor = guard.page(Role.VIEWER)

PAGE = 50
may_edit = actor.may(Role.EDITOR)

with head(t("Catalogue")):
    views = {"products": t("Products"), "photos": t("Photos"), "shots": t("Shot list"), "words": t("Words")}
    if may_edit:
        views["import"] = t("Import")
    view = filters.switch_between(t("View"), views, param="view", default="products")
    photo = draw_product_photo_field() if view == "products" else None

with calm():
    known = facets(studio, actor)
    if view == "import":
        draw_import(studio, actor)
    elif view == "photos":
        draw_photos(studio, actor, known)
    elif view == "shots":
        draw_shots(studio, actor)
    elif view == "words":
        draw_words(studio, actor)
    elif known.total == 0:
        with empty(t("No products yet"), t("Products give images their brief."), icon="inventory_2"):
            if may_edit and st.button(t("Load the sample catalogue"), type="primary"):
                load_sample(studio, actor)
                st.rerun()
    else:
        if may_edit:
            draw_way_back(studio, actor)
        wanted, by_meaning = draw_filters(known)
        question = question_of(photo, wanted, by_meaning=by_meaning)
        if question is not None:
            draw_found(studio, actor, question, replace(wanted, text="") if by_meaning else wanted)
            st.stop()
        actions = st.container(horizontal=True, vertical_alignment="center", key="catalogue-actions")
        page = int(st.session_state.get("catalogue_page", 1)) if st.session_state.get("catalogue_for") == wanted else 1
        found = find_products(studio, actor, wanted, page=page, size=PAGE)
        chosen = draw_table(found.products)
        if found.pages > 1:
            st.session_state["catalogue_for"] = wanted
            st.pagination(found.pages, default=page, key="catalogue_page")
        with actions:
            st.caption(plural("{n} product", "{n} products", found.total), width="content")
            if found.total == 0 and wanted.text.strip():
                offer_meaning()
            if len(chosen) == 1 and st.button(t("Show details"), icon=":material/open_in_new:"):
                open_product(studio, actor, chosen[0])
            if may_edit and chosen:
                label = plural("Generate for {n} product", "Generate for {n} products", len(chosen))
                if st.button(label, type="primary", icon=":material/auto_awesome:"):
                    ids = ",".join(str(product.id) for product in chosen)
                    st.switch_page(page_of("generate"), query_params={"products": ids})
            elif may_edit and found.total:
                label = plural("Generate for this {n} product", "Generate for all {n} products", found.total)
                if st.button(label, icon=":material/auto_awesome:"):
                    st.session_state["picked_products"] = product_ids(studio, actor, wanted)
                    st.switch_page(page_of("generate"), query_params={"products": "picked"})
            if may_edit and chosen:
                draw_sending(studio, actor, chosen)
            if may_edit and found.total:
                number_of = len(chosen) or found.total
                change = plural("Change {n} product", "Change {n} products", number_of)
                if st.button(change, icon=":material/edit_note:"):
                    ids = tuple(product.id for product in chosen) or product_ids(studio, actor, wanted)
                    open_edit(studio, actor, ids, known)
            st.download_button(
                t("Download as CSV"),
                lambda: export_products(studio, actor, wanted),
                "products.csv",
                "text/csv",
                type="tertiary",
                icon=":material/download:",
                on_click="ignore",
            )
