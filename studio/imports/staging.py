"""Reads a catalogue file into staged rows, chunk by chunk, each compared with the catalogue; then sets up families."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.portions import portions
from db.tables import CatalogueImport, ImportOutcome, ImportRow, Product
from studio.bootstrap import Studio
from studio.errors import InputError
from studio.imports.files import open_sheet
from studio.imports.layouts import LAYOUTS, Target
from studio.imports.rows import ProductRow, RowReader, refused_copy
from studio.imports.shopify import shopify_products
from studio.imports.spreadsheet import SheetRow

CHUNK = 2_000  # products staged in one transaction; other writers wait no longer than that takes
MAX_ROWS = 1_000_000

_FIELDS = ("title", "description", "category", "colour", "usage", "size", "parent_sku")


@dataclass
class Reading:
    """A file that is being read. `chunk` is the number of the next chunk, `rows` how many rows of it were read."""

    reader: RowReader
    products: Iterator[ProductRow]
    closing: ExitStack
    chunk: int = 0
    rows: int = 0

    def next_chunk(self) -> list[ProductRow]:
        """The next `CHUNK` products; fewer at the end. Raises InputError when the file cannot be read any further."""
        self.chunk += 1
        return list(islice(self.products, CHUNK))


@dataclass
class Stager:
    """Stages imports, one chunk a call; keeps their files open in between."""

    studio: Studio
    _readings: dict[int, Reading] = field(default_factory=dict)

    def count(self, import_id: int) -> int:
        """How many rows the file has. Raises InputError for a file without rows, or with too many."""
        wanted = self._import(import_id)
        with self.studio.storage.open(wanted.sha256) as file:
            sheet = open_sheet(file)
            rows = sheet.expected or sum(1 for _ in sheet.rows)
        if rows > MAX_ROWS:
            raise InputError(
                "The file has {rows:,} rows; up to {most:,} are read at once. Split it.", rows=rows, most=MAX_ROWS
            )
        if rows == 0:
            raise InputError(
                "The file has column names ({names}) but no rows below them.", names=", ".join(wanted.mapping)
            )
        return rows

    def read_chunk(self, import_id: int, number: int) -> tuple[list[dict[str, Any]], int]:
        """Chunk `number` (from 0) as rows for the table, compared with the catalogue, and how many rows were read.

        Asked again for an earlier chunk, as after a crash, it starts the file anew.
        """
        reading = self._reading(import_id, number)
        products = reading.next_chunk()
        with self.studio.reading() as session:
            known = _known(session, [product.sku for product in products if product.sku])
        return [_staged(import_id, product, known.get(product.sku)) for product in products], reading.rows

    def close(self, import_id: int) -> None:
        """Let go of the file."""
        reading = self._readings.pop(import_id, None)
        if reading:
            reading.closing.close()

    def _reading(self, import_id: int, number: int) -> Reading:
        reading = self._readings.get(import_id)
        if reading is None or reading.chunk != number:
            self.close(import_id)
            reading = self._open(import_id)
            self._readings[import_id] = reading
            while reading.chunk < number:
                reading.next_chunk()
        return reading

    def _open(self, import_id: int) -> Reading:
        wanted = self._import(import_id)
        layout = LAYOUTS[wanted.layout]
        mapping = {column: Target(target) for column, target in wanted.mapping.items()}
        reader = RowReader(layout, mapping)
        closing = ExitStack()
        sheet = open_sheet(closing.enter_context(self.studio.storage.open(wanted.sha256)))
        reading = Reading(reader, iter(()), closing)
        rows = _counting(reading, sheet.rows)
        is_shopify = layout.key.startswith("shopify")
        reading.products = shopify_products(reader, rows) if is_shopify else reader.products(rows)
        return reading

    def _import(self, import_id: int) -> CatalogueImport:
        with self.studio.reading() as session:
            return session.get_one(CatalogueImport, import_id)


def store_chunk(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Put a chunk into the table; what an attempt that broke off left of it, or after it, is replaced."""
    if not rows:
        return
    first = rows[0]
    place = sa.tuple_(ImportRow.row, ImportRow.part)
    session.execute(
        sa.delete(ImportRow).where(
            ImportRow.import_id == first["import_id"], place >= sa.tuple_(first["row"], first["part"])
        )
    )
    session.connection().execute(sa.insert(ImportRow), rows)


def _counting(reading: Reading, rows: Iterator[SheetRow]) -> Iterator[SheetRow]:
    for row in rows:
        reading.rows += 1
        yield row


def _known(session: Session, skus: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The products with these SKUs as plain values."""
    names = ("id", "sku", "updated_at", "attributes", *_FIELDS)
    columns = [getattr(Product, name) for name in names]
    known = {}
    for some in portions(skus):
        for row in session.execute(sa.select(*columns).where(Product.sku.in_(some))):
            known[row.sku] = dict(zip(names, row, strict=True))
    return known


def _staged(import_id: int, product: ProductRow, known: dict[str, Any] | None) -> dict[str, Any]:
    if product.refused:
        return _row(import_id, refused_copy(product), ImportOutcome.REFUSED, known, {}, [])
    values = _values(product, known or {})
    if known is None:
        return _row(import_id, product, ImportOutcome.NEW, None, values, [])
    changes = list(_changes(known, values))
    return _row(
        import_id, product, ImportOutcome.CHANGED if changes else ImportOutcome.UNCHANGED, known, values, changes
    )


def _row(
    import_id: int,
    product: ProductRow,
    outcome: ImportOutcome,
    known: dict[str, Any] | None,
    values: dict[str, Any],
    changes: list[dict[str, str]],
) -> dict[str, Any]:
    fields = values or product.fields
    return {
        "import_id": import_id,
        "row": product.number,
        "part": product.part,
        "outcome": outcome,
        "product_id": known["id"] if known else None,
        "product_updated_at": known["updated_at"] if known else None,
        "sku": product.sku,
        "parent_sku": fields.get("parent_sku") or None,
        "title": fields.get("title", ""),
        "description": fields.get("description", ""),
        "category": fields.get("category", ""),
        "colour": fields.get("colour") or None,
        "usage": fields.get("usage") or None,
        "size": fields.get("size") or None,
        "attributes": values.get("attributes", {}),
        "photos": product.photos,
        "children": list(product.children),
        "changes": changes,
        "problems": [asdict(problem) for problem in product.problems],
        "warned": any(not problem.refused for problem in product.problems),
    }


def _values(product: ProductRow, known: dict[str, Any]) -> dict[str, Any]:
    """All fields of the product after the import: a column that the file lacks leaves what was there."""
    values: dict[str, Any] = {}
    for name in _FIELDS:
        before = known.get(name, "")
        values[name] = product.fields.get(name, before) or ("" if name == "description" else None)
    attributes = {**known.get("attributes", {}), **product.attributes}
    values["attributes"] = {name: value for name, value in attributes.items() if value != ""}
    return values


def _changes(known: dict[str, Any], values: dict[str, Any]) -> Iterator[dict[str, str]]:
    before, after = known["attributes"], values["attributes"]
    names = ((known, values, _FIELDS), (before, after, dict.fromkeys((*before, *after)) if before != after else ()))
    for old_values, new_values, fields in names:
        for name in fields:
            old, new = old_values.get(name) or "", new_values.get(name) or ""
            if old != new:
                yield {"field": name, "old": str(old), "new": str(new)}
