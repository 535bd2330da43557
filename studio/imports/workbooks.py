"""Excel workbooks (.xlsx) as tables: the first visible sheet, row by row."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from studio.errors import InputError
from studio.imports.spreadsheet import Sheet, SheetRow

_LARGEST_BYTES = 4 << 30  # unpacked; rows are a stream
_LARGEST_TEXTS_BYTES = 256 << 20  # the texts of all cells stand in one part, which has to be in memory
_TEXTS = "xl/sharedStrings.xml"
_UNREADABLE = (zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, OSError, EOFError)


def open_workbook(file: BinaryIO) -> Sheet:
    """Open a workbook; formulas give their last value. Raises InputError, also while the rows are read."""
    _check_size(file)
    try:
        book = load_workbook(file, read_only=True, data_only=True)
        sheet = next((sheet for sheet in book.worksheets if sheet.sheet_state == "visible"), None)
        if sheet is None:
            raise InputError("The workbook has no visible sheet with cells.")
        expected = sheet.max_row
        sheet.reset_dimensions()  # some programs write wrong ones, and rows would be cut off
    except _UNREADABLE as error:
        raise _unreadable(error) from error
    rows = _rows(sheet.iter_rows(values_only=True))
    header = next(rows, None)
    if header is None:
        raise InputError(f"The sheet {sheet.title!r} of the workbook is empty. A row of column names is expected.")
    return Sheet("XLSX", header, _filled_up(rows, len(header.cells)), expected=expected)


def _check_size(file: BinaryIO) -> None:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = {part.filename: part.file_size for part in archive.infolist()}
    except zipfile.BadZipFile as error:
        raise _unreadable(error) from error
    if "xl/workbook.xml" not in parts:
        raise InputError("The file is a ZIP, not a product table. Choose a CSV, XLSX or XML file.")
    if sum(parts.values()) > _LARGEST_BYTES or parts.get(_TEXTS, 0) > _LARGEST_TEXTS_BYTES:
        raise InputError(
            f"The workbook is too large to be read: {sum(parts.values()) / 2**20:,.0f} MB unpacked, "
            f"{parts.get(_TEXTS, 0) / 2**20:,.0f} MB of them texts. Save it as “CSV UTF-8”, which has no such limit."
        )


def _unreadable(error: Exception) -> InputError:
    return InputError(f"The workbook cannot be read ({error}). Save it again as XLSX or as “CSV UTF-8”.")


def _rows(rows: Iterable[tuple[object, ...]]) -> Iterator[SheetRow]:
    number = 0
    numbered = iter(rows)
    while True:
        number += 1
        try:
            cells = tuple(map(_text, next(numbered)))
        except StopIteration:
            return
        except _UNREADABLE as error:
            raise _unreadable(error) from error
        if any(map(str.strip, cells)):
            yield SheetRow(number, cells)


def _filled_up(rows: Iterator[SheetRow], width: int) -> Iterator[SheetRow]:
    """Workbooks leave out the empty cells at the end of a row."""
    for row in rows:
        if len(row.cells) < width:
            cells = tuple(cell for cell, _ in zip_longest(row.cells, range(width), fillvalue=""))
            yield SheetRow(row.number, cells)
        else:
            yield row


def _text(value: object) -> str:
    """The cell as a person reads it: 12 for 12.0, a day without its midnight."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return str(value)
