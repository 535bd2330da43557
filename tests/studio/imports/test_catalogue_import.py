"""Products come in from files: what the check tells is what happens, once, and nothing half."""

from __future__ import annotations

import csv
import datetime as dt
import importlib.resources

import pytest
import sqlalchemy as sa

from db.tables import Activity, ImportRow
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, NotFound, NotSignedIn
from studio.imports.catalogue_import import (
    apply_import,
    bring_in,
    check_again,
    discard_import,
    find_import,
    list_imports,
    load_sample,
    start_import,
)
from studio.imports.rows import Problem
from studio.imports.staged_rows import FieldChange, RowKind, clear_old
from studio.roles import Actor
from tests.studio.imports.files_at_once import checked, products, rows, stage_again, table


def test_the_check_writes_nothing_and_apply_does_what_it_told(studio_on_both: Studio, editor: Actor) -> None:
    studio = studio_on_both
    first = table("A,Red shirt,Apparel > Shirts,Red,Cotton", "B,Blue shirt,Apparel > Shirts,Blue,")
    bring_in(studio, editor, first, "a.csv")
    before = products(studio)
    shown = checked(
        studio,
        editor,
        table(
            "A,Red linen shirt,Apparel>Shirts,Red,Linen",
            "B,Blue shirt,Apparel > Shirts,Blue,",
            "C,New,Bags,,",
            "D,,Bags,,",
        ),
    )
    assert products(studio)["A"].title == "Red shirt"
    assert [(row.row, row.sku) for row in rows(studio, editor, shown, RowKind.NEW)] == [(4, "C")]
    assert [(row.row, row.sku, row.changes) for row in rows(studio, editor, shown, RowKind.CHANGED)] == [
        (2, "A", (FieldChange("title", "Red shirt", "Red linen shirt"), FieldChange("material", "Cotton", "Linen")))
    ]
    assert (shown.rows, shown.new, shown.changed, shown.unchanged, shown.refused) == (4, 1, 1, 1, 1)
    assert rows(studio, editor, shown, RowKind.REFUSED)[0].problems == (Problem("title", "is empty", ""),)

    done = apply_import(studio, editor, shown.id)
    assert done.applied_at is not None
    after = products(studio)
    assert (after["A"].title, after["A"].attributes) == ("Red linen shirt", {"material": "Linen"})
    assert after["A"].updated_at > before["A"].updated_at
    assert after["B"].updated_at == before["B"].updated_at
    assert set(after) == {"A", "B", "C"}
    with studio.reading() as session:
        told = session.scalars(sa.select(Activity.text).where(Activity.verb == "imported")).all()
    assert told[-1] == "Imported a.csv: 1 new products, 1 changed."


def test_doing_it_twice_changes_nothing(studio_on_both: Studio, editor: Actor) -> None:
    data = table("A,Red shirt,Shirts,Red,Cotton", "B,Bag,Bags,,")
    shown = bring_in(studio_on_both, editor, data, "a.csv")
    before = products(studio_on_both)
    assert apply_import(studio_on_both, editor, shown.id) == shown
    again = bring_in(studio_on_both, editor, data, "a.csv")
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)
    assert products(studio_on_both)["A"].updated_at == before["A"].updated_at


def test_a_column_that_the_file_lacks_leaves_what_was_there(studio: Studio, editor: Actor) -> None:
    bring_in(studio, editor, b"sku,title,category,description,colour,fit\nA,Shirt,Shirts,Soft,Red,slim\n", "a.csv")
    bring_in(studio, editor, b"sku,title,category,colour,material\nA,Shirt,Shirts,,Linen\n", "a.csv")
    product = products(studio)["A"]
    assert (product.description, product.colour, product.attributes) == (
        "Soft",
        None,
        {"fit": "slim", "material": "Linen"},
    )


