"""What a product table may hold: its columns, their limits, and why a row of it is refused."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from studio.errors import InputError
from studio.spreadsheet import Sheet, SheetRow, read_csv, restored

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 100
MAX_ATTRIBUTE = 2_000

LIMITS = {
    "sku": 64,
    "title": 300,
    "description": 20_000,
    "category": 200,
    "colour": 64,
    "usage": 64,
    "size": 64,
    "parent_sku": 64,
}
"""The columns that mean something to us, with the number of characters each may hold; all others are attributes."""

REQUIRED = ("sku", "title", "category")

_ALSO_CALLED = {
    "color": "colour",
    "name": "title",
    "parent": "parent_sku",
    "货号": "sku",
    "标题": "title",
    "名称": "title",
    "描述": "description",
    "类目": "category",
    "分类": "category",
    "颜色": "colour",
    "用途": "usage",
    "尺码": "size",
    "尺寸": "size",
}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ROUNDED = re.compile(r"\d([.,]\d+)?[Ee]\+\d+")
_SHOWN = 60  # characters of a refused value that the report repeats


@dataclass(frozen=True)
class Refusal:
    """Why a row is left out: its number as a spreadsheet shows it, the column (empty for the whole row), the value."""

    row: int
    column: str
    reason: str
    value: str


@dataclass(frozen=True)
class ProductRow:
    """A row that can be used. `fields` has the known columns of the file but `sku`; an empty text is no value."""

    number: int
    sku: str
    fields: dict[str, str]
    attributes: dict[str, str]


@dataclass(frozen=True)
class SheetProducts:
    """All rows of a file: those that can be used, why the others cannot, and what the user should know."""

    products: tuple[ProductRow, ...]
    refused: tuple[Refusal, ...]
    notes: tuple[str, ...]
    encoding: str
    delimiter: str


def read_products(data: bytes) -> SheetProducts:
    """Read and check a product table. Raises InputError for a file of which no row can be used."""
    if len(data) > MAX_BYTES:
        raise InputError(
            f"The file has {len(data) / 2**20:.1f} MB; up to {MAX_BYTES // 2**20} MB are read at once. Split it."
        )
    sheet = read_csv(data)
    columns = _columns(sheet)
    if len(sheet.rows) > MAX_ROWS:
        raise InputError(f"The file has {len(sheet.rows):,} rows; up to {MAX_ROWS:,} are read at once. Split it.")
    if not sheet.rows:
        raise InputError(f"The file has column names ({', '.join(columns)}) but no rows below them.")
    products, refused = [], []
    for product, faults in _without_repeated([_product(row, columns) for row in sheet.rows]):
        refused.extend(faults)
        if not faults:
            products.append(product)
    return SheetProducts(
        products=tuple(products),
        refused=tuple(refused),
        notes=_notes(sheet, columns),
        encoding=sheet.encoding,
        delimiter=sheet.delimiter,
    )


def _columns(sheet: Sheet) -> list[str]:
    """The name of each column: a key of LIMITS, or what the file calls an attribute."""
    header = [" ".join(cell.replace("\ufeff", "").split()) for cell in sheet.header.cells]
    while header and not header[-1]:
        header.pop()  # spreadsheets leave empty columns at the end
    if len(header) > MAX_COLUMNS:
        raise InputError(f"The file has {len(header)} columns; up to {MAX_COLUMNS} are read.")
    columns: list[str] = []
    for position, name in enumerate(header, 1):
        if not name:
            raise InputError(f"Column {position} has no name. Every column needs one in row {sheet.header.number}.")
        if len(name) > 64 or _CONTROL.search(name):
            raise InputError(f"Column {position} has a name that cannot be used: {_shown(name)!r}.")
        key = name.casefold().replace(" ", "_").replace("-", "_")
        key = _ALSO_CALLED.get(key, key)
        column = key if key in LIMITS else name
        if column in columns:
            first = header[columns.index(column)]
            raise InputError(f"Two columns mean {column!r}: {first!r} and {name!r}. Remove or rename one.")
        columns.append(column)
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise InputError(_missing(missing, [column for column in columns if column not in LIMITS], header))
    return columns


def _missing(missing: list[str], others: list[str], header: list[str]) -> str:
    words = []
    for name in missing:
        nearest = process.extractOne(name, others, scorer=fuzz.ratio, processor=str.casefold, score_cutoff=50)
        words.append(f"{name!r}" + (f" (is it the one called {nearest[0]!r}?)" if nearest else ""))
    found = ", ".join(repr(_shown(name)) for name in header[:20])
    return f"The file lacks the column {' and '.join(words)}. Found: {found}."


def _product(row: SheetRow, columns: list[str]) -> tuple[ProductRow, list[Refusal]]:
    """The row as a product and what is wrong with it; a row whose cells cannot be told apart has an empty SKU."""
    unreadable = ProductRow(row.number, "", {}, {})
    if row.fault:
        return unreadable, [Refusal(row.number, "", row.fault, "")]
    cells = list(row.cells)
    while len(cells) > len(columns) and not cells[-1].strip():
        cells.pop()
    if len(cells) != len(columns):
        reason = (
            f"has {len(cells)} cells, the file has {len(columns)} columns; is a delimiter in a text without quotes?"
        )
        return unreadable, [Refusal(row.number, "", reason, _shown(" | ".join(cells)))]
    values = {column: _cleaned(column, cell) for column, cell in zip(columns, cells, strict=True)}
    faults = [
        Refusal(row.number, column, fault, _shown(value))
        for column, value in values.items()
        if (fault := _fault(column, value))
    ]
    if values["sku"] and values.get("parent_sku") == values["sku"]:
        faults.append(Refusal(row.number, "parent_sku", "a product cannot be its own parent", _shown(values["sku"])))
    fields = {name: value for name, value in values.items() if name in LIMITS and name != "sku"}
    attributes = {name: value for name, value in values.items() if name not in LIMITS}
    return ProductRow(row.number, values["sku"], fields, attributes), faults


def _cleaned(column: str, cell: str) -> str:
    """The cell as text: composed characters, no space around it; only a description keeps its lines."""
    value = restored(cell.strip())
    if not value.isascii():
        value = unicodedata.normalize("NFC", value.replace("\ufeff", ""))
    if column == "category":
        return " > ".join(part for part in (" ".join(level.split()) for level in value.split(">")) if part)
    if column in LIMITS and column != "description":
        return " ".join(value.split())
    return value.replace("\r\n", "\n").replace("\r", "\n")


def _fault(column: str, value: str) -> str:
    if not value:
        return "is empty" if column in REQUIRED else ""
    limit = LIMITS.get(column, MAX_ATTRIBUTE)
    if len(value) > limit:
        return f"has {len(value):,} characters; up to {limit:,} fit"
    control = _CONTROL.search(value)
    if control:
        return f"holds the control character U+{ord(control[0]):04X}"
    if "\ufffd" in value:
        return "holds the sign � of a text that was damaged by a wrong encoding"
    if column == "sku" and _ROUNDED.fullmatch(value):
        return "was rounded by a spreadsheet; format the column as text and save again"
    return ""


def _without_repeated(rows: list[tuple[ProductRow, list[Refusal]]]) -> list[tuple[ProductRow, list[Refusal]]]:
    """Rows that share their SKU are all refused: nobody but the user knows which is meant."""
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for product, _ in rows:
        if product.sku:
            numbers[product.sku].append(product.number)
    for product, faults in rows:
        same = numbers[product.sku] if product.sku else []
        if len(same) > 1:
            named = f"rows {', '.join(map(str, same[:5]))}" + (f" and {len(same) - 5} more" if len(same) > 5 else "")
            faults.append(Refusal(product.number, "sku", f"the same SKU stands in {named}", _shown(product.sku)))
    return rows


def _notes(sheet: Sheet, columns: list[str]) -> tuple[str, ...]:
    notes = []
    if sheet.guessed:
        notes.append(
            f"The file is not UTF-8; it was read as {sheet.encoding}. If letters look wrong, save it as “CSV UTF-8”."
        )
    attributes = [name for name in columns if name not in LIMITS]
    if attributes:
        more = f" and {len(attributes) - 10} more" if len(attributes) > 10 else ""
        notes.append(f"Kept as attributes: {', '.join(attributes[:10])}{more}.")
    return tuple(notes)


def _shown(value: str) -> str:
    return value if len(value) <= _SHOWN else f"{value[: _SHOWN - 1]}…"
