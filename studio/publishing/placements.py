"""Where products stand in pictures: looked for once for each picture, and kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.portions import portions
from db.tables import Placement
from ecomgan.data.decode import decode_image
from ecomgan.errors import EcomGANError
from studio.errors import StorageError
from studio.publishing.house_figures import Place

if TYPE_CHECKING:
    from studio.bootstrap import Studio

VERSION = 1
"""Of the search; pictures of an older one are searched again."""

_SEARCH_SIDE = 320


def look_for(studio: Studio, sha256: str) -> Placement:
    """Find the product in a picture of the storage; a row that is not in the database yet."""
    from ecomgan.metrics.border_whiteness import border_whiteness  # scikit-image comes with the search
    from ecomgan.metrics.product import find_product

    row = Placement(sha256=sha256, version=VERSION, fault="")
    try:
        pixels = np.asarray(decode_image(studio.storage.get(sha256)).convert("RGB"))
        box = find_product(pixels, search_side=_SEARCH_SIDE).box
        row.whiteness = border_whiteness(pixels)
    except (StorageError, EcomGANError) as error:
        row.fault = str(error)[:300]
        return row
    if box is not None:
        row.top, row.left, row.bottom, row.right = box.top, box.left, box.bottom, box.right
    return row


def keep(session: Session, rows: Iterable[Placement]) -> None:
    """Keep what was found; what another process found meanwhile, or an older search, gives way."""
    for row in rows:
        session.merge(row)


def place_of(row: Placement) -> Place | None:
    """The place that a row says; None where no product was found."""
    if row.top is None or row.left is None or row.bottom is None or row.right is None:
        return None
    return Place(row.top, row.left, row.bottom, row.right, row.whiteness or 0.0)


def places(session: Session, hashes: Collection[str]) -> dict[str, Place | None]:
    """The places of those of these pictures that were searched."""
    found: dict[str, Place | None] = {}
    for some in portions(sorted(set(hashes))):
        these = Placement.sha256.in_(some)
        rows = session.scalars(sa.select(Placement).where(these, Placement.version == VERSION, Placement.fault == ""))
        found.update((row.sha256, place_of(row)) for row in rows)
    return found


def unsearched(session: Session, hashes: Collection[str]) -> list[str]:
    """Those of these pictures that were not searched yet, in their order."""
    searched: set[str] = set()
    for some in portions(sorted(set(hashes))):
        these = Placement.sha256.in_(some)
        searched.update(session.scalars(sa.select(Placement.sha256).where(these, Placement.version == VERSION)))
    return [one for one in dict.fromkeys(hashes) if one not in searched]