@pytest.mark.parametrize("other", ["A,Other,Shirts,,", "B,Other,Bags,,"], ids=["a new one came", "one was changed"])
def test_a_catalogue_that_changed_since_the_check_is_refused(studio_on_both: Studio, editor: Actor, other: str) -> None:
    studio = studio_on_both
    bring_in(studio, editor, table("B,Bag,Bags,,"), "b.csv")
    shown = checked(studio, editor, table("A,Shirt,Shirts,,", "B,Bag,Bags,,"))
    bring_in(studio, editor, table(other), "c.csv")
    before = {sku: product.title for sku, product in products(studio).items()}
    with pytest.raises(Conflict, match="catalogue changed since"):
        apply_import(studio, editor, shown.id)
    assert {sku: product.title for sku, product in products(studio).items()} == before
    check_again(studio, editor, shown.id)
    stage_again(studio, shown.id)
    apply_import(studio, editor, shown.id)
    assert {sku: product.title for sku, product in products(studio).items()} == {"A": "Shirt", "B": "Bag"}


def test_an_import_that_is_not_checked_to_the_end_cannot_be_taken_over(studio: Studio, editor: Actor) -> None:
    import_id = start_import(studio, editor, table("A,Shirt,Shirts,,"), "a.csv")
    with pytest.raises(Conflict, match="not checked to the end"):
        apply_import(studio, editor, import_id)
    with pytest.raises(Conflict, match="is being checked"):
        check_again(studio, editor, import_id)
    with pytest.raises(Conflict, match="is being checked"):
        discard_import(studio, editor, import_id)
    with pytest.raises(NotFound, match="no import 99"):
        apply_import(studio, editor, 99)


def test_a_discarded_import_leaves_nothing(studio: Studio, editor: Actor) -> None:
    shown = checked(studio, editor, table("A,Shirt,Shirts,,"))
    assert [one.id for one in list_imports(studio, editor)] == [shown.id]
    discard_import(studio, editor, shown.id)
    assert list_imports(studio, editor) == []
    with studio.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ImportRow)) == 0


def test_staged_rows_are_cleared_in_time_unless_their_photos_may_still_come(studio: Studio, editor: Actor) -> None:
    with_photos = bring_in(studio, editor, b"sku,title,category,photos\nA,Shirt,Shirts,a.jpg\n", "a.csv")
    without = bring_in(studio, editor, table("B,Bag,Bags,,"), "b.csv")
    waiting = checked(studio, editor, table("C,Cap,Caps,,"))
    clear_old(studio, dt.timedelta(days=1))
    assert len(rows(studio, editor, waiting, RowKind.NEW)) == 1
    clear_old(studio, dt.timedelta(0))
    assert [len(rows(studio, editor, one, RowKind.NEW)) for one in (with_photos, without, waiting)] == [1, 0, 0]
    assert find_import(studio, editor, waiting.id).staged_at is None
    with pytest.raises(Conflict, match="not checked to the end"):
        apply_import(studio, editor, waiting.id)


def test_an_import_in_the_catalogue_stays(studio: Studio, editor: Actor) -> None:
    shown = bring_in(studio, editor, table("A,Shirt,Shirts,,"), "a.csv")
    with pytest.raises(Conflict):
        discard_import(studio, editor, shown.id)
    with pytest.raises(Conflict, match="in the catalogue already"):
        check_again(studio, editor, shown.id)


def test_importing_needs_an_editor(studio: Studio, viewer: Actor) -> None:
    data = table("A,t,c,,")
    with pytest.raises(Forbidden, match="editor"):
        start_import(studio, viewer, data, "a.csv")
    with pytest.raises(Forbidden):
        list_imports(studio, viewer)
    for call in (apply_import, check_again, discard_import, find_import):
        with pytest.raises(Forbidden):
            call(studio, viewer, 1)
    with pytest.raises(NotSignedIn):
        load_sample(studio, None)


def test_the_sample_catalogue_comes_in_once(studio: Studio, editor: Actor) -> None:
    first, second = load_sample(studio, editor), load_sample(studio, editor)
    assert (first.new, first.refused, first.warnings, second.unchanged) == (61, 0, 0, 61)
    found = products(studio).values()
    families = {product.parent_sku for product in found if product.parent_sku}
    assert len(families) >= 20
    assert families.isdisjoint(products(studio))
    assert all(len(product.description) > 40 for product in found)
    assert len({product.title for product in found}) == 61


def test_the_sample_holds_no_formula_and_no_odd_cell() -> None:
    text = importlib.resources.files("studio").joinpath("data", "sample_catalogue.csv").read_text("utf-8")
    assert all(cell == cell.strip() for row in csv.reader(text.splitlines()) for cell in row)
