"""The last step of an import: staged rows become products, all of them or none."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import CatalogueImport, ImportOutcome, ImportRow, Product, utc_now
from studio.activity import record
from studio.errors import Conflict
from studio.roles import Actor

_FIELDS = ("sku", "parent_sku", "title", "description", "category", "colour", "usage", "size", "attributes")


def take_over(session: Session, actor: Actor, row: CatalogueImport) -> None:
    """Put the staged rows into the catalogue, in the caller's transaction; two statements, whatever their number.

    Raises Conflict when the catalogue is another one than the rows were compared with.
    """
    if _changed_since(session, row.id):
        raise Conflict("The catalogue changed since this file was checked. Check it again; nothing was imported.")
    now = utc_now()
    of_import = ImportRow.import_id == row.id
    if row.new:
        columns = [getattr(ImportRow, name) for name in _FIELDS]
        staged = sa.select(*columns, sa.literal(now, Product.created_at.type), sa.literal(now, Product.updated_at.type))
        staged = staged.where(of_import, ImportRow.outcome == ImportOutcome.NEW).order_by(ImportRow.row, ImportRow.part)
        names = [*_FIELDS, "created_at", "updated_at"]
        session.execute(sa.insert(Product).from_select(names, staged, include_defaults=False))
    if row.changed:
        values = {name: getattr(ImportRow, name) for name in _FIELDS[1:]}
        session.execute(
            sa.update(Product)
            .values(**values, updated_at=now)
            .where(Product.id == ImportRow.product_id, of_import, ImportRow.outcome == ImportOutcome.CHANGED)
            .execution_options(synchronize_session=False)
        )
    row.applied_at = now
    told = f"Imported {row.file_name}: {row.new} new products, {row.changed} changed."
    record(session, actor, "imported", "catalogue_import", row.id, told, new=row.new, changed=row.changed)


def _changed_since(session: Session, import_id: int) -> bool:
    """Whether the catalogue is another one than the staged rows were compared with."""
    added = (
        sa.select(Product.id)
        .join(ImportRow, ImportRow.sku == Product.sku)
        .where(ImportRow.import_id == import_id, ImportRow.outcome == ImportOutcome.NEW)
    )
    touched = (
        sa.select(ImportRow.row)
        .outerjoin(Product, Product.id == ImportRow.product_id)
        .where(ImportRow.import_id == import_id)
        .where(ImportRow.outcome.in_((ImportOutcome.CHANGED, ImportOutcome.UNCHANGED)))
        .where(Product.updated_at.is_distinct_from(ImportRow.product_updated_at))
    )
    return bool(session.scalar(sa.select(sa.or_(added.exists(), touched.exists()))))
