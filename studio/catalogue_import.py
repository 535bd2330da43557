"""Products from a CSV file: first a dry run that tells exactly what would happen, then one transaction that does it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Product, Role, utc_now
from studio.bootstrap import Studio
from studio.catalogue_rows import ProductRow, Refusal, SheetProducts, read_products
from studio.errors import Conflict, InputError
from studio.roles import Actor, require

SAMPLE = "sample_catalogue.csv"

_CHUNK = 500  # SKUs asked for in one statement; SQLite allows 32,766
_FIELDS = ("title", "description", "category", "colour", "usage", "size", "parent_sku")


@dataclass(frozen=True)
class NewProduct:
    """A row whose SKU is not in the catalogue yet."""

    row: int
    sku: str
    title: str


@dataclass(frozen=True)
class FieldChange:
    """One field of a product, or one of its further attributes; an empty text is no value."""

    field: str
    old: str
    new: str


@dataclass(frozen=True)
class ChangedProduct:
    """A row that says something else than the catalogue does."""

    row: int
    sku: str
    title: str
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True)
class ImportReport:
    """What an import does, or did: `new` and `changed` products, the number `unchanged`, and the refused rows.

    `digest` stands for the file and for this outcome; `apply_import` asks for it. `notes` are sentences for the user.
    """

    file_name: str
    digest: str
    encoding: str
    delimiter: str
    new: tuple[NewProduct, ...]
    changed: tuple[ChangedProduct, ...]
    unchanged: int
    refused: tuple[Refusal, ...]
    notes: tuple[str, ...]

    @property
    def refused_rows(self) -> int:
        """Number of rows that are left out; each may be refused for more than one cell."""
        return len({refusal.row for refusal in self.refused})


def dry_run(studio: Studio, actor: Actor | None, data: bytes, file_name: str) -> ImportReport:
    """What `apply_import` would do with this file now; nothing is written.

    Raises InputError for a file that cannot be read at all. Faults of single rows are in the report.
    """
    require(actor, Role.EDITOR)
    sheet = read_products(data)
    with studio.reading() as session:
        return _plan(session, sheet, data, file_name, lock=False).report


def apply_import(
    studio: Studio, actor: Actor | None, data: bytes, file_name: str, digest: str, *, strict: bool = False
) -> ImportReport:
    """Do what the dry run with this `digest` told, in one transaction, and return what was done.

    Doing it twice changes nothing the second time. Raises Conflict when the file or the catalogue changed since the
    dry run, and InputError when `strict` and a row is refused; in both cases nothing is written.
    """
    require(actor, Role.EDITOR)
    if digest.partition("-")[0] != _sha256(data):
        raise Conflict(
            f"{file_name!r} is not the file of the dry run: it changed since. Nothing was written; run the check again."
        )
    sheet = read_products(data)
    if strict and sheet.refused:
        first, rows = sheet.refused[0], len({refusal.row for refusal in sheet.refused})
        raise InputError(
            f"Rows of {file_name!r} that are refused: {rows}. The first is row {first.row}: {first.column} "
            f"{first.reason}. Nothing was written."
        )
    try:
        with studio.writing() as session:
            plan = _plan(session, sheet, data, file_name, lock=True)
            if plan.report.digest != digest and (plan.inserts or plan.updates):
                raise Conflict("The catalogue changed since the dry run. Nothing was written; run the check again.")
            _write(session, plan)
            return plan.report
    except sa.exc.IntegrityError as error:  # PostgreSQL: another import added one of the SKUs at the same moment
        raise Conflict("The catalogue changed during the import. Nothing was written; run the check again.") from error


def load_sample(studio: Studio, actor: Actor | None) -> ImportReport:
    """Bring in the sample catalogue that comes with the studio; products that are there already stay one."""
    data = resources.files("studio").joinpath("data", SAMPLE).read_bytes()
    return apply_import(studio, actor, data, SAMPLE, dry_run(studio, actor, data, SAMPLE).digest)


@dataclass(frozen=True)
class _Plan:
    report: ImportReport
    inserts: list[dict[str, Any]]
    updates: list[dict[str, Any]]


def _plan(session: Session, sheet: SheetProducts, data: bytes, file_name: str, *, lock: bool) -> _Plan:
    known = _known(session, [row.sku for row in sheet.products], lock=lock)
    new, changed, inserts, updates = [], [], [], []
    for row in sheet.products:
        product = known.get(row.sku)
        if product is None:
            new.append(NewProduct(row.number, row.sku, row.fields["title"]))
            inserts.append(_values(row, {}))
            continue
        values = _values(row, product)
        changes = _changes(product, values)
        if changes:
            changed.append(ChangedProduct(row.number, row.sku, values["title"], changes))
            updates.append({"id": product["id"], **values})
    outcome = _sha256(repr((new, changed, sheet.refused)).encode())
    report = ImportReport(
        file_name=file_name,
        digest=f"{_sha256(data)}-{outcome}",
        encoding=sheet.encoding,
        delimiter=sheet.delimiter,
        new=tuple(new),
        changed=tuple(changed),
        unchanged=len(sheet.products) - len(new) - len(changed),
        refused=sheet.refused,
        notes=sheet.notes,
    )
    return _Plan(report, inserts, updates)


def _known(session: Session, skus: list[str], *, lock: bool) -> dict[str, dict[str, Any]]:
    """The products with these SKUs as plain values; `lock`: nobody changes them until the transaction ends."""
    columns = [Product.id, Product.sku, Product.attributes, *(getattr(Product, field) for field in _FIELDS)]
    statement = sa.select(*columns).with_for_update() if lock else sa.select(*columns)  # SQLite locks by itself
    known = {}
    for start in range(0, len(skus), _CHUNK):
        some = skus[start : start + _CHUNK]
        for product in session.execute(statement.where(Product.sku.in_(some))).mappings():
            known[product["sku"]] = dict(product)
    return known


def _values(row: ProductRow, product: dict[str, Any]) -> dict[str, Any]:
    """All fields of the product after the import: a column that the file lacks leaves what was there."""
    values: dict[str, Any] = {"sku": row.sku}
    for field in _FIELDS:
        before = product.get(field, "")
        values[field] = row.fields.get(field, before) or ("" if field == "description" else None)
    attributes = {**product.get("attributes", {}), **row.attributes}
    values["attributes"] = {name: value for name, value in attributes.items() if value != ""}
    return values


def _changes(product: dict[str, Any], values: dict[str, Any]) -> tuple[FieldChange, ...]:
    def differing(before: dict[str, Any], after: dict[str, Any], names: Iterable[str]) -> Iterator[FieldChange]:
        for name in names:
            old, new = before.get(name) or "", after.get(name) or ""
            if old != new:
                yield FieldChange(name, str(old), str(new))

    before, after = product["attributes"], values["attributes"]
    return (
        *differing(product, values, _FIELDS),
        *differing(before, after, dict.fromkeys((*before, *after))),
    )


def _write(session: Session, plan: _Plan) -> None:
    now = utc_now()
    if plan.inserts:
        session.execute(
            sa.insert(Product), [{**values, "created_at": now, "updated_at": now} for values in plan.inserts]
        )
    if plan.updates:
        session.execute(sa.update(Product), [{**values, "updated_at": now} for values in plan.updates])


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
