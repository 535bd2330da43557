"""Products are found by what they are and by what they lack."""

from __future__ import annotations

import csv
import io
from dataclasses import fields

import pytest
import sqlalchemy as sa

from db.tables import AssetState
from studio.catalogue import products
from studio.catalogue.products import (
    Coverage,
    PhotoCover,
    ProductFilter,
    export_products,
    facets,
    find_products,
    product,
    product_ids,
)
from studio.errors import InputError, NotFound, NotSignedIn
from studio.imports.catalogue_import import bring_in, load_sample


def found(studio, actor, **wanted) -> list[str]:
    return [view.sku for view in find_products(studio, actor, ProductFilter(**wanted)).products]


@pytest.fixture
def shop(studio_on_both, images):
    images.product("A-1", "Arbor tee, red", parent_sku="A", category="Apparel > Topwear > Tshirts", usage="Casual")
    images.product("A-2", "Arbor tee, blue", parent_sku="A", colour="Blue", category="Apparel > Topwear > Tshirts")
    images.product("B-1", "Harbour bag 100%", colour=None, category="Accessories > Bags")
    images.product("C-1", "Colby apparel box", category="Apparel and more", colour="Red")
    return studio_on_both


def test_filters_find_products(shop, viewer) -> None:
    assert found(shop, viewer) == ["A-2", "A-1", "C-1", "B-1"]
    assert found(shop, viewer, text="ARBOR") == ["A-2", "A-1"]
    assert found(shop, viewer, text="arbor a-1") == ["A-1"]
    assert found(shop, viewer, text="100%") == ["B-1"]
    assert found(shop, viewer, text="%") == ["B-1"]
    assert found(shop, viewer, text="\0") == ["A-2", "A-1", "C-1", "B-1"]
    assert found(shop, viewer, category="Apparel") == ["A-2", "A-1"]
    assert found(shop, viewer, category="Apparel > Topwear > Tshirts") == ["A-2", "A-1"]
    assert found(shop, viewer, category="App") == found(shop, viewer, category="Nothing") == []
    assert found(shop, viewer, colour="Red") == ["A-1", "C-1"]
    assert found(shop, viewer, usage="Casual", text="tee") == ["A-1"]


def test_coverage_tells_products_with_an_approved_image(shop, images, editor) -> None:
    ids = {view.sku: view.id for view in find_products(shop, editor).products}
    images.make(editor, product_id=ids["A-1"], state=AssetState.APPROVED)
    images.make(editor, product_id=ids["A-2"], state=AssetState.IN_REVIEW)
    images.make(editor, product_id=ids["B-1"], state=AssetState.PUBLISHED)
    images.make(editor, product_id=ids["C-1"], state=AssetState.WITHDRAWN)
    assert found(shop, editor, coverage=Coverage.WITH) == ["A-1", "B-1"]
    assert found(shop, editor, coverage=Coverage.WITHOUT) == ["A-2", "C-1"]
    assert product_ids(shop, editor, ProductFilter(coverage=Coverage.WITHOUT)) == (ids["A-2"], ids["C-1"])
    assert facets(shop, editor).without_image == 2


def test_a_product_shows_its_newest_approved_image_first_then_any_then_its_photo(shop, images, editor) -> None:
    bare = images.product("P-0", "Z")
    photographed = images.product("P-1", "Z", photo=True)
    drafted = images.product("P-2", "Z", photo=True)
    chosen = images.product("P-3", "Z", photo=True)
    images.make(editor, 3, product_id=drafted)
    images.make(editor, 2, product_id=chosen, state=AssetState.APPROVED)
    (newest,) = images.make(editor, product_id=chosen)
    images.make(editor, product_id=bare, state=AssetState.WITHDRAWN)
    views = {view.id: view for view in find_products(shop, editor, ProductFilter(text="P-")).products}
    assert (views[bare].thumb_sha256, views[bare].images) == (None, 0)
    assert views[photographed].thumb_sha256 == "0" * 64
    assert (views[drafted].images, views[drafted].approved) == (3, 0)
    assert (views[chosen].images, views[chosen].approved) == (3, 2)
    detail = product(shop, editor, chosen)
    assert detail.images[0].id == newest
    assert views[chosen].thumb_sha256 == detail.images[1].sha256
    assert views[drafted].thumb_sha256 == product(shop, editor, drafted).images[0].sha256


