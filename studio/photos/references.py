"""The photos that catalogue files name for their products, and which of them have not come yet."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.portions import portions
from db.tables import CatalogueImport, ImportOutcome, ImportRow, PhotoReference, Product, utc_now

if TYPE_CHECKING:
    from studio.bootstrap import Studio

_ROWS = 2_000  # of a catalogue file in one transaction
_MOST = 32  # photos of one product; shops show at most 24

Reference = tuple[str, str]
"""SKU and path."""


def plain_path(reference: str) -> str:
    """What a catalogue file says of a photo as a path: without host, query and escapes of an address."""
    text = reference.strip().replace("\\", "/")
    if "://" in text:
        text = unquote(urlsplit(text).path)
    return unicodedata.normalize("NFC", text).strip("/")[-500:]


def file_key(path: str) -> str:
    """The last part of a path as files are compared by it."""
    return unicodedata.normalize("NFC", path).rsplit("/", 1)[-1].lower()[-255:]


def take_references(studio: Studio) -> int:
    """Take over what applied imports say of photos and was not taken over yet; returns the number of their rows.

    A product whose row names photos has those from then on, and no others. In transactions of some rows each, so that
    nobody waits for a large file; what was cut short is taken over from its beginning the next time.
    """
    pending = sa.select(CatalogueImport.id).where(
        CatalogueImport.applied_at.is_not(None), CatalogueImport.references_at.is_(None)
    )
    with studio.reading() as session:
        ids = list(session.scalars(pending.order_by(CatalogueImport.applied_at, CatalogueImport.id)))
    return sum(_take(studio, import_id) for import_id in ids)


def absent_references(session: Session, *, limit: int) -> list[Reference]:
    """Photos that are named and have not come: one SKU that names it, and the path; in the order of paths."""
    query = sa.select(sa.func.min(Product.sku), PhotoReference.path).join(
        Product, Product.id == PhotoReference.product_id
    )
    query = query.where(PhotoReference.sha256.is_(None)).group_by(PhotoReference.path)
    return [(sku, path) for sku, path in session.execute(query.order_by(PhotoReference.path).limit(limit))]


def count_references(session: Session) -> tuple[int, int]:
    """How many different photos the catalogue names, and how many of them have not come."""
    paths = sa.func.count(sa.distinct(PhotoReference.path))
    named = session.scalar(sa.select(paths)) or 0
    return named, session.scalar(sa.select(paths).where(PhotoReference.sha256.is_(None))) or 0


def _take(studio: Studio, import_id: int) -> int:
    taken, last = 0, (0, -1)
    while True:
        with studio.writing() as session:
            after = sa.tuple_(ImportRow.row, ImportRow.part) > sa.tuple_(*last)
            query = sa.select(ImportRow.row, ImportRow.part, ImportRow.sku, ImportRow.photos).where(
                ImportRow.import_id == import_id, ImportRow.outcome != ImportOutcome.REFUSED, after
            )
            rows = session.execute(query.order_by(ImportRow.row, ImportRow.part).limit(_ROWS)).all()
            if not rows:
                session.execute(
                    sa.update(CatalogueImport).where(CatalogueImport.id == import_id).values(references_at=utc_now())
                )
                return taken
            _replace(session, [(row.sku, row.photos) for row in rows if row.photos])
            taken += len(rows)
            last = (rows[-1].row, rows[-1].part)


def _replace(session: Session, rows: Iterable[tuple[str, list[str]]]) -> None:
    named: dict[str, dict[str, None]] = {}
    for sku, photos in rows:
        named.setdefault(sku, {}).update((path, None) for photo in photos if (path := plain_path(str(photo))))
    for some in portions(list(named)):
        ids = dict(session.execute(sa.select(Product.sku, Product.id).where(Product.sku.in_(some))).all())
        before = {
            (row.product_id, row.path): row.sha256
            for row in session.scalars(sa.select(PhotoReference).where(PhotoReference.product_id.in_(ids.values())))
        }
        session.execute(sa.delete(PhotoReference).where(PhotoReference.product_id.in_(ids.values())))
        session.expunge_all()
        values = [
            {
                "product_id": product_id,
                "path": path,
                "file_name": file_key(path),
                "sha256": before.get((product_id, path)),
            }
            for sku, product_id in ids.items()
            for path in list(named[sku])[:_MOST]
        ]
        if values:
            session.execute(sa.insert(PhotoReference), values)
