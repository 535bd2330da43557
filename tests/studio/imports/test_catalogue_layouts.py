"""Exports of well-known shops come in as they are."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
from openpyxl import Workbook

from db.tables import ImportRow, Product
from studio.bootstrap import Studio
from studio.errors import InputError
from studio.imports.catalogue_import import ImportView, bring_in, look_at
from studio.imports.column_mapping import recognise
from studio.imports.html_text import text_of
from studio.imports.layouts import LAYOUTS, Target
from studio.imports.magento import category_paths, packed_attributes, variant_skus
from studio.imports.rows import UNCATEGORISED, Problem
from studio.imports.spreadsheet import write_csv
from studio.imports.staged_rows import RowKind, staged_rows
from studio.roles import Actor

LUMA = Path(__file__).resolve().parents[4] / "shared" / "data" / "luma"

SHOPIFY_LEGACY = [
    ["Handle", "Title", "Body (HTML)", "Vendor", "Type", "Tags", "Option1 Name", "Option1 Value", "Option2 Name",
     "Option2 Value", "Variant SKU", "Variant Price", "Image Src", "Image Position", "Variant Image", "SEO Title"],
    ["oxford", "Oxford shirt", "<p>Soft &amp; light</p><ul><li>Cotton</li></ul>", "Acme", "Shirts", "new", "Color",
     "Navy", "Size", "M", "OX-N-M", "49", "https://cdn/ox-front.jpg", "1", "https://cdn/ox-navy.jpg", "seo"],
    ["oxford", "", "", "", "", "", "", "White", "", "M", "", "49", "https://cdn/ox-back.jpg", "2", "", ""],
    ["oxford", "", "", "", "", "", "", "", "", "", "", "", "https://cdn/ox-side.jpg", "3", "", ""],
    ["tote", "Canvas tote", "", "Acme", "", "", "Title", "Default Title", "", "", "TOTE-1", "19",
     "https://cdn/tote.jpg", "1", "", ""],
]  # fmt: skip

SHOPIFY_NEW = [
    ["Title", "URL handle", "Description", "Vendor", "Product category", "Type", "Status", "SKU", "Option1 name",
     "Option1 value", "Price", "Product image URL", "Variant image URL"],
    ["Cap", "cap", "A cap", "Acme", "Apparel & Accessories > Hats", "", "Active", "CAP-R", "Colour", "Red", "9",
     "https://cdn/cap.jpg", "https://cdn/cap-red.jpg"],
    ["", "cap", "", "", "", "", "", "CAP-B", "", "Blue", "9", "", "https://cdn/cap-blue.jpg"],
]  # fmt: skip

GOOGLE = [
    ["id", "title", "description", "link", "image_link", "additional_image_link", "availability", "price",
     "product_type", "google_product_category", "color", "size", "item_group_id", "brand"],
    ["G-1", "Linen dress", "Light", "https://shop/1", "https://cdn/1.jpg", "https://cdn/2.jpg,https://cdn/w_1,h_2.jpg",
     "in_stock", "49 EUR", "Women > Dresses", "2271", "Blue", "S", "G", "Acme"],
    ["G-2", "Gift", "", "https://shop/2", "https://cdn/3.jpg", "", "in_stock", "9 EUR", "", "", "", "", "", ""],
]  # fmt: skip

FEED = """<?xml version="1.0"?>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel><title>Shop</title>
<item><g:id>G-1</g:id><title>Linen dress</title><g:image_link>https://cdn/1.jpg</g:image_link>
<g:additional_image_link>https://cdn/2.jpg</g:additional_image_link>
<g:additional_image_link>https://cdn/3.jpg</g:additional_image_link>
<g:product_type>Women &gt; Dresses</g:product_type><g:color>Blue</g:color>
<g:shipping><g:country>DE</g:country></g:shipping></item>
<item><g:id>G-2</g:id><title>Bag</title><g:image_link>https://cdn/4.jpg</g:image_link>
<g:product_type>Bags</g:product_type><g:availability>in_stock</g:availability></item>
</channel></rss>"""


def csv_of(rows: Sequence[Sequence[str]]) -> bytes:
    return write_csv(rows[0], rows[1:])


def products(studio: Studio) -> dict[str, Product]:
    with studio.reading() as session:
        return {product.sku: product for product in session.scalars(sa.select(Product))}


def references(studio: Studio, shown: ImportView) -> list[tuple[str, str]]:
    """(SKU, photo) of the staged rows, in the order of the file."""
    query = sa.select(ImportRow.sku, ImportRow.photos).where(ImportRow.import_id == shown.id)
    with studio.reading() as session:
        rows = session.execute(query.order_by(ImportRow.row, ImportRow.part)).all()
    return [(sku, photo) for sku, photos in rows for photo in photos]


@pytest.mark.skipif(not LUMA.exists(), reason="the Luma export is not here")
def test_the_luma_export_comes_in_as_it_is(studio_on_both: Studio, editor: Actor) -> None:
    studio = studio_on_both
    data = (LUMA / "products.csv").read_bytes()
    shown = bring_in(studio, editor, data, "products.csv")
    assert (shown.layout, shown.rows, shown.new, shown.refused, shown.warnings) == ("magento", 1994, 1994, 0, 0)
    found = products(studio)
    parents = {sku for sku, product in found.items() if product.parent_sku is None}
    variants = [product for product in found.values() if product.parent_sku is not None]
    assert (len(parents), len(variants)) == (147, 1847)
    assert all(found[sku].colour is None and found[sku].size is None for sku in parents)
    assert all(product.colour and product.size and product.parent_sku in parents for product in variants)
    assert Counter(product.category for product in found.values())["Men > Tops > Hoodies & Sweatshirts"] == 208
    assert {product.category.partition(" > ")[0] for product in found.values()} == {"Men", "Women"}
    hoodie = found["MH01-XS-Black"]
    assert (hoodie.parent_sku, hoodie.colour, hoodie.size) == ("MH01", "Black", "XS")
    assert hoodie.attributes["categories"] == "Collections > Eco Friendly"
    assert found["MH01"].attributes["climate"] == "All-weather, Cool, Indoor, Spring, Windy"
    assert "\n• Machine wash/dry." in hoodie.description
    assert not any("<" in product.description or "&" in product.description[:-1] for product in variants[:50])

    named = references(studio, shown)
    photos = {photo for _, photo in named}
    assert (len(photos), shown.photos) == (675, 675)
    assert ("MH01-XS-Black", "/m/h/mh01-black_main.jpg") in named
    there = {f"/{path.relative_to(LUMA / 'media')}" for path in (LUMA / "media").rglob("*.jpg")}
    assert len(photos - there) == 253

    again = bring_in(studio, editor, data, "products.csv")
    assert (again.new, again.changed, again.unchanged) == (0, 0, 1994)


def test_shopify_rows_of_one_handle_become_a_parent_and_its_variants(studio: Studio, editor: Actor) -> None:
    shown = bring_in(studio, editor, csv_of(SHOPIFY_LEGACY), "products.csv")
    assert (shown.layout, shown.new, shown.refused) == ("shopify_legacy", 4, 0)
    found = products(studio)
    assert set(found) == {"oxford", "OX-N-M", "oxford-White-M", "TOTE-1"}
    parent, navy, white = found["oxford"], found["OX-N-M"], found["oxford-White-M"]
    assert (parent.parent_sku, parent.colour, parent.description) == (None, None, "Soft & light\n• Cotton")
    assert (navy.parent_sku, navy.colour, navy.size, navy.title) == (
        "oxford",
        "Navy",
        "M",
        "Oxford shirt - Navy / M",
    )
    assert (white.colour, white.category, white.attributes["Vendor"]) == ("White", "Shirts", "Acme")
    assert found["TOTE-1"].title == "Canvas tote"
    assert found["TOTE-1"].category == UNCATEGORISED
    warned = staged_rows(studio, editor, shown.id, RowKind.WARNED)
    assert [(row.sku, row.problems[0].column) for row in warned] == [
        ("oxford-White-M", "Variant SKU"),
        ("TOTE-1", "Type"),
    ]
    assert references(studio, shown) == [
        ("oxford", "https://cdn/ox-front.jpg"),
        ("oxford", "https://cdn/ox-back.jpg"),
        ("oxford", "https://cdn/ox-side.jpg"),
        ("OX-N-M", "https://cdn/ox-navy.jpg"),
        ("TOTE-1", "https://cdn/tote.jpg"),
    ]
    again = bring_in(studio, editor, csv_of(SHOPIFY_LEGACY), "products.csv")
    assert (again.new, again.changed, again.unchanged) == (0, 0, 4)


def test_the_new_headers_of_shopify_are_known_too(studio: Studio, editor: Actor) -> None:
    shown = bring_in(studio, editor, csv_of(SHOPIFY_NEW), "products.csv")
    assert shown.layout == "shopify"
    found = products(studio)
    assert {sku: product.colour for sku, product in found.items()} == {"cap": None, "CAP-R": "Red", "CAP-B": "Blue"}
    assert found["CAP-B"].category == "Apparel & Accessories > Hats"
    assert found["CAP-B"].title == "Cap - Blue"


def test_a_handle_that_is_too_long_for_a_sku_is_shortened_and_told(studio: Studio, editor: Actor) -> None:
    long = "a-very-" * 12 + "long-handle"
    rows = [SHOPIFY_NEW[0], *([long if cell == "cap" else cell for cell in row] for row in SHOPIFY_NEW[1:])]
    shown = bring_in(studio, editor, csv_of(rows), "products.csv")
    (warned,) = staged_rows(studio, editor, shown.id, RowKind.WARNED)
    assert "was shortened to a-very-" in warned.problems[0].reason
    assert products(studio)["CAP-B"].parent_sku == warned.sku
    assert len(warned.sku) == 64


def test_a_row_without_a_handle_is_refused(studio: Studio, editor: Actor) -> None:
    rows = [*SHOPIFY_NEW, ["Lost", "", *SHOPIFY_NEW[1][2:7], "CAP-L", *SHOPIFY_NEW[1][8:]]]
    shown = bring_in(studio, editor, csv_of(rows), "products.csv")
    (bad,) = staged_rows(studio, editor, shown.id, RowKind.REFUSED)
    assert (bad.row, bad.problems) == (4, (Problem("URL handle", "is empty", ""),))


def test_google_feeds_come_in_as_tables(studio: Studio, editor: Actor) -> None:
    data = "\n".join("\t".join(row) for row in GOOGLE).encode()
    shown = bring_in(studio, editor, data, "feed.tsv")
    assert (shown.layout, shown.new, shown.warnings) == ("google", 2, 1)
    dress = products(studio)["G-1"]
    assert (dress.category, dress.colour, dress.size, dress.parent_sku) == ("Women > Dresses", "Blue", "S", "G")
    assert dress.attributes["brand"] == "Acme"
    assert products(studio)["G-2"].category == UNCATEGORISED
    assert references(studio, shown)[:3] == [
        ("G-1", "https://cdn/1.jpg"),
        ("G-1", "https://cdn/2.jpg"),
        ("G-1", "https://cdn/w_1,h_2.jpg"),
    ]


def test_google_feeds_come_in_as_xml(studio: Studio, editor: Actor) -> None:
    shown = bring_in(studio, editor, FEED.encode(), "feed.xml")
    assert (shown.layout, shown.new) == ("google", 2)
    found = products(studio)
    assert (found["G-1"].category, found["G-1"].colour, found["G-2"].colour) == ("Women > Dresses", "Blue", None)
    assert [photo for sku, photo in references(studio, shown) if sku == "G-1"] == [
        "https://cdn/1.jpg",
        "https://cdn/2.jpg",
        "https://cdn/3.jpg",
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ('<?xml version="1.0"?><rss><channel/></rss>', "no <item> or <entry>"),
        (FEED[:400], "cannot be read: line"),
        ('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><rss><item><id>&a;</id></item></rss>', "entities"),
    ],
)
def test_broken_and_hostile_feeds_are_refused(studio: Studio, editor: Actor, data: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        look_at(studio, editor, data.encode())


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    book = Workbook()
    book.active.sheet_state = "hidden"
    sheet = book.create_sheet("Products")
    for row in rows:
        sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_excel_workbooks_come_in(studio: Studio, editor: Actor) -> None:
    data = workbook(
        [
            ["sku", "title", "category", "size", "weight", "launched"],
            [1234567890123, "Red shirt", "Shirts", 38.0, 0.25, True],
            [],
            ["B-1", "  Bag ", "Bags"],
            ["C-1", None, "Bags"],
        ]
    )
    shown = bring_in(studio, editor, data, "products.xlsx")
    found = products(studio)
    shirt = found["1234567890123"]
    assert (shirt.title, shirt.size, shirt.attributes) == ("Red shirt", "38", {"weight": "0.25", "launched": "TRUE"})
    assert found["B-1"].title == "Bag"
    (bad,) = staged_rows(studio, editor, shown.id, RowKind.REFUSED)
    assert (bad.row, bad.problems[0].reason) == (5, "is empty")


def test_variants_that_a_magento_file_lacks_are_a_warning(studio: Studio, editor: Actor) -> None:
    rows = [
        ["sku", "name", "product_type", "attribute_set_code", "categories", "configurable_variations",
         "store_view_code"],
        ["A-S", "Shirt S", "simple", "Top", "Default Category/Tops", "", ""],
        ["A", "Shirt", "configurable", "Top", "Default Category/Tops", "sku=A-S,size=S|sku=A-M,size=M", ""],
        ["A", "Hemd", "configurable", "Top", "Default Category/Tops", "", "german"],
    ]  # fmt: skip
    shown = bring_in(studio, editor, csv_of(rows), "export.csv")
    assert products(studio)["A-S"].parent_sku == "A"
    (warned,) = staged_rows(studio, editor, shown.id, RowKind.WARNED)
    assert warned.problems[0].reason == "names 1 variants that the file lacks, the first is A-M"
    (bad,) = staged_rows(studio, editor, shown.id, RowKind.REFUSED)
    assert (bad.row, bad.problems[0].column) == (4, "store_view_code")


def test_a_variant_that_moves_to_another_parent_is_a_change(studio_on_both: Studio, editor: Actor) -> None:
    def export(parent: str) -> bytes:
        header = ["sku", "name", "product_type", "attribute_set_code", "categories", "configurable_variations"]
        child = ["A-S", "Shirt S", "simple", "Top", "Tops", ""]
        return csv_of([header, child, [parent, "Shirt", "configurable", "Top", "Tops", "sku=A-S,size=S"]])

    bring_in(studio_on_both, editor, export("A"), "export.csv")
    shown = bring_in(studio_on_both, editor, export("B"), "export.csv")
    (changed,) = staged_rows(studio_on_both, editor, shown.id, RowKind.CHANGED)
    assert [(one.field, one.old, one.new) for one in changed.changes] == [("parent_sku", "A", "B")]
    assert products(studio_on_both)["A-S"].parent_sku == "B"


def test_the_path_that_says_what_a_product_is_comes_first() -> None:
    cell = "Default Category/Promotions/Women Sale/Tees,Default Category/Women/Tops/Tees,Default Category"
    assert category_paths(cell) == ("Women > Tops > Tees", "Promotions > Women Sale > Tees")
    assert category_paths(r"Default Category/Men\/Boys/Tees") == ("Men/Boys > Tees",)
    assert category_paths("Default Category") == ()


def test_packed_attributes_may_hold_commas() -> None:
    cell = "has_options=1,material=Wool|Fleece,care=wash cold, dry flat,color=Red"
    assert packed_attributes(cell) == {"material": "Wool, Fleece", "care": "wash cold, dry flat", "color": "Red"}
    assert packed_attributes('"material=Wool","fit=slim"') == {"material": "Wool", "fit": "slim"}
    assert variant_skus("sku=A-S,size=S|sku=A-M,size=M") == ("A-S", "A-M")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain, 5 < 6 & 7", "plain, 5 < 6 & 7"),
        ("<p>One</p>\n<p>Two<br/>lines</p>", "One\nTwo\nlines"),
        ("<ul><li>A <b>bold</b> word</li><li></li></ul>", "• A bold word"),
        ("caf&eacute;&nbsp;au lait", "café au lait"),
        ("a<script>alert(1)</script>b<style>x{}</style>", "ab"),
        ("<p>never closed", "never closed"),
    ],
)
def test_html_becomes_text(html: str, text: str) -> None:
    assert text_of(html) == text


def test_every_layout_offers_what_it_recognises() -> None:
    for layout in LAYOUTS.values():
        assert set(layout.known.values()) <= set(layout.offered), layout.key


def test_an_own_table_wins_over_the_shops(studio: Studio) -> None:
    layout, mapping = recognise(["sku", "title", "category", "id", "image_link", "Handle"], [])
    assert layout.key == "own"
    assert mapping["image_link"] is Target.ATTRIBUTE


def test_columns_of_an_unknown_table_are_proposed_by_their_names() -> None:
    layout, mapping = recognise(["Item Number", "Product Name", "Category", "Notes"], [])
    assert layout.key == "other"
    assert list(mapping.values()) == [Target.SKU, Target.TITLE, Target.CATEGORY, Target.ATTRIBUTE]
