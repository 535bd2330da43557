"""CSV files come in any shape that spreadsheets write, and go out without formulas."""

from __future__ import annotations

import csv
import io

import pytest

from studio.errors import InputError
from studio.imports.spreadsheet import Sheet, SheetRow, neutralised, open_csv, restored, write_csv


def opened(data: bytes) -> tuple[Sheet, list[SheetRow]]:
    """The file and all its rows."""
    sheet = open_csv(io.BytesIO(data))
    return sheet, list(sheet.rows)


CHINESE = "sku,title\nA1,红色连衣裙\nA2,黑色皮鞋"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (CHINESE.encode(), "utf-8"),
        (CHINESE.encode("utf-8-sig"), "utf-8"),
        (CHINESE.encode("utf-16"), "utf-16"),
        (CHINESE.encode("utf-16-le"), "utf-16-le"),
        (CHINESE.encode("utf-16-be"), "utf-16-be"),
        (CHINESE.encode("gbk"), "gb18030"),
    ],
)
def test_chinese_is_read_in_every_encoding_that_spreadsheets_write(data: bytes, encoding: str) -> None:
    sheet, rows = opened(data)
    assert sheet.encoding == encoding
    assert sheet.header.cells == ("sku", "title")
    assert [row.cells for row in rows] == [("A1", "红色连衣裙"), ("A2", "黑色皮鞋")]
    assert sheet.guessed == (encoding == "gb18030")


def test_western_files_are_read_and_the_encoding_is_told_to_be_a_guess() -> None:
    sheet, rows = opened("sku;title\nA1;Robe élégante d’été – crème".encode("cp1252"))
    assert rows[0].cells[1] == "Robe élégante d’été – crème"
    assert (sheet.encoding, sheet.guessed) == ("cp1252", True)


@pytest.mark.parametrize(("delimiter", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar")])
def test_the_delimiter_is_found(delimiter: str, name: str) -> None:
    sheet, rows = opened(
        f"sku{delimiter}title{delimiter}size\nA{delimiter}x, y{delimiter}1;2\n".replace("x, y", '"x, y"')
        .replace("1;2", '"1;2"')
        .encode()
    )
    assert sheet.delimiter == name
    assert rows[0].cells == ("A", "x, y", "1;2")


def test_excels_separator_line_is_obeyed_and_rows_keep_the_numbers_of_the_spreadsheet() -> None:
    sheet, rows = opened(b"sep=;\r\nsku;title\r\n\r\nA;b\r\n")
    assert (sheet.header.number, rows[0].number, rows[0].cells) == (2, 4, ("A", "b"))


def test_quotes_and_line_breaks_in_cells_stay() -> None:
    _, rows = opened(b'sku,title\r\nA,"5"" heel\r\nsecond line, with comma"\r\nB,c\r\n')
    assert rows[0].cells == ("A", '5" heel\r\nsecond line, with comma')
    assert rows[1].number == 3


def test_old_mac_line_ends_are_read() -> None:
    assert [row.cells for row in opened(b"sku,title\rA,b\rC,d")[1]] == [("A", "b"), ("C", "d")]


def test_a_quote_in_the_wrong_place_spoils_its_own_row_only() -> None:
    first, second = opened(b'sku,title\nA,"b" c\nD,e\n')[1]
    assert "written twice" in first.fault
    assert second.cells == ("D", "e")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\0" * 50, "empty"),
        (b" \r\n\r\n", "empty"),
        (b",,,\n,,\n", "no text"),
        (bytes(range(128, 256)) * 20, "neither UTF-8"),
        ("sku,title\nA,连衣裙\n".encode() + b"B,caf\xe9\n", r"line 3 holds a byte that is not \(0xE9\)"),
        ("sku,title\nA,b".encode("utf-16")[:-1], "cut off"),
        (b'sku,title\nA,"b\nC,d\n', "Row 2 opens a quote"),
    ],
)
def test_files_that_cannot_be_read_say_why(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        opened(data)


def test_a_quote_that_swallows_the_file_is_told_by_its_row_before_it_fills_the_memory() -> None:
    data = b'sku,title\nA,"b\n' + b"C,ddddddddd\n" * 100_000
    with pytest.raises(InputError, match=r"Row 2 has a cell of more than 1,000,000 characters"):
        opened(data)


def test_a_file_of_one_endless_line_is_no_table() -> None:
    with pytest.raises(InputError, match="a line of more than"):
        opened(b"sku,title\n" + b"x" * (17 << 20))


def test_an_old_encoding_is_found_when_its_first_odd_letter_comes_late() -> None:
    data = b"sku,title\n" + b"A,plain\n" * 100_000 + "B,Robe élégante d’été – crème\n".encode("cp1252") * 40
    sheet, rows = opened(data)
    assert (sheet.encoding, rows[-1].cells[1]) == ("cp1252", "Robe élégante d’été – crème")


@pytest.mark.parametrize("text", ["=1+1", "+49 30 123", "-5", "@SUM(A1)", "\tx", "\rx", "＝1", "'=1", "''=1"])
def test_formulas_are_neutralised_and_come_back(text: str) -> None:
    assert neutralised(text) == f"'{text}"
    assert restored(neutralised(text)) == text


@pytest.mark.parametrize("text", ["", "plain", "'quoted'", "a=b", "5-6", "'"])
def test_plain_text_is_left_alone(text: str) -> None:
    assert neutralised(text) == text == restored(text)


def test_written_files_open_as_utf8_and_hold_no_formula() -> None:
    data = write_csv(["sku", "=title"], [["A", '=HYPERLINK("http://x")'], ["B", None], ["C", 5], ["D", "红\n裙"]])
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows == [["sku", "'=title"], ["A", '\'=HYPERLINK("http://x")'], ["B", ""], ["C", "5"], ["D", "红\n裙"]]
