"""What a file says: bad rows are told and left out, columns become what the user says they are."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest

from studio.bootstrap import Studio
from studio.errors import InputError
from studio.imports.catalogue_import import (
    apply_import,
    bring_in,
    check_again,
    look_at,
    start_import,
)
from studio.imports.layouts import Target
from studio.imports.staged_rows import RowKind, problems_csv, staged_rows
from studio.roles import Actor
from tests.studio.imports.files_at_once import HEADER, checked, products, refused, rows, stage_again, table


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
