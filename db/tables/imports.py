"""Catalogue files on their way in: staged row by row, taken over in one short transaction."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, utc_now
from db.tables.words import ImportOutcome


class CatalogueImport(Base):
    """One file: how it is read, and what its rows come to. `layout` is the kind of file (magento, shopify, ...).

    mapping: column of the file -> what it becomes (`studio.imports.layouts.Target`); "" for one that is left out.
    staged_at: all rows were read and compared; applied_at: they are in the catalogue; references_at: so
    are the names of their photos. warnings: number of rows with at least one; photos: number of different photos that
    the rows refer to.
    """

    __tablename__ = "catalogue_imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    file_name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    layout: Mapped[str] = mapped_column(String(32))
    mapping: Mapped[dict[str, Any]]
    notes: Mapped[list[Any]] = mapped_column(default=list)
    rows: Mapped[int] = mapped_column(default=0)
    new: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    warnings: Mapped[int] = mapped_column(default=0)
    photos: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now, index=True)
    staged_at: Mapped[dt.datetime | None]
    applied_at: Mapped[dt.datetime | None]
    references_at: Mapped[dt.datetime | None]


class ImportRow(Base):
    """One product of a file as it would stand in the catalogue, with what is wrong with it.

    part: 0, or more where one row of the file tells of several products. product_updated_at: the state of the product
    that it was compared with. changes: [{"field", "old", "new"}]; problems: [{"column", "reason", "value", "refused":
    bool}]; warned: whether one of them is a warning; photos: file names that the row refers to; children: SKUs of the
    variants that it names.
    """

    __tablename__ = "import_rows"
    __table_args__ = (
        Index("ix_import_rows_import_id_outcome_row", "import_id", "outcome", "row"),
        Index("ix_import_rows_import_id_sku", "import_id", "sku"),
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("catalogue_imports.id"), primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=0)
    outcome: Mapped[ImportOutcome]
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"))
    product_updated_at: Mapped[dt.datetime | None]
    sku: Mapped[str] = mapped_column(String(64))
    parent_sku: Mapped[str | None] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(Text, default="")
    category: Mapped[str] = mapped_column(String(200))
    colour: Mapped[str | None] = mapped_column(String(64))
    usage: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[str | None] = mapped_column(String(64))
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    photos: Mapped[list[Any]] = mapped_column(default=list)
    children: Mapped[list[Any]] = mapped_column(default=list)
    changes: Mapped[list[Any]] = mapped_column(default=list)
    problems: Mapped[list[Any]] = mapped_column(default=list)
    warned: Mapped[bool] = mapped_column(default=False)
