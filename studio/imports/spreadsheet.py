"""CSV files as people's spreadsheets write and read them: unknown encoding and delimiter in, safe text out.

Files are read as a stream, so that one of any size takes the same memory.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, TextIO

from studio.errors import InputError
from studio.imports.encodings import TextEncoding, text_encoding

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_HEAD = 1 << 20  # characters in which the row of column names ends
_BUFFER = 1 << 17  # bytes
_LONGEST_LINE = 16 << 20
_LARGEST_CELL = 1_000_000

# OWASP, "CSV Injection": = + - @ tab and carriage return begin a formula; line feed and the full-width forms of the
# signs do in some programs and locales.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class SheetRow:
    """One row with its number as a spreadsheet shows it (the first is 1); `fault` says why its cells cannot be read."""

    number: int
    cells: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True)
class Sheet:
    """A table file that is open for one pass over `rows`, from which blank ones are left out.

    form: "CSV", "XLSX" or "XML". encoding and delimiter are told of CSV only; `guessed`: the encoding is an assumption.
    expected: the number of rows where the file says it itself.
    """

    form: str
    header: SheetRow
    rows: Iterator[SheetRow]
    encoding: str = ""
    delimiter: str = ""
    guessed: bool = False
    expected: int | None = None


def open_csv(file: BinaryIO) -> Sheet:
    """Open a CSV file with a header in UTF-8 (with or without byte order mark), UTF-16 or a recognisable old encoding.

    `file` can seek and stays the caller's. Raises InputError, also while the rows are read, for a file that is empty,
    is no text, is in no recognisable encoding, or leaves a quote open.
    """
    encoding = text_encoding(file)
    text = _opened(file, encoding)
    start = text.read(_HEAD)
    separator = re.match(r"sep=([,;\t|])\r?\n", start, re.IGNORECASE)  # a line that Excel reads and writes
    delimiter = separator[1] if separator else _delimiter(start)
    rows = _filled(_rows(_opened(file, encoding), delimiter))
    header = next(rows, None)
    if header is not None and separator:
        header = next(rows, None)
    if header is None:
        raise InputError("The file has no text in it. A CSV file with a row of column names is expected.")
    if header.fault:
        raise InputError(f"The row of column names cannot be read: {header.fault}.")
    return Sheet("CSV", header, rows, encoding.name, _DELIMITERS[delimiter], encoding.guessed)


def neutralised(text: str) -> str:
    """`text` with an apostrophe before it where a spreadsheet would take it for a formula. `restored` takes it back."""
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA) else text


def restored(cell: str) -> str:
    """The text that `neutralised` made this cell from; other cells as they are."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA) else cell


def write_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file that spreadsheets open as UTF-8, every text in it neutralised. None becomes an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    writer.writerow([neutralised(name) for name in header])
    for row in rows:
        writer.writerow(["" if cell is None else neutralised(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue().encode("utf-8-sig")


class _Borrowed(io.RawIOBase):
    """Reads from a file that stays open, as its owner's, when the reader goes out of use."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _opened(file: BinaryIO, encoding: TextEncoding) -> TextIO:
    file.seek(0)
    codec = "utf-8-sig" if encoding.name == "utf-8" else encoding.name
    return io.TextIOWrapper(io.BufferedReader(_Borrowed(file), _BUFFER), codec, newline="")


def _delimiter(text: str) -> str:
    """The delimiter that cuts the first row with text into the most cells."""
    first = next((line for line in io.StringIO(text, newline="") if line.strip()), "")
    return max(_DELIMITERS, key=lambda delimiter: len(next(csv.reader([first], delimiter=delimiter), [])))


def _filled(rows: Iterator[SheetRow]) -> Iterator[SheetRow]:
    return (row for row in rows if row.fault or any(map(str.strip, row.cells)))


def _lines(text: TextIO) -> Iterator[str]:
    while line := text.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE and not line.endswith(("\n", "\r")):
            raise InputError(f"The file has a line of more than {_LONGEST_LINE:,} characters; it is no product table.")
        yield line


def _rows(text: TextIO, delimiter: str) -> Iterator[SheetRow]:
    csv.field_size_limit(_LARGEST_CELL)  # Python's own, 131,072, refuses cells that a row should be told for
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            yield SheetRow(number, tuple(next(reader)))
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise InputError(
                    f'Row {number} opens a quote (") that is never closed, so nothing after it can be read. '
                    'Write a quote inside a text twice ("").'
                ) from error
            if "field limit" in str(error):
                raise InputError(
                    f"Row {number} has a cell of more than {_LARGEST_CELL:,} characters, so nothing after it can be "
                    'read. A quote (") that is never closed makes such cells; write a quote inside a text twice ("").'
                ) from error
            yield SheetRow(number, fault='a quote (") inside a quoted text must be written twice ("")')
