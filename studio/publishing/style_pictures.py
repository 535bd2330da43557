"""The pictures that say how a category looks: its approved images, and the real photos that may be shown."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, Photo, Product
from studio.making.briefs import UNCATEGORISED
from studio.photos.rights import usable
from studio.review.states import APPROVED_STATES

NEWEST = 300
"""Of each category, so many images and so many photos: a style is that of today."""

PATH = " > "


@dataclass(frozen=True)
class StylePicture:
    """One picture of a category. asset_id: of an image; None for a photo."""

    sha256: str
    category: str
    asset_id: int | None = None


def style_pictures(session: Session) -> list[StylePicture]:
    """All of them, the newest of each category."""
    place = sa.func.row_number().over(partition_by=Asset.category, order_by=Asset.id.desc())
    ranked = (
        sa.select(Asset.sha256, Asset.category, Asset.id, place.label("place"))
        .where(Asset.state.in_(APPROVED_STATES), Asset.damaged_at.is_(None), Asset.category != UNCATEGORISED)
        .subquery()
    )
    rows = session.execute(sa.select(ranked.c.sha256, ranked.c.category, ranked.c.id).where(ranked.c.place <= NEWEST))
    found = [StylePicture(sha256, category, asset_id) for sha256, category, asset_id in rows]
    place = sa.func.row_number().over(partition_by=Product.category, order_by=Photo.id.desc())
    photos = (
        sa.select(Photo.sha256, Product.category, place.label("place"))
        .join(Product, Product.id == Photo.product_id)
        .where(usable())
        .subquery()
    )
    chosen = sa.select(photos.c.sha256, photos.c.category).where(photos.c.place <= NEWEST)
    return found + [StylePicture(sha256, path.split(PATH)[-1]) for sha256, path in session.execute(chosen)]


def paths_above(session: Session) -> dict[str, list[str]]:
    """Category (the last part of a path) -> the paths above it in the catalogue, the nearest first; departments (paths
    of one part) left out, which hold products of all shapes.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for path in session.scalars(sa.select(Product.category).distinct().order_by(Product.category)):
        parts = path.split(PATH)
        above = [PATH.join(parts[:end]) for end in range(len(parts) - 1, 1, -1)]
        found[parts[-1]] += [one for one in above if one not in found[parts[-1]]]
    return found