def test_pages_cover_every_product_once(shop, viewer) -> None:
    pages = [find_products(shop, viewer, page=number, size=3) for number in (1, 2, 3)]
    assert [view.sku for page in pages for view in page.products] == ["A-2", "A-1", "C-1", "B-1"]
    assert [(page.total, page.pages) for page in pages] == [(4, 2)] * 3
    assert find_products(shop, viewer, ProductFilter(text="nothing")).pages == 1
    for page, size in ((0, 10), (1, 0), (1, 501)):
        with pytest.raises(InputError, match=f"got page {page} of {size}"):
            find_products(shop, viewer, page=page, size=size)


def test_facets_count_every_level(shop, viewer) -> None:
    counted = facets(shop, viewer)
    assert counted.total == 4
    assert counted.categories == {
        "Accessories": 1,
        "Accessories > Bags": 1,
        "Apparel": 2,
        "Apparel > Topwear": 2,
        "Apparel > Topwear > Tshirts": 2,
        "Apparel and more": 1,
    }
    assert counted.colours == {"Blue": 1, "Red": 2}
    assert counted.usages == {"Casual": 1}


def test_a_product_knows_its_family(shop, images, viewer) -> None:
    (red,) = find_products(shop, viewer, ProductFilter(text="A-1")).products
    detail = product(shop, viewer, red.id)
    assert [variant.sku for variant in detail.variants] == ["A-2"]
    parent = images.product("A", "Arbor tee")
    assert [variant.sku for variant in product(shop, viewer, red.id).variants] == ["A", "A-2"]
    assert [variant.sku for variant in product(shop, viewer, parent).variants] == ["A-2", "A-1"]
    (bag,) = find_products(shop, viewer, ProductFilter(text="B-1")).products
    assert product(shop, viewer, bag.id).variants == ()
    with pytest.raises(NotFound, match="no product 999"):
        product(shop, viewer, 999)


def test_an_exported_catalogue_comes_back_unchanged_and_holds_no_formula(studio, images, editor) -> None:
    load_sample(studio, editor)
    images.product("=1", "+cmd", description='-\nlines, and "quotes"', attributes={"note": "@x", "fit": "'=slim"})
    data = export_products(studio, editor)
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert len(rows) == 62
    odd = next(row for row in rows if row["title"].endswith("cmd"))
    assert (odd["sku"], odd["title"], odd["note"], odd["fit"]) == ("'=1", "'+cmd", "'@x", "''=slim")
    assert odd["description"] == '\'-\nlines, and "quotes"'
    again = bring_in(studio, editor, data, "back.csv")
    assert (again.new, again.changed, again.refused, again.unchanged) == (0, 0, 0, 62)


def test_the_catalogue_is_for_people_who_signed_in(studio) -> None:
    for call in (find_products, facets, product_ids, export_products):
        with pytest.raises(NotSignedIn):
            call(studio, None)
    with pytest.raises(NotSignedIn):
        product(studio, None, 1)


FILTERS = {
    "category": "Apparel",
    "colour": "Red",
    "usage": "Casual",
    "coverage": Coverage.WITHOUT,
    "photos": PhotoCover.WITHOUT,
    "text": "red",
}


@pytest.mark.sqlite(reason="reads the plan in SQLite's words; `make bench` shows PostgreSQL's")
@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_of_the_catalogue_is_looked_up(studio, name) -> None:
    with studio.reading() as session:
        conditions = products.conditions_of(session, ProductFilter(**{name: FILTERS[name]}))
    query = sa.select(products.Product).where(*conditions)
    query = query.order_by(products.Product.title, products.Product.id).limit(50)
    statement = str(query.compile(studio.engine, compile_kwargs={"literal_binds": True}))
    with studio.engine.connect() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")]
    if name in ("coverage", "photos", "text"):  # in the order of the titles, each looked at until the page is full
        assert plan[0] == "SCAN products USING INDEX ix_products_title"
        assert not [line for line in plan if line.startswith(("SCAN assets", "SCAN photos", "USE TEMP"))], plan
    else:
        assert plan[0].startswith(f"SEARCH products USING INDEX ix_products_{name}"), plan


def test_the_test_above_knows_every_filter() -> None:
    assert set(FILTERS) == {field.name for field in fields(ProductFilter)}
