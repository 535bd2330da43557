"""Whether the bytes of an image are still the ones that were made, and the mark on it when they are not."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from db.tables import Asset, utc_now
from studio.bootstrap import Studio
from studio.errors import IntegrityError

_log = logging.getLogger(__name__)


def bytes_of(studio: Studio, sha256: str) -> bytes:
    """The bytes with this hash, compared with it. Raises IntegrityError for bytes that are missing or changed; then
    every image that is made of them is marked.
    """
    try:
        return studio.storage.get(sha256)
    except IntegrityError as error:
        mark(studio, sha256)
        raise error


def fault(studio: Studio, sha256: str) -> IntegrityError | None:
    """What is wrong with the bytes of this hash; None when nothing is. Marks nothing."""
    try:
        studio.storage.get(sha256)
    except IntegrityError as error:
        return error
    return None


def mark(studio: Studio, sha256: str) -> None:
    """Mark the images made of these bytes as damaged, for all who see them. A check that finds the right bytes again
    takes the mark away.
    """
    with studio.writing() as session:
        unmarked = sa.update(Asset).where(Asset.sha256 == sha256, Asset.damaged_at.is_(None))
        ids = session.scalars(unmarked.values(damaged_at=utc_now()).returning(Asset.id)).all()
    if ids:
        _log.error("the bytes %s of images %s are missing or changed", sha256, ", ".join(map(str, ids)))


def unmark(studio: Studio, sha256: str) -> None:
    """The bytes are right again, as after bringing them back from a backup."""
    with studio.writing() as session:
        session.execute(sa.update(Asset).where(Asset.sha256 == sha256).values(damaged_at=None))
