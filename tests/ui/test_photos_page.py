"""Catalogue: photos with their rights, the words of the catalogue, changes of many products."""

from __future__ import annotations

import pytest

from db.tables import LicenceState
from studio.bootstrap import Studio
from studio.catalogue.bulk_edit import edit_products, preview_edit
from studio.catalogue.products import find_products, product_ids
from studio.catalogue.value_mappings import confirm
from studio.photos.listing import find_pictures, set_rights
from studio.photos.rights import Statement
from studio.roles import Actor
from tests.studio.conftest import Images
from tests.studio.photo_files import bring, photo
from tests.ui.conftest import Visit, press, told


@pytest.fixture
def shop(studio: Studio, images: Images, editor: Actor) -> Studio:
    images.product("MH01", "Chaz hoodie", category="Men > Hoodies")
    images.product("MH02", "Ridge tee", category="Men > Tees")
    bring(studio, editor, {"MH01.jpg": photo(1), "IMG_7.jpg": photo(2), "notes.jpg": b"hello"})
    return studio


def test_photos_begin_with_what_to_do(visit: Visit, editor: Actor, images: Images) -> None:
    images.product()
    page = visit("catalogue", editor, view="photos")
    assert "No photos yet" in told(page)
    assert [button.label for button in page.button if "photos" in button.label] == ["Add photos"]


def test_photos_are_listed_with_figures_and_rights(shop: Studio, visit: Visit, editor: Actor) -> None:
    page = visit("catalogue", editor, view="photos")
    assert {metric.label: metric.value for metric in page.metric} == {
        "Photos": "1",
        "Products without a photo": "1 of 2",
        "Rights unconfirmed": "1",
        "Named, not here yet": "0",
    }
    assert "Unconfirmed" in page.dataframe[0].value["rights"][0]
    page = visit("catalogue", editor, view="photos", rights="settled")
    assert page.dataframe[0].value.empty


def test_rights_of_all_are_stated_in_a_dialog(shop: Studio, visit: Visit, editor: Actor) -> None:
    page = press(visit("catalogue", editor, view="photos"), "State the rights of this 1 photo")
    assert [box.value for box in page.selectbox if box.key in ("rights-licence", "rights-consent")] == [
        LicenceState.UNCONFIRMED,
        LicenceState.UNCONFIRMED,
    ]
    assert [button.label for button in page.button if button.key == "rights-save"] == ["Save"]


def test_what_matched_nothing_is_placed_by_hand(shop: Studio, visit: Visit, editor: Actor) -> None:
    page = visit("catalogue", editor, view="photos", show="last")
    assert "1 photo waits for its product" in told(page)
    page.text_input[0].set_value("MH02").run()
    press(page, "Place")
    assert {view.sku: view.photos for view in find_products(shop, editor).products} == {"MH01": 1, "MH02": 1}


def test_an_unknown_sku_is_a_calm_message(shop: Studio, visit: Visit, editor: Actor) -> None:
    page = visit("catalogue", editor, view="photos", show="last")
    page.text_input[0].set_value("NOPE").run()
    page = press(page, "Place")
    assert not page.exception
    assert "NOPE" in page.error[0].value


def test_a_viewer_sees_photos_and_changes_nothing(shop: Studio, visit: Visit, viewer: Actor) -> None:
    for query in ({"view": "photos"}, {"view": "photos", "show": "last"}, {"view": "photos", "show": "double"}):
        page = visit("catalogue", viewer, **query)
        assert not page.exception
        assert not [button for button in page.button if button.label != "Set password"]


def test_refused_rights_show_in_the_table(shop: Studio, visit: Visit, editor: Actor) -> None:
    hashes = [picture.sha256 for picture in find_pictures(shop, editor).pictures]
    set_rights(shop, editor, hashes, Statement(LicenceState.REFUSED, LicenceState.GRANTED))
    assert "Refused" in visit("catalogue", editor, view="photos").dataframe[0].value["rights"][0]
    assert visit("catalogue", editor).dataframe[0].value["picture"].isna().all()


def test_sure_words_are_confirmed_by_one_press(shop: Studio, visit: Visit, editor: Actor, with_model: Studio) -> None:
    page = visit("catalogue", editor, view="words")
    table = page.dataframe[0].value.set_index("source")
    assert table.loc["Men > Tees", "value"] == "Tshirts"
    page = press(page, "Confirm 1 that is sure")
    assert page.dataframe[0].value.set_index("source").loc["Men > Tees", "confirmed"]
    assert "1 of 2 confirmed" in told(page)


def test_a_viewer_reads_words(shop: Studio, visit: Visit, viewer: Actor, editor: Actor, with_model: Studio) -> None:
    confirm(shop, editor, "article_type", {"Men > Hoodies": "Hoodies"})
    page = visit("catalogue", viewer, view="words")
    assert not [button for button in page.button if button.label.startswith(("Confirm", "Save"))]
    assert editor.name in page.dataframe[0].value.set_index("source").loc["Men > Hoodies", "state"]


def test_without_a_model_words_wait_calmly(shop: Studio, visit: Visit, editor: Actor) -> None:
    page = visit("catalogue", editor, view="words")
    assert not page.exception
    assert "No model is in production" in page.warning[0].value


def test_many_products_are_changed_in_a_dialog(shop: Studio, visit: Visit, editor: Actor) -> None:
    page = press(visit("catalogue", editor), "Change 2 products")
    assert {"Category", "Colour", "Use", "Size", "Attribute"} <= {box.label for box in page.selectbox}
    assert "Fields that you leave alone stay as they are" in told(page)


def test_a_change_of_many_products_can_be_taken_back(shop: Studio, visit: Visit, editor: Actor) -> None:
    ids = product_ids(shop, editor)
    values = {"usage": "Sports"}
    page = visit("catalogue", editor)
    page.session_state["bulk_edit_made"] = edit_products(
        shop, editor, ids, values, preview_edit(shop, editor, ids, values).digest
    )
    page = page.run()
    assert "2 products changed" in told(page)
    page = press(page, "Take it back")
    assert "2 products are as they were" in told(page)
    assert [view.usage for view in find_products(shop, editor).products] == [None, None]
