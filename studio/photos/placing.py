"""A file becomes the photo of its products."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Photo, PhotoFile, PhotoOutcome, PhotoReference, PhotoUpload


def place(session: Session, upload: PhotoUpload, file: PhotoFile, product_ids: Sequence[int], *, by: str) -> None:
    """Make the file a photo of these products, within the caller's transaction. Its rights are those that the same
    bytes have already, else those of the upload.
    """
    assert file.sha256
    assert file.height
    assert file.width
    rows = session.scalars(sa.select(Photo).where(Photo.sha256 == file.sha256).order_by(Photo.id)).all()
    there = {row.product_id for row in rows}
    known = rows[0] if rows else None
    missing = [product_id for product_id in product_ids if product_id not in there]
    session.add_all(
        Photo(
            product_id=product_id,
            sha256=file.sha256,
            file_name=file.path[-255:],
            fingerprint=file.fingerprint,
            colour_grid=file.colour_grid,
            height=file.height,
            width=file.width,
            licence=known.licence if known else upload.licence,
            consent=known.consent if known else upload.consent,
            licence_note=known.licence_note if known else upload.note,
            acknowledged_by_id=known.acknowledged_by_id if known else None,
        )
        for product_id in missing
    )
    file.outcome = PhotoOutcome.ADDED if missing else PhotoOutcome.PRESENT
    file.matched_by, file.products, file.reason = by, len(product_ids), ""


def fulfil(session: Session, path: str, product_ids: Sequence[int], sha256: str) -> None:
    """Note that the photo which the catalogue names `path` for these products has come."""
    some = sa.update(PhotoReference).where(PhotoReference.product_id.in_(product_ids), PhotoReference.path == path)
    session.execute(some.values(sha256=sha256).execution_options(synchronize_session=False))
