"""Products come in from files: what the check tells is what happens, once, and nothing half."""

from __future__ import annotations

import csv
import datetime as dt
import importlib.resources
import io
import zipfile

import pytest
import sqlalchemy as sa

from db.tables import Activity, ImportRow, Product
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError, NotFound, NotSignedIn
from studio.imports.catalogue_import import (
    ImportView,
    apply_import,
    bring_in,
    check_again,
    discard_import,
    find_import,
    list_imports,
    load_sample,
    look_at,
    start_import,
)
from studio.imports.job import Importer
from studio.imports.layouts import Target
from studio.imports.rows import Problem
from studio.imports.staged_rows import FieldChange, RowKind, StagedRow, clear_old, problems_csv, staged_rows
from studio.roles import Actor

HEADER = "sku,title,category,colour,material\n"


def table(*rows: str) -> bytes:
    return (HEADER + "\n".join(rows) + "\n").encode()


def checked(studio: Studio, actor: Actor, data: bytes, **mapping: str) -> ImportView:
    """The import of this file, checked as the worker would, and not taken over."""
    import_id = start_import(studio, actor, data, "a.csv", mapping)
    stage_again(studio, import_id)
    return find_import(studio, actor, import_id)


def stage_again(studio: Studio, import_id: int) -> None:
    importer = Importer(studio, "here")
    with studio.reading() as session:
        job_id = session.scalar(sa.text("SELECT job_id FROM catalogue_imports WHERE id = :id"), {"id": import_id})
    assert importer.begin(job_id) == import_id
    importer.stage(import_id)


def rows(studio: Studio, actor: Actor, shown: ImportView, kind: RowKind) -> tuple[StagedRow, ...]:
    return staged_rows(studio, actor, shown.id, kind)


def refused(studio: Studio, actor: Actor, data: bytes) -> list[tuple[int, str, str]]:
    """(row, column, reason) of everything that is refused in a file."""
    shown = checked(studio, actor, data)
    found = rows(studio, actor, shown, RowKind.REFUSED)
    assert shown.refused == len(found)
    return [(row.row, problem.column, problem.reason) for row in found for problem in row.problems]


def products(studio: Studio) -> dict[str, Product]:
    with studio.reading() as session:
        return {product.sku: product for product in session.scalars(sa.select(Product))}


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


def test_repeated_skus_are_refused_with_all_their_rows(studio_on_both: Studio, editor: Actor) -> None:
    shown = checked(studio_on_both, editor, table("A,Shirt,Shirts,,", "B,Bag,Bags,,", "A,,Shirts,,", " A ,x,y,,"))
    assert [row.sku for row in rows(studio_on_both, editor, shown, RowKind.NEW)] == ["B"]
    left_out = rows(studio_on_both, editor, shown, RowKind.REFUSED)
    same = [(row.row, one.reason) for row in left_out for one in row.problems if one.column == "sku"]
    assert same == [(row, "the same SKU stands in rows 2, 4, 5") for row in (2, 4, 5)]
    assert shown.refused == 3


def test_many_rows_of_one_sku_are_told_by_the_first_few(studio: Studio, editor: Actor) -> None:
    shown = checked(studio, editor, table(*(f"A,Shirt {n},Shirts,," for n in range(1500))))
    assert (shown.refused, shown.new) == (1500, 0)
    last = staged_rows(studio, editor, shown.id, RowKind.REFUSED, page=15)[-1]
    assert (last.row, [one.reason for one in last.problems]) == (
        1501,
        ["the same SKU stands in rows 2, 3, 4, 5, 6 and 1495 more"],
    )


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
    studio_on_both: Studio, editor: Actor, row: str, column: str, reason: str
) -> None:
    shown = checked(studio_on_both, editor, table(row, "GOOD,Shirt,Shirts,,"))
    (bad,) = rows(studio_on_both, editor, shown, RowKind.REFUSED)
    assert [(bad.row, one.column, one.reason) for one in bad.problems] == [(2, column, reason)]
    assert all(len(one.value) <= 60 for one in bad.problems)
    assert [one.sku for one in rows(studio_on_both, editor, shown, RowKind.NEW)] == ["GOOD"]


def test_a_product_cannot_be_its_own_parent(studio: Studio, editor: Actor) -> None:
    assert refused(studio, editor, b"sku,title,category,parent_sku\nA,t,c,A\n")[0][1] == "parent_sku"


