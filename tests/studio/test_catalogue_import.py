"""Products come in from CSV: what the dry run tells is what happens, once, and nothing half."""

from __future__ import annotations

import csv
import importlib.resources
import time

import pytest
import sqlalchemy as sa

from db.tables import Product
from studio.bootstrap import Studio
from studio.catalogue_import import FieldChange, apply_import, dry_run, load_sample
from studio.catalogue_rows import MAX_ROWS
from studio.errors import Conflict, Forbidden, InputError, NotSignedIn
from studio.roles import Actor

HEADER = "sku,title,category,colour,material\n"


def table(*rows: str) -> bytes:
    return (HEADER + "\n".join(rows) + "\n").encode()


def bring_in(studio: Studio, actor: Actor, data: bytes) -> None:
    apply_import(studio, actor, data, "a.csv", dry_run(studio, actor, data, "a.csv").digest)


def rows_of(studio: Studio) -> dict[str, Product]:
    with studio.reading() as session:
        return {product.sku: product for product in session.scalars(sa.select(Product))}


def test_the_dry_run_writes_nothing_and_apply_does_what_it_told(studio_on_both: Studio, editor: Actor) -> None:
    studio = studio_on_both
    bring_in(studio, editor, table("A,Red shirt,Apparel > Shirts,Red,Cotton", "B,Blue shirt,Apparel > Shirts,Blue,"))
    before = rows_of(studio)
    data = table(
        "A,Red linen shirt,Apparel>Shirts,Red,Linen", "B,Blue shirt,Apparel > Shirts,Blue,", "C,New,Bags,,", "D,,Bags,,"
    )
    told = dry_run(studio, editor, data, "b.csv")
    assert rows_of(studio)["A"].title == "Red shirt"
    assert [(new.row, new.sku) for new in told.new] == [(4, "C")]
    assert [(changed.row, changed.sku, changed.changes) for changed in told.changed] == [
        (2, "A", (FieldChange("title", "Red shirt", "Red linen shirt"), FieldChange("material", "Cotton", "Linen")))
    ]
    assert told.unchanged == 1
    assert [(refusal.row, refusal.column, refusal.reason) for refusal in told.refused] == [(5, "title", "is empty")]

    done = apply_import(studio, editor, data, "b.csv", told.digest)
    assert done == told
    after = rows_of(studio)
    assert (after["A"].title, after["A"].attributes) == ("Red linen shirt", {"material": "Linen"})
    assert after["A"].updated_at > before["A"].updated_at
    assert after["B"].updated_at == before["B"].updated_at
    assert set(after) == {"A", "B", "C"}


def test_doing_it_twice_changes_nothing(studio_on_both: Studio, editor: Actor) -> None:
    data = table("A,Red shirt,Shirts,Red,Cotton", "B,Bag,Bags,,")
    told = dry_run(studio_on_both, editor, data, "a.csv")
    apply_import(studio_on_both, editor, data, "a.csv", told.digest)
    before = rows_of(studio_on_both)
    again = apply_import(studio_on_both, editor, data, "a.csv", told.digest)
    assert (again.new, again.changed, again.unchanged) == ((), (), 2)
    assert rows_of(studio_on_both)["A"].updated_at == before["A"].updated_at


def test_a_column_that_the_file_lacks_leaves_what_was_there(studio: Studio, editor: Actor) -> None:
    bring_in(studio, editor, b"sku,title,category,description,colour,fit\nA,Shirt,Shirts,Soft,Red,slim\n")
    bring_in(studio, editor, b"sku,title,category,colour,material\nA,Shirt,Shirts,,Linen\n")
    product = rows_of(studio)["A"]
    assert (product.description, product.colour, product.attributes) == (
        "Soft",
        None,
        {"fit": "slim", "material": "Linen"},
    )


