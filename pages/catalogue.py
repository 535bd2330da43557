"""Catalogue: our products, which of them lack images, and the import of more."""

import streamlit as st

from db.tables import Role
from studio.catalogue import export_products, facets, find_products, product_ids
from studio.catalogue_import import load_sample
from studio.ui import filters, guard
from studio.ui.catalogue_view import draw_filters, draw_table, open_product
from studio.ui.head import head
from studio.ui.i18n import plural, t
from studio.ui.import_view import draw_import
from studio.ui.notices import calm, empty
from studio.ui.places import page_of

studio, actor = guard.page(Role.VIEWER)

PAGE = 50
may_edit = actor.may(Role.EDITOR)

with head(t("Catalogue")):
    views = {"products": t("Products"), "import": t("Import")} if may_edit else {"products": t("Products")}
    view = filters.switch_between(t("View"), views, param="view", default="products") if may_edit else "products"

with calm():
    known = facets(studio, actor)
    if view == "import":
        draw_import(studio, actor)
    elif known.total == 0:
        with empty(t("No products yet"), t("Products give images their brief."), icon="inventory_2"):
            if may_edit and st.button(t("Load the sample catalogue"), type="primary"):
                load_sample(studio, actor)
                st.rerun()
    else:
        wanted = draw_filters(known)
        actions = st.container(horizontal=True, vertical_alignment="center", key="catalogue-actions")
        page = int(st.session_state.get("catalogue_page", 1)) if st.session_state.get("catalogue_for") == wanted else 1
        found = find_products(studio, actor, wanted, page=page, size=PAGE)
        chosen = draw_table(found.products)
        if found.pages > 1:
            st.session_state["catalogue_for"] = wanted
            st.pagination(found.pages, default=page, key="catalogue_page")
        with actions:
            st.caption(plural("{n} product", "{n} products", found.total), width="content")
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
            st.download_button(
                t("Download as CSV"),
                lambda: export_products(studio, actor, wanted),
                "products.csv",
                "text/csv",
                type="tertiary",
                icon=":material/download:",
                on_click="ignore",
            )
