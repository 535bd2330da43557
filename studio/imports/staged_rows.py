"""The staged rows of an import: what each comes to, which photos it names and which of them have not come, and how the
rows are cleared away.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import CatalogueImport, ImportOutcome, ImportRow, PhotoReference, Product, Role, utc_now
from studio.bootstrap import Studio
from studio.errors import InputError
from studio.imports.rows import Problem
from studio.imports.spreadsheet import write_csv
from studio.roles import Actor, require

MAX_PAGE = 500
MAX_DOWNLOAD = 100_000  # rows in the download of refused ones and warnings


class RowKind(StrEnum):
    """Which staged rows: those of one outcome, those with a warning, or those that first name a photo that is absent:
    a warning each, once the import is in the catalogue.
    """

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    WARNED = "warned"
    ABSENT = "absent"


@dataclass(frozen=True)
class FieldChange:
    """One field of a product, or one of its further attributes; an empty text is no value."""

    field: str
    old: str
    new: str


@dataclass(frozen=True)
class StagedRow:
    """One product of the file, its number in the file, and what is wrong with it."""

    row: int
    sku: str
    parent_sku: str | None
    title: str
    category: str
    colour: str | None
    size: str | None
    photos: int
    changes: tuple[FieldChange, ...]
    problems: tuple[Problem, ...]


def staged_rows(
    studio: Studio, actor: Actor | None, import_id: int, kind: RowKind, *, page: int = 1, size: int = 100
) -> tuple[StagedRow, ...]:
    """One page of the staged rows of a kind, in the order of the file. Raises InputError."""
    require(actor, Role.EDITOR)
    if page < 1 or not 1 <= size <= MAX_PAGE:
        raise InputError(f"Pages count from 1 and hold 1 to {MAX_PAGE} rows, got page {page} of {size}.")
    with studio.reading() as session:
        return tuple(_views(session, import_id, kind, offset=(page - 1) * size, limit=size))


def problems_csv(studio: Studio, actor: Actor | None, import_id: int, kind: RowKind) -> bytes:
    """The problems of the refused or of the warned rows, or the absent photos, as a CSV file of up to `MAX_DOWNLOAD`
    rows.
    """
    require(actor, Role.EDITOR)

    def lines(session: Session) -> Iterator[tuple[object, ...]]:
        for row in _views(session, import_id, kind, limit=MAX_DOWNLOAD):
            for problem in row.problems:
                if problem.refused == (kind is RowKind.REFUSED):
                    yield row.row, row.sku, problem.column, problem.reason, problem.value

    with studio.reading() as session:
        return write_csv(("row", "sku", "column", "reason", "value"), lines(session))


def count_photos(session: Session, import_id: int) -> int:
    """How many different photos the rows name that are not refused."""
    each = sa.func.json_each if session.get_bind().dialect.name == "sqlite" else sa.func.json_array_elements_text
    photo = each(ImportRow.photos).table_valued("value")
    query = (
        sa.select(sa.func.count(sa.distinct(photo.c.value)))
        .select_from(sa.join(ImportRow, photo, sa.true()))
        .where(ImportRow.import_id == import_id, ImportRow.outcome != ImportOutcome.REFUSED)
    )
    return session.scalar(query) or 0


def count_absent(session: Session, import_id: int) -> int:
    """How many of the photos that the products of an import are to have have not come; 0 before it is taken over."""
    return session.scalar(sa.select(sa.func.count()).select_from(_absent(import_id).subquery())) or 0


def clear_rows(session: Session, import_id: int) -> None:
    """Remove the staged rows of an import; the import itself stays."""
    session.execute(sa.delete(ImportRow).where(ImportRow.import_id == import_id))


def clear_old(studio: Studio, older_than: dt.timedelta) -> None:
    """Clear the staged rows of imports that old, but not of those whose photos may still come."""
    wanted = sa.and_(CatalogueImport.applied_at.is_not(None), CatalogueImport.photos > 0)
    old = sa.select(CatalogueImport.id).where(CatalogueImport.created_at < utc_now() - older_than, ~wanted)
    with studio.reading() as session:
        left = session.scalars(old.where(sa.exists().where(ImportRow.import_id == CatalogueImport.id))).all()
    for import_id in left:
        with studio.writing() as session:
            clear_rows(session, import_id)
            row = session.get_one(CatalogueImport, import_id)
            if row.applied_at is None:
                row.staged_at = None


def _views(session: Session, import_id: int, kind: RowKind, *, offset: int = 0, limit: int) -> Iterator[StagedRow]:
    if kind is RowKind.ABSENT:
        first = _absent(import_id).subquery()
        place = sa.and_(ImportRow.import_id == import_id, ImportRow.row == first.c.row, ImportRow.part == first.c.part)
        query = sa.select(ImportRow, first.c.path).join(first, place)
        query = query.order_by(ImportRow.row, ImportRow.part, first.c.path)
        for row, path in session.execute(query.offset(offset).limit(limit).execution_options(yield_per=1000)):
            yield replace(_view(row), problems=(Problem("photos", "has not come yet", path, refused=False),))
        return
    wanted = ImportRow.warned if kind is RowKind.WARNED else ImportRow.outcome == ImportOutcome(kind.value)
    rows = sa.select(ImportRow).where(ImportRow.import_id == import_id, wanted)
    rows = rows.order_by(ImportRow.row, ImportRow.part).offset(offset).limit(limit)
    yield from map(_view, session.scalars(rows.execution_options(yield_per=1000)))


def _absent(import_id: int) -> sa.Select[int, int, str]:
    """Each absent photo once, with the first row of the import that has it: row, part, path."""
    turn = sa.func.row_number().over(partition_by=PhotoReference.path, order_by=(ImportRow.row, ImportRow.part))
    named = (
        sa.select(ImportRow.row, ImportRow.part, PhotoReference.path, turn.label("turn"))
        .join(Product, Product.id == PhotoReference.product_id)
        .join(ImportRow, ImportRow.sku == Product.sku)
        .where(PhotoReference.sha256.is_(None))
        .where(ImportRow.import_id == import_id, ImportRow.outcome != ImportOutcome.REFUSED)
        .subquery()
    )
    return sa.select(named.c.row, named.c.part, named.c.path).where(named.c.turn == 1)


def _view(row: ImportRow) -> StagedRow:
    return StagedRow(
        row=row.row,
        sku=row.sku,
        parent_sku=row.parent_sku,
        title=row.title,
        category=row.category,
        colour=row.colour,
        size=row.size,
        photos=len(row.photos),
        changes=tuple(FieldChange(**_texts(change)) for change in row.changes),
        problems=tuple(Problem(**problem) for problem in row.problems),
    )


def _texts(change: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in change.items()}
