"""Many products are changed at once, shown before, and can be taken back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db.tables import Product
from studio.catalogue.bulk_edit import attribute_names, edit_products, latest_edit, preview_edit, undo_edit
from studio.errors import Conflict, Forbidden, InputError, NotFound


@pytest.fixture
def shop(studio_on_both, images):
    ids = [
        images.product("A-1", "Tee", colour="Red", attributes={"fit": "slim", "care": "30"}),
        images.product("A-2", "Tee two", colour="Blue"),
        images.product("A-3", "Tee three", colour=None, usage="Casual"),
    ]
    return studio_on_both, ids


def said(studio) -> dict[str, tuple]:
    with studio.reading() as session:
        rows = session.scalars(sa.select(Product).order_by(Product.sku))
        return {row.sku: (row.category, row.colour, row.usage, row.attributes) for row in rows}


def test_a_preview_shows_what_would_change_and_writes_nothing(shop, editor) -> None:
    studio, ids = shop
    before = said(studio)
    preview = preview_edit(studio, editor, ids, {"colour": "Red", "fit": "slim"})
    assert (preview.changed, preview.unchanged) == (2, 1)
    assert preview.products[0].changes == {"colour": ("Blue", "Red"), "fit": ("", "slim")}
    assert said(studio) == before


def test_a_change_is_made_and_taken_back_whole(shop, editor) -> None:
    studio, ids = shop
    before = said(studio)
    values = {"category": "Men>Tops  >Tees", "colour": "", "fit": "", "season": "2026"}
    digest = preview_edit(studio, editor, ids, values).digest
    edit_id = edit_products(studio, editor, ids, values, digest)
    after = said(studio)
    assert after["A-1"] == ("Men > Tops > Tees", None, None, {"care": "30", "season": "2026"})
    assert after["A-3"][2] == "Casual"
    assert latest_edit(studio, editor).products == 3
    assert undo_edit(studio, editor, edit_id) == (3, 0)
    assert said(studio) == before
    assert latest_edit(studio, editor) is None
    with pytest.raises(Conflict, match="already"):
        undo_edit(studio, editor, edit_id)


def test_taking_back_leaves_alone_what_was_changed_again(shop, editor) -> None:
    studio, ids = shop
    first = edit_products(
        studio, editor, ids, {"colour": "Green"}, preview_edit(studio, editor, ids, {"colour": "Green"}).digest
    )
    again = {"colour": "Gold"}
    edit_products(studio, editor, ids[:1], again, preview_edit(studio, editor, ids[:1], again).digest)
    assert undo_edit(studio, editor, first) == (2, 1)
    assert [colour for _, colour, _, _ in said(studio).values()] == ["Gold", "Blue", None]


def test_a_stale_preview_is_refused(shop, editor) -> None:
    studio, ids = shop
    digest = preview_edit(studio, editor, ids, {"colour": "Green"}).digest
    with studio.writing() as session:
        session.get_one(Product, ids[0]).colour = "Gold"
    with pytest.raises(Conflict, match="changed since the preview"):
        edit_products(studio, editor, ids, {"colour": "Green"}, digest)
    same = preview_edit(studio, editor, ids[:1], {"colour": "Gold"})
    with pytest.raises(Conflict, match="already"):
        edit_products(studio, editor, ids[:1], {"colour": "Gold"}, same.digest)


@pytest.mark.parametrize(
    "values",
    [{}, {"sku": "X"}, {"title": "X"}, {"category": " > "}, {"": "x"}, {"colour": "x" * 65}, {"fit": "a\x00b"}],
)
def test_changes_that_cannot_be_are_refused(shop, editor, values) -> None:
    studio, ids = shop
    with pytest.raises(InputError):
        preview_edit(studio, editor, ids, values)


def test_who_and_what_may_be_changed(shop, editor, viewer) -> None:
    studio, ids = shop
    assert attribute_names(studio, editor, ids) == ["care", "fit"]
    with pytest.raises(Forbidden):
        preview_edit(studio, viewer, ids, {"colour": "Red"})
    with pytest.raises(NotFound):
        preview_edit(studio, editor, [*ids, 999], {"colour": "Red"})
    with pytest.raises(InputError, match="got 0"):
        preview_edit(studio, editor, [], {"colour": "Red"})
    with pytest.raises(NotFound):
        undo_edit(studio, editor, 99)
