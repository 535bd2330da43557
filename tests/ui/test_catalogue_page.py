"""Catalogue: the table under its filters, and the import from the file to the products."""

from streamlit.testing.v1 import AppTest

from db.tables import AssetState
from studio.bootstrap import Studio
from studio.catalogue import find_products
from studio.roles import Actor
from tests.studio.conftest import Images
from tests.ui.conftest import Visit, press, told

GOOD = "sku,title,category,colour\nA-1,Linen shirt,Shirts,White\nA-2,Tote,Handbags,Green\n"
FAULTY = "sku,title,category\nA-1,Linen shirt,Shirts\nA-1,Again,Shirts\n,Nameless,Shirts\n"


def titles(page: AppTest) -> list[str]:
    return list(page.dataframe[0].value["title"])


def upload(page: AppTest, text: str) -> AppTest:
    return page.file_uploader[0].set_value(("spring.csv", text.encode(), "text/csv")).run()


def test_the_table_counts_images_and_approved_ones(visit: Visit, editor: Actor, images: Images) -> None:
    product = images.product("A-1", "Red shirt")
    images.make(editor, 2, product_id=product, state=AssetState.APPROVED)
    images.make(editor, 1, product_id=product)
    row = visit("catalogue", editor).dataframe[0].value.iloc[0]
    assert (row["approved"], row["images"]) == (2, 3)
    assert row["picture"].startswith("/api/v1/thumbnails/")


def test_the_address_narrows_the_products(visit: Visit, viewer: Actor, editor: Actor, images: Images) -> None:
    covered = images.product("A-1", "Red shirt")
    images.product("A-2", "Blue shirt", colour="Blue")
    images.make(editor, product_id=covered, state=AssetState.APPROVED)
    assert titles(visit("catalogue", viewer, coverage="without")) == ["Blue shirt"]
    assert titles(visit("catalogue", viewer, colour="Red")) == ["Red shirt"]
    assert titles(visit("catalogue", viewer, text="shirt a-2")) == ["Blue shirt"]


def test_a_viewer_can_neither_import_nor_generate(visit: Visit, viewer: Actor, images: Images) -> None:
    images.product()
    page = visit("catalogue", viewer, view="import")
    assert not page.file_uploader
    assert not [button for button in page.button if "Generate" in button.label]


def test_all_products_under_the_filters_lead_to_generate(visit: Visit, editor: Actor, images: Images) -> None:
    images.product("A-1", "Red shirt")
    images.product("A-2", "Blue shirt")
    page = press(visit("catalogue", editor), "Generate for all 2 products")
    assert [title.value for title in page.title] == ["Generate"]
    assert "2 products picked" in told(page)


def test_a_file_is_told_before_it_is_imported(visit: Visit, editor: Actor, studio: Studio) -> None:
    page = upload(visit("catalogue", editor, view="import"), GOOD)
    assert [(metric.label, metric.value) for metric in page.metric][:1] == [("New", "2")]
    assert find_products(studio, editor).total == 0
    page = press(page, "Import 2 products")
    assert "2 products added" in told(page)
    assert find_products(studio, editor).total == 2


def test_refused_rows_are_shown_with_column_and_reason(visit: Visit, editor: Actor, studio: Studio) -> None:
    page = upload(visit("catalogue", editor, view="import"), FAULTY)
    refused = page.dataframe[0].value
    assert {"Row", "Column", "Reason", "Value"} == set(refused.columns)
    assert set(refused["Row"]) >= {4}
    assert "Download the refused rows" in [button.proto.label for button in page.get("download_button")]


def test_a_file_that_cannot_be_read_is_a_calm_message(visit: Visit, editor: Actor) -> None:
    page = upload(visit("catalogue", editor, view="import"), "title\nno sku here\n")
    assert not page.exception
    assert "sku" in page.error[0].value
    assert "Nothing was changed" in page.error[0].value