def test_a_file_that_changed_since_its_dry_run_is_refused(studio: Studio, editor: Actor) -> None:
    digest = dry_run(studio, editor, table("A,Shirt,Shirts,,"), "a.csv").digest
    with pytest.raises(Conflict, match="not the file of the dry run"):
        apply_import(studio, editor, table("A,Shirts,Shirts,,"), "a.csv", digest)
    assert rows_of(studio) == {}


def test_a_catalogue_that_changed_since_the_dry_run_is_refused(studio: Studio, editor: Actor) -> None:
    data = table("A,Shirt,Shirts,,", "B,Bag,Bags,,")
    digest = dry_run(studio, editor, data, "a.csv").digest
    bring_in(studio, editor, table("A,Other,Shirts,,"))
    with pytest.raises(Conflict, match="catalogue changed"):
        apply_import(studio, editor, data, "a.csv", digest)
    assert set(rows_of(studio)) == {"A"}


def test_strict_writes_nothing_when_a_row_is_refused(studio: Studio, editor: Actor) -> None:
    data = table("A,Shirt,Shirts,,", "B,,Bags,,")
    digest = dry_run(studio, editor, data, "a.csv").digest
    with pytest.raises(InputError, match=r"refused: 1\. The first is row 3: title is empty"):
        apply_import(studio, editor, data, "a.csv", digest, strict=True)
    assert rows_of(studio) == {}


def test_repeated_skus_are_refused_with_all_their_rows(studio: Studio, editor: Actor) -> None:
    told = dry_run(studio, editor, table("A,Shirt,Shirts,,", "B,Bag,Bags,,", "A,,Shirts,,", " A ,x,y,,"), "a.csv")
    assert [new.sku for new in told.new] == ["B"]
    same = [refusal for refusal in told.refused if refusal.column == "sku"]
    assert [(refusal.row, refusal.reason) for refusal in same] == [
        (row, "the same SKU stands in rows 2, 4, 5") for row in (2, 4, 5)
    ]
    assert told.refused_rows == 3


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (f"{'A' * 65},t,c,,", "sku", "has 65 characters; up to 64 fit"),
        (f"A,{'t' * 301},c,,", "title", "has 301 characters; up to 300 fit"),
        (f"A,t,c,,{'m' * 200_000}", "material", "has 200,000 characters; up to 2,000 fit"),
        ("A,ti\0tle,c,,", "title", "holds the control character U+0000"),
        ("A,t\x07,c,,", "title", "holds the control character U+0007"),
        ("A,t\ufffd,c,,", "title", "holds the sign � of a text that was damaged by a wrong encoding"),
        (",t,c,,", "sku", "is empty"),
        ("A,t, > ,,", "category", "is empty"),
        ("1.23457E+12,t,c,,", "sku", "was rounded by a spreadsheet; format the column as text and save again"),
        ("A,t,c", "", "has 3 cells, the file has 5 columns; is a delimiter in a text without quotes?"),
        ("A,t,c,,,more", "", "has 6 cells, the file has 5 columns; is a delimiter in a text without quotes?"),
        ('A,"t" t,c,,', "", 'a quote (") inside a quoted text must be written twice ("")'),
    ],
)
def test_a_bad_row_is_told_and_leaves_the_good_ones(
    studio: Studio, editor: Actor, row: str, column: str, reason: str
) -> None:
    told = dry_run(studio, editor, table(row, "GOOD,Shirt,Shirts,,"), "a.csv")
    assert [(refusal.row, refusal.column, refusal.reason) for refusal in told.refused] == [(2, column, reason)]
    assert all(len(refusal.value) <= 60 for refusal in told.refused)
    assert [new.sku for new in told.new] == ["GOOD"]