def test_refused_rows_are_downloaded_with_their_reasons(studio: Studio, editor: Actor) -> None:
    shown = checked(studio, editor, table("A,,Shirts,,", "=B,,Bags,,"))
    data = problems_csv(studio, editor, shown.id, RowKind.REFUSED)
    found = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert [(row["row"], row["sku"], row["column"], row["reason"]) for row in found] == [
        ("2", "A", "title", "is empty"),
        ("3", "'=B", "title", "is empty"),
    ]


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("photo.jpg", b"")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (HEADER.encode(), "no rows below"),
        (b"sku,titel,kategory\nA,b,c\n", "lacks the column 'title' .is it the one called 'titel'.. and 'category'"),
        (b"a\nb\n", "lacks the column 'sku' and 'title' and 'category'. Found: 'a'"),
        (b"sku,title,category," + b",".join(b"x%d" % i for i in range(500)) + b"\nA\n", "503 columns"),
        (b"\x89PNG\r\n\x1a\n", "a PNG image, not a product table"),
        (_zip(), "a ZIP, not a product table"),
        (b"PK\x03\x04rest of a workbook", "workbook cannot be read"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_of_which_nothing_can_be_used_is_refused(
    studio: Studio, editor: Actor, data: bytes, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        start_import(studio, editor, data, "a.csv")


def test_a_file_that_is_too_large_is_refused(studio: Studio, editor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.imports.files.MAX_BYTES", 1 << 20)
    with pytest.raises(InputError, match=r"The file has 1\.0 MB; up to 1 MB are read at once"):
        start_import(studio, editor, b"x" * ((1 << 20) + 1), "a.csv")


def test_of_two_columns_for_one_field_the_second_stays_an_attribute(studio: Studio, editor: Actor) -> None:
    view = look_at(studio, editor, b"sku,title,category,color,colour\nA,b,c,,e\n")
    assert (view.mapping["color"], view.mapping["colour"]) == (Target.ATTRIBUTE, Target.COLOUR)
    with pytest.raises(InputError, match="Two columns mean 'colour': 'color' and 'colour'"):
        start_import(studio, editor, b"sku,title,category,color,colour\nA,b,c,d,e\n", "a.csv", {"color": "colour"})


def test_nameless_and_repeated_columns_get_names_of_their_own(studio: Studio, editor: Actor) -> None:
    view = look_at(studio, editor, b"sku,title,category,,fit,fit\nA,b,c,d,e,f\n")
    assert [column.name for column in view.columns][3:] == ["Column 4", "fit", "fit (2)"]
    assert view.mapping["Column 4"] is Target.LEFT_OUT


def test_the_mapping_of_the_user_decides(studio: Studio, editor: Actor) -> None:
    data = b"code,what,kind,shade,note\nA-1,Linen shirt,Shirts,White,x\n"
    with pytest.raises(InputError, match="lacks the column"):
        start_import(studio, editor, data, "a.csv")
    mapping = {"code": "sku", "what": "title", "kind": "category", "shade": "colour", "note": ""}
    bring_in(studio, editor, data, "a.csv", mapping)
    product = products(studio)["A-1"]
    assert (product.title, product.category, product.colour, product.attributes) == (
        "Linen shirt",
        "Shirts",
        "White",
        {},
    )
    with pytest.raises(InputError, match="no column 'shades'"):
        start_import(studio, editor, data, "a.csv", {**mapping, "shades": "colour"})
    with pytest.raises(InputError, match="got 'brand'"):
        start_import(studio, editor, data, "a.csv", {**mapping, "note": "brand"})


def test_a_file_is_checked_again_with_another_mapping(studio: Studio, editor: Actor) -> None:
    shown = checked(studio, editor, table("A,Shirt,Shirts,Red,Cotton"))
    check_again(studio, editor, shown.id, {"material": ""})
    stage_again(studio, shown.id)
    apply_import(studio, editor, shown.id)
    assert products(studio)["A"].attributes == {}


def test_formulas_come_in_as_text(studio: Studio, editor: Actor) -> None:
    data = b'sku,title,category\nA,"=HYPERLINK(""http://x"")",Bags\nB,\'=1+1,Bags\n'
    bring_in(studio, editor, data, "a.csv")
    titles = {sku: product.title for sku, product in products(studio).items()}
    assert titles == {"A": '=HYPERLINK("http://x")', "B": "=1+1"}


def test_the_same_letters_in_two_spellings_are_no_change(studio: Studio, editor: Actor) -> None:
    bring_in(studio, editor, "sku,title,category\nA,Caf\u00e9  chair,Home\n".encode(), "a.csv")
    again = bring_in(studio, editor, "sku,title,category\nA, Cafe\u0301 chair ,Home\n".encode(), "a.csv")
    assert again.unchanged == 1


def test_chinese_column_names_are_understood(studio: Studio, editor: Actor) -> None:
    bring_in(studio, editor, "货号,标题,分类,颜色\nA,红色连衣裙,服装 > 连衣裙,红色\n".encode("gbk"), "a.csv")
    product = products(studio)["A"]
    assert (product.title, product.category, product.colour) == ("红色连衣裙", "服装 > 连衣裙", "红色")


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
