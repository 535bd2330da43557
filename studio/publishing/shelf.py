"""The shelf: a category's pictures side by side, as customers see them, and how each of them stands out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, Photo, Product, Role
from studio.bootstrap import Studio
from studio.errors import NotFound
from studio.photos.rights import usable
from studio.publishing.house_figures import Flag, Place, flags
from studio.publishing.house_style import StyleView, style_of
from studio.publishing.placements import places
from studio.publishing.style_pictures import PATH
from studio.review.states import APPROVED_STATES
from studio.roles import Actor, require

LENGTH = 24
"""Pictures on a shelf, at most; the images of a category before its photos."""


@dataclass(frozen=True)
class ShelfPicture:
    """One picture on the shelf. asset_id: of an image; None for a photo. flags: how it stands out against the style,
    None where there is none, or nobody looked at the picture yet. height, width: in pixels.
    """

    sha256: str
    asset_id: int | None
    title: str
    height: int
    width: int
    flags: tuple[Flag, ...] | None


@dataclass(frozen=True)
class Shelf:
    """A category's shelf; `style` is None where it has none."""

    category: str
    style: StyleView | None
    pictures: tuple[ShelfPicture, ...]


def shelf(
    studio: Studio, actor: Actor | None, category: str, *, without: int | None = None, length: int = LENGTH
) -> Shelf:
    """The newest approved images of a category, then real photos of its products. without: an image to leave out."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        style = style_of(session, category)
        rows = _images(session, category, without, length)
        rows += _photos(session, category, length - len(rows))
        found = places(session, [row.sha256 for row in rows])
        pictures = tuple(
            ShelfPicture(
                sha256=row.sha256,
                asset_id=row.asset_id,
                title=row.title,
                height=row.height,
                width=row.width,
                flags=flags_in(style, found[row.sha256]) if row.sha256 in found else None,
            )
            for row in rows
        )
    return Shelf(category, style, pictures)


def shelf_picture(studio: Studio, actor: Actor | None, asset_id: int, place: Place | None) -> ShelfPicture:
    """One image as it would stand on its category's shelf, its product at `place`. Raises NotFound."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        row = session.get(Asset, asset_id)
        if row is None:
            raise NotFound("There is no image {image}.", image=asset_id)
        style = style_of(session, row.category)
        title = row.product.title if row.product else row.brief.prompt
        return ShelfPicture(row.sha256, row.id, title, row.height, row.width, flags_in(style, place))


def flags_in(style: StyleView | None, place: Place | None) -> tuple[Flag, ...] | None:
    """How a picture stands out against a style, if there is one."""
    return None if style is None else flags(place, style.figures, style.locked)


def categories_seen(studio: Studio, actor: Actor | None) -> list[str]:
    """The categories that have approved images, by name."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        query = sa.select(Asset.category).where(Asset.state.in_(APPROVED_STATES)).distinct()
        return sorted(session.scalars(query))


def _images(session: Session, category: str, without: int | None, length: int) -> list[ShelfPicture]:
    query = (
        sa.select(Asset)
        .options(sa.orm.joinedload(Asset.product), sa.orm.joinedload(Asset.brief))
        .where(Asset.category == category, Asset.state.in_(APPROVED_STATES), Asset.damaged_at.is_(None))
        .order_by(Asset.id.desc())
        .limit(length)
    )
    if without is not None:
        query = query.where(Asset.id != without)
    return [
        ShelfPicture(
            row.sha256, row.id, row.product.title if row.product else row.brief.prompt, row.height, row.width, None
        )
        for row in session.scalars(query)
    ]


def _photos(session: Session, category: str, length: int) -> list[ShelfPicture]:
    """Photos of products whose path ends in the category; one a product."""
    if length <= 0:
        return []
    ends = sa.or_(Product.category == category, Product.category.endswith(f"{PATH}{category}", autoescape=True))
    newest = (
        sa.select(sa.func.max(Photo.id))
        .join(Product, Product.id == Photo.product_id)
        .where(ends, usable())
        .group_by(Photo.product_id)
    )
    query = (
        sa.select(Photo.sha256, Product.title, Photo.height, Photo.width)
        .join(Product, Product.id == Photo.product_id)
        .where(Photo.id.in_(newest))
        .order_by(Photo.id.desc())
        .limit(length)
    )
    return [
        ShelfPicture(sha256, None, title, height, width, None)
        for sha256, title, height, width in session.execute(query)
    ]


def standing_out(pictures: Sequence[ShelfPicture]) -> int:
    """How many of these stand out."""
    return sum(bool(one.flags) for one in pictures)
