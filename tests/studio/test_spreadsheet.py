"""CSV files come in any shape that spreadsheets write, and go out without formulas."""

from __future__ import annotations

import csv
import io

import pytest

from studio.errors import InputError
from studio.spreadsheet import neutralised, read_csv, restored, write_csv

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
    sheet = read_csv(data)
    assert sheet.encoding == encoding
    assert sheet.header.cells == ("sku", "title")
    assert [row.cells for row in sheet.rows] == [("A1", "红色连衣裙"), ("A2", "黑色皮鞋")]
    assert sheet.guessed == (encoding == "gb18030")


def test_western_files_are_read_and_the_encoding_is_told_to_be_a_guess() -> None:
    sheet = read_csv("sku;title\nA1;Robe élégante d’été – crème".encode("cp1252"))
    assert sheet.rows[0].cells[1] == "Robe élégante d’été – crème"
    assert (sheet.encoding, sheet.guessed) == ("cp1252", True)


@pytest.mark.parametrize(("delimiter", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar")])
def test_the_delimiter_is_found(delimiter: str, name: str) -> None:
    sheet = read_csv(
        f"sku{delimiter}title{delimiter}size\nA{delimiter}x, y{delimiter}1;2\n".replace("x, y", '"x, y"')
        .replace("1;2", '"1;2"')
        .encode()
    )
    assert sheet.delimiter == name
    assert sheet.rows[0].cells == ("A", "x, y", "1;2")


def test_excels_separator_line_is_obeyed_and_rows_keep_the_numbers_of_the_spreadsheet() -> None:
    sheet = read_csv(b"sep=;\r\nsku;title\r\n\r\nA;b\r\n")
    assert (sheet.header.number, sheet.rows[0].number, sheet.rows[0].cells) == (2, 4, ("A", "b"))


def test_quotes_and_line_breaks_in_cells_stay() -> None:
    sheet = read_csv(b'sku,title\r\nA,"5"" heel\r\nsecond line, with comma"\r\nB,c\r\n')
    assert sheet.rows[0].cells == ("A", '5" heel\r\nsecond line, with comma')
    assert sheet.rows[1].number == 3


def test_old_mac_line_ends_are_read() -> None:
    assert [row.cells for row in read_csv(b"sku,title\rA,b\rC,d").rows] == [("A", "b"), ("C", "d")]


def test_a_quote_in_the_wrong_place_spoils_its_own_row_only() -> None:
    first, second = read_csv(b'sku,title\nA,"b" c\nD,e\n').rows
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
        (b"PK\x03\x04rest of a workbook", "Excel workbook"),
        (b"\x89PNG\r\n\x1a\n", "PNG image"),
        (bytes(range(128, 256)) * 20, "neither UTF-8"),
        ("sku,title\nA,连衣裙\n".encode() + b"B,caf\xe9\n", r"line 3 holds a byte that is not \(0xE9\)"),
        ("sku,title\nA,b".encode("utf-16")[:-1], "cut off"),
        (b'sku,title\nA,"b\nC,d\n', "Row 2 opens a quote"),
    ],
)
def test_files_that_cannot_be_read_say_why(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_csv(data)


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