def test_a_product_cannot_be_its_own_parent(studio: Studio, editor: Actor) -> None:
    told = dry_run(studio, editor, b"sku,title,category,parent_sku\nA,t,c,A\n", "a.csv")
    assert told.refused[0].column == "parent_sku"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (HEADER.encode(), "no rows below"),
        (b"sku,titel,kategory\nA,b,c\n", "lacks the column 'title' .is it the one called 'titel'.. and 'category'"),
        (b"a\nb\n", "lacks the column 'sku' and 'title' and 'category'. Found: 'a'"),
        (b"sku,title,category,color,colour\nA,b,c,d,e\n", "Two columns mean 'colour'"),
        (b"sku,title,category,,x\nA,b,c,d,e\n", "Column 4 has no name"),
        (b"sku,title,category," + b",".join(b"x%d" % i for i in range(100)) + b"\n", "103 columns"),
        (b"x" * (20 * 1024 * 1024 + 1), "20.0 MB"),
    ],
)
def test_a_file_of_which_nothing_can_be_used_is_refused(
    studio: Studio, editor: Actor, data: bytes, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        dry_run(studio, editor, data, "a.csv")


def test_formulas_come_in_as_text(studio: Studio, editor: Actor) -> None:
    bring_in(studio, editor, b'sku,title,category\nA,"=HYPERLINK(""http://x"")",Bags\nB,\'=1+1,Bags\n')
    titles = {sku: product.title for sku, product in rows_of(studio).items()}
    assert titles == {"A": '=HYPERLINK("http://x")', "B": "=1+1"}


def test_the_same_letters_in_two_spellings_are_no_change(studio: Studio, editor: Actor) -> None:
    bring_in(studio, editor, "sku,title,category\nA,Caf\u00e9  chair,Home\n".encode())
    told = dry_run(studio, editor, "sku,title,category\nA, Cafe\u0301 chair ,Home\n".encode(), "a.csv")
    assert told.unchanged == 1


def test_chinese_column_names_are_understood(studio: Studio, editor: Actor) -> None:
    bring_in(studio, editor, "货号,标题,分类,颜色\nA,红色连衣裙,服装 > 连衣裙,红色\n".encode("gbk"))
    product = rows_of(studio)["A"]
    assert (product.title, product.category, product.colour) == ("红色连衣裙", "服装 > 连衣裙", "红色")


def test_importing_needs_an_editor(studio: Studio, viewer: Actor) -> None:
    with pytest.raises(Forbidden, match="editor"):
        dry_run(studio, viewer, table("A,t,c,,"), "a.csv")
    with pytest.raises(NotSignedIn):
        load_sample(studio, None)


def test_the_sample_catalogue_comes_in_once(studio: Studio, editor: Actor) -> None:
    first, second = load_sample(studio, editor), load_sample(studio, editor)
    assert (len(first.new), first.refused, second.unchanged) == (61, (), 61)
    products = rows_of(studio).values()
    families = {product.parent_sku for product in products if product.parent_sku}
    assert len(families) >= 20
    assert families.isdisjoint(rows_of(studio))
    assert all(len(product.description) > 40 for product in products)
    assert len({product.title for product in products}) == 61


def test_the_sample_holds_no_formula_and_no_odd_cell() -> None:
    text = importlib.resources.files("studio").joinpath("data", "sample_catalogue.csv").read_text("utf-8")
    assert all(cell == cell.strip() for row in csv.reader(text.splitlines()) for cell in row)


@pytest.mark.slow
def test_fifty_thousand_rows_come_in_within_reason(studio: Studio, editor: Actor) -> None:
    rows = "\n".join(f"S{i},Shirt {i} “Größe”,Apparel > Shirts,Red,Cotton {i % 9}" for i in range(MAX_ROWS))
    data = (HEADER + rows).encode()
    started = time.perf_counter()
    told = dry_run(studio, editor, data, "big.csv")
    apply_import(studio, editor, data, "big.csv", told.digest)
    assert len(told.new) == MAX_ROWS
    assert time.perf_counter() - started < 60
    with pytest.raises(InputError, match="50,001 rows"):
        dry_run(studio, editor, data + b"\nX,t,c,,", "big.csv")
    changed = data.replace(b"Cotton 1", b"Linen 1")
    told = dry_run(studio, editor, changed, "big.csv")
    apply_import(studio, editor, changed, "big.csv", told.digest)
    assert len(told.changed) == 5556
