"""What a product table may hold: the limits of its columns, and why a row of it is refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from studio.imports.html_text import text_of
from studio.imports.layouts import FIELDS, Columns, Layout, Target, normalised
from studio.imports.magento import category_paths, packed_attributes, variant_skus
from studio.imports.spreadsheet import SheetRow, restored

MAX_ATTRIBUTE = 2_000
MAX_PHOTOS = 250  # of one row

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
"""The fields of a product, with the number of characters each may hold; all else are attributes."""

UNCATEGORISED = "Uncategorised"
"""The category of a product of which a shop's export names none."""

_REQUIRED = ("sku", "title", "category")
_PACKED_FIELDS = {"color": "colour", "colour": "colour", "size": "size", "usage": "usage"}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ROUNDED = re.compile(r"\d([.,]\d+)?[Ee]\+\d+")
_NEXT_URL = re.compile(r",\s*(?=https?://)")  # addresses may hold commas
_NEXT_FILE = re.compile(r"[,;|]")
_SHOWN = 60  # characters of a value that a report repeats


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row: the column (empty for the whole row), why, the value. Only `refused` leaves it out."""

    column: str
    reason: str
    value: str
    refused: bool = True


@dataclass
class ProductRow:
    """A product as the file tells it. `fields` has those that the file has; an empty text is no value.

    number: of the row in the file; part: 1 for a second product of that row. options: place -> (name, value), the
    options of a Shopify variant, and variant_photos its own photos.
    """

    number: int
    part: int = 0
    fields: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    photos: list[str] = field(default_factory=list)
    children: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    options: dict[str, tuple[str, str]] = field(default_factory=dict)
    variant_photos: list[str] = field(default_factory=list)

    @property
    def sku(self) -> str:
        """Its SKU; empty where none can be read."""
        return self.fields.get("sku", "")

    @property
    def refused(self) -> bool:
        """Whether it is left out."""
        return any(problem.refused for problem in self.problems)

    def problem(self, column: str, reason: str, value: str, *, refused: bool = True) -> None:
        """Note what is wrong."""
        self.problems.append(Problem(column, reason, shown(value), refused))


@dataclass(frozen=True)
class RowReader:
    """Makes products of the rows of one file, by the mapping of its columns."""

    layout: Layout
    mapping: Columns

    def products(self, rows: Iterable[SheetRow]) -> Iterator[ProductRow]:
        """The products of a file that has one a row, checked."""
        for row in rows:
            yield self.checked(self.draft(row))

    def column_of(self, name: str) -> str:
        """What the file calls the column of a field; the field's own name where it has none."""
        return self._column_of.get(name, name)

    def draft(self, row: SheetRow) -> ProductRow:
        """The row as it stands, its cells cleaned. Problems: only those for which no cell can be read."""
        product = ProductRow(row.number)
        if row.fault:
            product.problem("", row.fault, "")
            return product
        cells = row.cells
        if len(cells) != len(self.mapping):
            cells = self._cut(cells)
            if len(cells) != len(self.mapping):
                reason = (
                    f"has {len(cells)} cells, the file has {len(self.mapping)} columns; "
                    "is a delimiter in a text without quotes?"
                )
                product.problem("", reason, " | ".join(cells))
                return product
        for place, name in self._fields:
            product.fields[name] = self._field(name, cells[place])
        for place, name in self._attributes:
            product.attributes[name] = _text(cells[place])
        for place in self._photos:
            product.photos += _photos(cells[place])
        if self._special:
            self._read_special(product, cells)
        return product

    def checked(self, product: ProductRow) -> ProductRow:
        """The product with everything noted that is wrong with it."""
        if product.refused:
            return product
        fields = product.fields
        if not self.layout.needs_category and not fields.get("category"):
            fields["category"] = UNCATEGORISED
            product.problem(self.column_of("category"), f"is empty; kept as {UNCATEGORISED}", "", refused=False)
        for name in _REQUIRED:
            if not fields.get(name):
                product.problem(self.column_of(name), "is empty", "")
        for name, value in fields.items():
            if value and (fault := _fault(value, LIMITS[name])):
                product.problem(self.column_of(name), fault, value)
        for name, value in product.attributes.items():
            if value and (fault := _fault(value, MAX_ATTRIBUTE)):
                product.problem(name, fault, value)
        sku = product.sku
        if "+" in sku and _ROUNDED.fullmatch(sku):
            reason = "was rounded by a spreadsheet; format the column as text and save again"
            product.problem(self.column_of("sku"), reason, sku)
        if sku and fields.get("parent_sku") == sku:
            product.problem(self.column_of("parent_sku"), "a product cannot be its own parent", sku)
        self._check_photos(product)
        return product

    def _check_photos(self, product: ProductRow) -> None:
        bad = [name for name in product.photos if _fault(name, MAX_ATTRIBUTE)]
        if bad:
            product.problem(
                self.column_of("photos"), "is no usable name of a photo; it is left out", bad[0], refused=False
            )
        kept = [name for name in dict.fromkeys(product.photos) if name not in bad]
        if len(kept) > MAX_PHOTOS:
            reason = f"names {len(kept)} photos; the first {MAX_PHOTOS} are kept"
            product.problem(self.column_of("photos"), reason, "", refused=False)
        product.photos = kept[:MAX_PHOTOS]

    def _field(self, name: str, cell: str) -> str:
        if name == "description":
            return text_of(_text(cell)) if self._from_shop else _text(cell)
        value = " ".join(_text(cell).split())
        if name == "category" and self.layout.key != "magento" and ">" in value:
            return " > ".join(part for part in (level.strip() for level in value.split(">")) if part)
        return value

    def _read_special(self, product: ProductRow, cells: tuple[str, ...]) -> None:
        """What stands in cells of a structure of their own."""
        if self.layout.key == "magento" and product.fields.get("category"):
            main, *others = category_paths(product.fields["category"]) or ("",)
            product.fields["category"] = main
            if others:
                product.attributes["categories"] = " | ".join(others)
        for place, column, target in self._special:
            value = _text(cells[place])
            if not value:
                continue
            if target is Target.PACKED:
                for name, packed in packed_attributes(value).items():
                    if name not in _PACKED_FIELDS:
                        product.attributes[name[:64]] = packed
                    elif not product.fields.get(_PACKED_FIELDS[name]):
                        product.fields[_PACKED_FIELDS[name]] = " ".join(packed.split())
            elif target is Target.VARIANTS:
                product.children = variant_skus(value)
            elif target is Target.STORE_VIEW:
                reason = "is a translation for one store view; the default texts are imported"
                product.fields = {}
                product.problem(column, reason, value)
            elif target is Target.VARIANT_PHOTO:
                product.variant_photos += _photos(value)
            elif target is Target.OPTIONS and (option := re.fullmatch(r"option(\d)_(name|value)", normalised(column))):
                name, chosen = product.options.get(option[1], ("", ""))
                product.options[option[1]] = (value, chosen) if option[2] == "name" else (name, value)

    def _cut(self, cells: tuple[str, ...]) -> tuple[str, ...]:
        width = len(cells)
        while width > len(self.mapping) and not cells[width - 1].strip():
            width -= 1
        return cells[:width]

    @cached_property
    def _from_shop(self) -> bool:
        return self.layout.key not in ("own", "other")

    @cached_property
    def _column_of(self) -> dict[str, str]:
        return {target.value: column for column, target in reversed(self.mapping.items())}

    @cached_property
    def _fields(self) -> list[tuple[int, str]]:
        return [(place, target.value) for place, _, target in self._placed if target in FIELDS]

    @cached_property
    def _attributes(self) -> list[tuple[int, str]]:
        return [(place, column) for place, column, target in self._placed if target is Target.ATTRIBUTE]

    @cached_property
    def _photos(self) -> list[int]:
        return [place for place, _, target in self._placed if target is Target.PHOTOS]

    @cached_property
    def _special(self) -> list[tuple[int, str, Target]]:
        return [one for one in self._placed if one[2] in self.layout.targets]

    @cached_property
    def _placed(self) -> list[tuple[int, str, Target]]:
        return [(place, column, target) for place, (column, target) in enumerate(self.mapping.items())]


