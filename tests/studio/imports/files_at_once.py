"""Catalogue files that are checked here and now, as a worker would, and what came of them."""

from __future__ import annotations

import sqlalchemy as sa

from db.tables import Product
from studio.bootstrap import Studio
from studio.imports.catalogue_import import (
    ImportView,
    find_import,
    start_import,
)
from studio.imports.job import Importer
from studio.imports.staged_rows import RowKind, StagedRow, staged_rows
from studio.roles import Actor

HEADER = "sku,title,category,colour,material\n"


def table(*rows: str) -> bytes:
    return (HEADER + "\n".join(rows) + "\n").encode()


def checked(studio: Studio, actor: Actor, data: bytes, **mapping: str) -> ImportView:
    """The import of this file, checked as the worker would, and not taken over."""
    import_id = start_import(studio, actor, data, "a.csv", mapping)
    stage_again(studio, import_id)
    return find_import(studio, actor, import_id)


def stage_again(studio: Studio, import_id: int) -> None:
    importer = Importer(studio, "here")
    with studio.reading() as session:
        job_id = session.scalar(sa.text("SELECT job_id FROM catalogue_imports WHERE id = :id"), {"id": import_id})
    assert importer.begin(job_id) == import_id
    importer.stage(import_id)


def rows(studio: Studio, actor: Actor, shown: ImportView, kind: RowKind) -> tuple[StagedRow, ...]:
    return staged_rows(studio, actor, shown.id, kind)


def refused(studio: Studio, actor: Actor, data: bytes) -> list[tuple[int, str, str]]:
    """(row, column, reason) of everything that is refused in a file."""
    shown = checked(studio, actor, data)
    found = rows(studio, actor, shown, RowKind.REFUSED)
    assert shown.refused == len(found)
    return [(row.row, problem.column, problem.reason) for row in found for problem in row.problems]


def products(studio: Studio) -> dict[str, Product]:
    with studio.reading() as session:
        return {product.sku: product for product in session.scalars(sa.select(Product))}
