"""CSV files as people's spreadsheets write and read them: unknown encoding and delimiter in, safe text out."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from charset_normalizer import from_bytes

from studio.errors import InputError

# What spreadsheets still write where they do not write UTF-8, in the order in which they are believed.
_ENCODINGS = ("gb18030", "big5", "shift_jis", "cp1252", "cp1251")
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_OTHER_FILES = {
    b"PK\x03\x04": "an Excel workbook or a ZIP",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"PAR1": "a Parquet file",
}

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
    """A CSV file that was read. Blank rows are left out. `guessed`: the encoding is an assumption."""

    header: SheetRow
    rows: tuple[SheetRow, ...]
    encoding: str
    delimiter: str
    guessed: bool


def read_csv(data: bytes) -> Sheet:
    """Read a CSV file with a header in UTF-8 (with or without byte order mark), UTF-16 or a recognisable old encoding.

    Raises InputError for a file that is empty, is no text, is in no recognisable encoding, or leaves a quote open.
    """
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise InputError(f"The file is empty ({len(data)} bytes). A CSV file with a row of column names is expected.")
    for magic, kind in _OTHER_FILES.items():
        if data.startswith(magic):
            raise InputError(f"The file is {kind}, not a CSV file. Save it as “CSV UTF-8” and choose that file.")
    text, encoding, guessed = _decoded(data)
    separator = re.match(r"sep=([,;\t|])\r?\n", text, re.IGNORECASE)  # a line that Excel reads and writes
    delimiter = separator[1] if separator else _delimiter(text)
    rows = list(_rows(text, delimiter))[1 if separator else 0 :]
    filled = [row for row in rows if row.fault or any(cell.strip() for cell in row.cells)]
    if not filled:
        raise InputError("The file has no text in it. A CSV file with a row of column names is expected.")
    if filled[0].fault:
        raise InputError(f"The row of column names cannot be read: {filled[0].fault}.")
    return Sheet(filled[0], tuple(filled[1:]), encoding, _DELIMITERS[delimiter], guessed)


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


def _decoded(data: bytes) -> tuple[str, str, bool]:
    """The text, the name of its encoding, and whether that is a guess."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strictly(data, "utf-16")
    head = data[:8]
    for encoding, nul in (("utf-16-le", 1), ("utf-16-be", 0)):  # without its mark: ASCII shows as every other byte 0
        if len(head) == 8 and not any(head[nul::2]) and all(head[1 - nul :: 2]):
            return _strictly(data, encoding)
    try:
        return data.decode("utf-8-sig"), "utf-8", False
    except UnicodeDecodeError as error:
        _refuse_mixed(data, error)
    match = from_bytes(data, cp_isolation=list(_ENCODINGS)).best()
    if match is None:
        raise InputError(
            "The file is neither UTF-8 nor in any encoding that could be recognised. Save it as “CSV UTF-8”."
        )
    return _strictly(data, match.encoding, guessed=True)


def _strictly(data: bytes, encoding: str, *, guessed: bool = False) -> tuple[str, str, bool]:
    try:
        return data.decode(encoding), encoding, guessed
    except UnicodeDecodeError as error:
        raise InputError(
            f"The file looks like {encoding}, but byte {error.start + 1} does not fit ({error.reason}). "
            "It may be cut off; save it again as “CSV UTF-8”."
        ) from error


def _refuse_mixed(data: bytes, error: UnicodeDecodeError) -> None:
    """Refuse a file that is UTF-8 but for some bytes: read in an old encoding, all its accents would turn to noise."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    if sum(1 for character in text if character > "\x7f") - broken > broken:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"The file is UTF-8, but line {line} holds a byte that is not (0x{data[error.start]:02X}). Correct it "
            "or save the file again as “CSV UTF-8”."
        ) from error


def _delimiter(text: str) -> str:
    """The delimiter that cuts the first row with text into the most cells."""
    first = next((line for line in io.StringIO(text, newline="") if line.strip()), "")
    return max(_DELIMITERS, key=lambda delimiter: len(next(csv.reader([first], delimiter=delimiter), [])))


def _rows(text: str, delimiter: str) -> Iterator[SheetRow]:
    # Python refuses cells above 131,072 characters in the middle of a row; a whole file may be one cell here, so that
    # the row is told with its number.
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
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
            yield SheetRow(number, fault='a quote (") inside a quoted text must be written twice ("")')
