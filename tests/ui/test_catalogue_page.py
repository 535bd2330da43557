"""Catalogue: the table under its filters, and the import from the file to the products."""

import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from db.tables import AssetState, Job, JobState, Product
from studio.bootstrap import Studio
from studio.catalogue.products import find_products
from studio.imports.catalogue_import import bring_in
from studio.imports.job import Importer
from studio.roles import Actor
from tests.studio.conftest import Images
from tests.ui.conftest import Visit, press, told

GOOD = "sku,title,category,colour\nA-1,Linen shirt,Shirts,White\nA-2,Tote,Handbags,Green\n"
FAULTY = "sku,title,category\nA-1,Linen shirt,Shirts\nA-1,Again,Shirts\n,Nameless,Shirts\n"


def titles(page: AppTest) -> list[str]:
    return list(page.dataframe[0].value["title"])


def upload(page: AppTest, text: str) -> AppTest:
    return page.file_uploader[0].set_value(("spring.csv", text.encode(), "text/csv")).run()


def check(page: AppTest, studio: Studio) -> AppTest:
    """Press the button and be the worker that checks the file."""
    page = press(page, "Check the file")
    with studio.reading() as session:
        job_id = session.scalars(sa.select(Job.id).where(Job.state == JobState.QUEUED)).one()
    importer = Importer(studio, "here")
    importer.stage(importer.begin(job_id))
    return page.run()


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
    assert [field.label for field in page.file_uploader] == ["Photo"]  # to search by
    assert not [button for button in page.button if "Generate" in button.label]


def test_all_products_under_the_filters_lead_to_generate(visit: Visit, editor: Actor, images: Images) -> None:
    images.product("A-1", "Red shirt")
    images.product("A-2", "Blue shirt")
    page = press(visit("catalogue", editor), "Generate for all 2 products")
    assert [title.value for title in page.title] == ["Generate"]
    assert "2 products picked" in told(page)


def test_a_file_is_told_before_it_is_imported(visit: Visit, editor: Actor, studio: Studio) -> None:
    page = upload(visit("catalogue", editor, view="import"), GOOD)
    assert "Recognised: EcomGAN Studio" in told(page)
    page = check(page, studio)
    assert [(metric.label, metric.value) for metric in page.metric][:1] == [("New", "2")]
    assert find_products(studio, editor).total == 0
    page = press(page, "Import 2 products")
    assert "2 products added" in told(page)
    assert find_products(studio, editor).total == 2


def test_a_check_shows_its_progress_and_can_be_cancelled(visit: Visit, editor: Actor, studio: Studio) -> None:
    page = press(upload(visit("catalogue", editor, view="import"), GOOD), "Check the file")
    assert "Waiting for a worker" in page.get("progress")[0].proto.text
    page = press(page, "Cancel")
    assert "The check was stopped" in told(page)
    page = press(page, "Check again")
    assert "Waiting for a worker" in page.get("progress")[0].proto.text


def test_refused_rows_are_shown_with_column_and_reason(visit: Visit, editor: Actor, studio: Studio) -> None:
    page = check(upload(visit("catalogue", editor, view="import"), FAULTY), studio)
    refused = page.dataframe[0].value
    assert {"Row", "SKU", "Column", "Reason", "Value"} == set(refused.columns)
    assert set(refused["Row"]) >= {4}
    assert "Download as CSV" in [button.proto.label for button in page.get("download_button")]


def test_an_unknown_table_is_mapped_by_the_user(visit: Visit, editor: Actor, studio: Studio) -> None:
    page = upload(visit("catalogue", editor, view="import"), "nr;what;kind\nA-1;Linen shirt;Shirts\n")
    assert "Say which column holds what" in told(page)
    assert "Still needed: SKU, Title, Category" in told(page)
    for field, column in (("SKU", "nr"), ("Title", "what"), ("Category", "kind")):
        (box,) = [box for box in page.selectbox if box.label.startswith(field)]
        page = box.select(column).run()
    page = press(check(page, studio), "Import 1 product")
    assert find_products(studio, editor).products[0].sku == "A-1"


def test_columns_are_corrected_after_the_check(visit: Visit, editor: Actor, studio: Studio) -> None:
    data = "sku,title,category,note\nA-1,Linen shirt,Shirts,to be sold by May\n"
    page = check(upload(visit("catalogue", editor, view="import"), data), studio)
    page = press(page, "Correct the columns")
    (kept,) = [box for box in page.multiselect if box.label == "Kept as attributes"]
    page = check(kept.unselect("note").run(), studio)
    press(page, "Import 1 product")
    with studio.reading() as session:
        assert session.scalars(sa.select(Product.attributes)).all() == [{}]


def test_a_catalogue_that_changed_meanwhile_is_a_calm_message(visit: Visit, editor: Actor, studio: Studio) -> None:
    page = check(upload(visit("catalogue", editor, view="import"), GOOD), studio)
    bring_in(studio, editor, GOOD.encode(), "other.csv")
    page = press(page, "Import 2 products")
    assert "The catalogue changed since this file was checked" in page.error[0].value


def test_photos_that_did_not_come_are_warnings_of_the_import(visit: Visit, editor: Actor, studio: Studio) -> None:
    data = b"sku,title,category,photos\nA,Shirt,Shirts,a.jpg\nB,Bag,Bags,b.jpg\n"
    shown = bring_in(studio, editor, data, "shop.csv")
    page = visit("catalogue", editor, view="import", **{"import": str(shown.id)})
    assert not page.exception
    assert {metric.label: metric.value for metric in page.metric}["Warnings"] == "2"
    assert "2 photos are named in it. 2 have not come yet." in told(page)
    (table,) = [table.value for table in page.dataframe if "Reason" in table.value]
    assert list(table["Value"]) == ["a.jpg", "b.jpg"]
    assert set(table["Reason"]) == {"has not come yet"}


def test_earlier_imports_are_listed(visit: Visit, editor: Actor, studio: Studio) -> None:
    bring_in(studio, editor, GOOD.encode(), "winter.csv")
    page = visit("catalogue", editor, view="import")
    assert "winter" in told(page)
    assert "2 products added" in told(page)


def test_a_file_that_cannot_be_read_is_a_calm_message(visit: Visit, editor: Actor) -> None:
    page = upload(visit("catalogue", editor, view="import"), "")
    assert not page.exception
    assert "empty" in page.error[0].value
    assert "Nothing was changed" in page.error[0].value