def shown(value: str) -> str:
    """The start of a value, for reports."""
    value = _CONTROL.sub("\ufffd", value)
    return value if len(value) <= _SHOWN else f"{value[: _SHOWN - 1]}…"


def refused_copy(product: ProductRow) -> ProductRow:
    """The product with its texts cut and cleaned so that a database takes them: what is kept of a refused row."""

    def kept(name: str, value: str) -> str:
        return _CONTROL.sub("", value)[: LIMITS[name]]

    fields = {name: kept(name, value) for name, value in product.fields.items()}
    return replace(product, fields=fields, attributes={}, photos=[], children=())


def _text(cell: str) -> str:
    """The cell as text: composed characters, no space around it, one kind of line end."""
    value = cell.strip()
    if value[:1] == "'":
        value = restored(value)
    if not value.isascii():
        value = unicodedata.normalize("NFC", value.replace("\ufeff", ""))
    return value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in value else value


def _photos(cell: str) -> list[str]:
    value = _text(cell)
    parts = _NEXT_URL.split(value) if value.startswith("http") else _NEXT_FILE.split(value)
    return [name for part in parts if (name := part.strip()) and name != "no_selection"]


def _fault(value: str, limit: int) -> str:
    if len(value) > limit:
        return f"has {len(value):,} characters; up to {limit:,} fit"
    if value.isprintable() and value.isascii():
        return ""
    control = _CONTROL.search(value)
    if control:
        return f"holds the control character U+{ord(control[0]):04X}"
    if "\ufffd" in value:
        return "holds the sign � of a text that was damaged by a wrong encoding"
    return ""
