"""The catalogue: find products, see which lack an approved image, look at one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetState, LicenceState, Photo, PhotoReference, Product, Role
from studio.bootstrap import Studio
from studio.errors import InputError, NotFound
from studio.images.assets import AssetView, load_views
from studio.imports.rows import LIMITS
from studio.imports.spreadsheet import write_csv
from studio.photos.rights import Rights, rights_of, usable
from studio.review.states import APPROVED_STATES
from studio.roles import Actor, require
from studio.word_search import holds, words_of

MAX_PAGE = 500
SHOWN_IMAGES = 60  # of one product, the newest

_APPROVED = sa.select(Asset.id).where(Asset.product_id == Product.id, Asset.state.in_(APPROVED_STATES))

_PHOTO = sa.select(Photo.id).where(Photo.product_id == Product.id)
_ABSENT = sa.select(PhotoReference.path).where(PhotoReference.product_id == Product.id, PhotoReference.sha256.is_(None))


class Coverage(StrEnum):
    """Whether a product has an approved (or published) image."""

    ALL = "all"
    WITHOUT = "without"
    WITH = "with"


class PhotoCover(StrEnum):
    """Whether a product has a real photo; ABSENT: its catalogue file names one that has not come."""

    WITH = "with"
    WITHOUT = "without"
    ABSENT = "absent"


@dataclass(frozen=True)
class ProductFilter:
    """Which products. `text`: words that title, SKU, category or colour must all hold. `category`: a path or its
    beginning ("Apparel" also finds "Apparel > Topwear").
    """

    text: str = ""
    category: str | None = None
    colour: str | None = None
    usage: str | None = None
    coverage: Coverage = Coverage.ALL
    photos: PhotoCover | None = None


@dataclass(frozen=True)
class ProductView:
    """A product with its images counted: all that are not withdrawn, and those approved or published; and its real
    photos, and those that its catalogue file names and that have not come (`absent`).

    `thumb_sha256`: its newest approved image, else its newest image, else a real photo.
    """

    id: int
    sku: str
    title: str
    category: str
    colour: str | None
    usage: str | None
    size: str | None
    parent_sku: str | None
    approved: int
    images: int
    thumb_sha256: str | None
    photos: int = 0
    absent: int = 0


@dataclass(frozen=True)
class ProductPage:
    """One page of products by title; `page` counts from 1, `total` counts products on all pages."""

    products: tuple[ProductView, ...]
    total: int
    page: int
    size: int

    @property
    def pages(self) -> int:
        """Number of pages, at least 1."""
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True)
class Facets:
    """What products can be narrowed by, each value with its number of products. Categories hold every level."""

    total: int
    without_image: int
    without_photo: int
    absent_photo: int
    categories: dict[str, int]
    colours: dict[str, int]
    usages: dict[str, int]


@dataclass(frozen=True)
class PhotoView:
    """A real photo; size in pixels."""

    sha256: str
    height: int
    width: int
    licence: LicenceState
    consent: LicenceState
    rights: Rights


@dataclass(frozen=True)
class ProductDetail:
    """All about one product: its family (other variants and their parent), its real photos, its newest images,
    and the photos that its catalogue file names and that have not come.
    """

    product: ProductView
    description: str
    attributes: dict[str, Any]
    variants: tuple[ProductView, ...]
    photos: tuple[PhotoView, ...]
    images: tuple[AssetView, ...]
    absent: tuple[str, ...]


def find_products(
    studio: Studio, actor: Actor | None, wanted: ProductFilter | None = None, *, page: int = 1, size: int = 50
) -> ProductPage:
    """One page of the products that fit. A page past the last one is empty. Raises InputError."""
    require(actor, Role.VIEWER)
    if page < 1 or not 1 <= size <= MAX_PAGE:
        raise InputError(f"Pages count from 1 and hold 1 to {MAX_PAGE} products, got page {page} of {size}.")
    with studio.reading() as session:
        conditions = conditions_of(session, wanted or ProductFilter())
        total = session.scalar(sa.select(sa.func.count()).select_from(Product).where(*conditions)) or 0
        query = sa.select(Product).where(*conditions).order_by(Product.title, Product.id)
        rows = session.scalars(query.offset((page - 1) * size).limit(size)).all()
        return ProductPage(_views(session, rows), total, page, size)


def product_ids(studio: Studio, actor: Actor | None, wanted: ProductFilter | None = None) -> tuple[int, ...]:
    """The ids of all products that fit, by title: for orders of many."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        conditions = conditions_of(session, wanted or ProductFilter())
        return tuple(session.scalars(sa.select(Product.id).where(*conditions).order_by(Product.title, Product.id)))


def product_views(session: Session, ids: Sequence[int]) -> dict[int, ProductView]:
    """These products by id, within the caller's transaction; those that are gone are left out."""
    rows = session.scalars(sa.select(Product).where(Product.id.in_(ids))).all()
    return {view.id: view for view in _views(session, rows)}


def facets(studio: Studio, actor: Actor | None) -> Facets:
    """What the whole catalogue can be narrowed by."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        paths = _numbers(session, Product.category)
        categories: dict[str, int] = {}
        for path, products in paths.items():
            levels = path.split(" > ")
            for depth in range(1, len(levels) + 1):
                level = " > ".join(levels[:depth])
                categories[level] = categories.get(level, 0) + products
        number = sa.select(sa.func.count()).select_from(Product)
        absent = sa.select(sa.func.count(sa.distinct(PhotoReference.product_id))).where(PhotoReference.sha256.is_(None))
        return Facets(
            total=sum(paths.values()),
            without_image=session.scalar(number.where(~_APPROVED.exists())) or 0,
            without_photo=session.scalar(number.where(~_PHOTO.exists())) or 0,
            absent_photo=session.scalar(absent) or 0,
            categories=dict(sorted(categories.items())),
            colours=_numbers(session, Product.colour),
            usages=_numbers(session, Product.usage),
        )


def product(studio: Studio, actor: Actor | None, product_id: int) -> ProductDetail:
    """One product. Raises NotFound."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        row = session.get(Product, product_id)
        if row is None:
            raise NotFound(f"There is no product {product_id}.")
        head = row.parent_sku or row.sku  # the family is named by the SKU of its parent, which may not exist itself
        family = sa.select(Product).where(sa.or_(Product.parent_sku == head, Product.sku == head), Product.id != row.id)
        photos = sa.select(Photo).where(Photo.product_id == row.id).order_by(Photo.id)
        absent = sa.select(PhotoReference.path).where(
            PhotoReference.product_id == row.id, PhotoReference.sha256.is_(None)
        )
        images = sa.select(Asset).where(Asset.product_id == row.id).order_by(Asset.id.desc()).limit(SHOWN_IMAGES)
        return ProductDetail(
            product=_views(session, [row])[0],
            description=row.description,
            attributes=dict(row.attributes),
            variants=_views(session, session.scalars(family.order_by(Product.title, Product.id).limit(MAX_PAGE)).all()),
            photos=tuple(
                PhotoView(
                    photo.sha256,
                    photo.height,
                    photo.width,
                    photo.licence,
                    photo.consent,
                    rights_of(photo.licence, photo.consent, acknowledged=photo.acknowledged_by_id is not None),
                )
                for photo in session.scalars(photos)
            ),
            images=tuple(load_views(session, images)),
            absent=tuple(session.scalars(absent.order_by(PhotoReference.path))),
        )


def export_products(studio: Studio, actor: Actor | None, wanted: ProductFilter | None = None) -> bytes:
    """The products that fit as a CSV file that the import reads back unchanged; formulas in it are neutralised."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        query = sa.select(Product).where(*conditions_of(session, wanted or ProductFilter())).order_by(Product.sku)
        rows = session.scalars(query).all()
        names = sorted({name for row in rows for name in row.attributes})
        return write_csv(
            [*LIMITS, *names],
            (
                [*(getattr(row, field) for field in LIMITS), *(row.attributes.get(name) for name in names)]
                for row in rows
            ),
        )


def conditions_of(session: Session, wanted: ProductFilter) -> list[sa.ColumnElement[bool]]:
    """What holds for the rows of `products` that fit a filter."""
    found: list[sa.ColumnElement[bool]] = []
    for word in words_of(wanted.text):
        columns = (Product.title, Product.sku, Product.category, Product.colour)
        found.append(sa.or_(*(holds(column, word) for column in columns)))
    if wanted.category is not None:
        # The few distinct paths are looked through here, so that products are found by an index on any database.
        paths = session.scalars(sa.select(Product.category).distinct())
        below = f"{wanted.category} > "
        found.append(Product.category.in_([path for path in paths if f"{path} > ".startswith(below)]))
    if wanted.colour is not None:
        found.append(Product.colour == wanted.colour)
    if wanted.usage is not None:
        found.append(Product.usage == wanted.usage)
    if wanted.coverage is not Coverage.ALL:
        found.append(_APPROVED.exists() if wanted.coverage is Coverage.WITH else ~_APPROVED.exists())
    if wanted.photos is PhotoCover.ABSENT:
        found.append(_ABSENT.exists())
    elif wanted.photos is not None:
        found.append(_PHOTO.exists() if wanted.photos is PhotoCover.WITH else ~_PHOTO.exists())
    return found


def _numbers(session: Session, column: sa.orm.InstrumentedAttribute[Any]) -> dict[str, int]:
    query = sa.select(column, sa.func.count()).where(column.is_not(None)).group_by(column).order_by(column)
    return dict(session.execute(query).all())


def _views(session: Session, rows: Sequence[Product]) -> tuple[ProductView, ...]:
    ids = [row.id for row in rows]
    approved = Asset.state.in_(APPROVED_STATES)
    kept = Asset.state != AssetState.WITHDRAWN
    query = (
        sa.select(
            Asset.product_id,
            sa.func.count(sa.case((kept, 1))),
            sa.func.count(sa.case((approved, 1))),
            sa.func.coalesce(sa.func.max(sa.case((approved, Asset.id))), sa.func.max(sa.case((kept, Asset.id)))),
        )
        .where(Asset.product_id.in_(ids))
        .group_by(Asset.product_id)
    )
    counted = {product_id: rest for product_id, *rest in session.execute(query)}
    shown = [asset_id for _, _, asset_id in counted.values() if asset_id is not None]
    bytes_of = dict(session.execute(sa.select(Asset.id, Asset.sha256).where(Asset.id.in_(shown))).all())
    photos = sa.select(Photo.product_id, Photo.sha256).where(Photo.product_id.in_(ids), usable())
    photo_of = dict(session.execute(photos.order_by(Photo.id.desc())).all())
    photos_of = _count(session, Photo.product_id, ids)
    absent_of = _count(session, PhotoReference.product_id, ids, PhotoReference.sha256.is_(None))
    views = []
    for row in rows:
        images, of_them_approved, asset_id = counted.get(row.id, (0, 0, None))
        views.append(
            ProductView(
                id=row.id,
                sku=row.sku,
                title=row.title,
                category=row.category,
                colour=row.colour,
                usage=row.usage,
                size=row.size,
                parent_sku=row.parent_sku,
                approved=of_them_approved,
                images=images,
                thumb_sha256=photo_of.get(row.id) if asset_id is None else bytes_of[asset_id],
                photos=photos_of.get(row.id, 0),
                absent=absent_of.get(row.id, 0),
            )
        )
    return tuple(views)


def _count(
    session: Session, column: sa.orm.InstrumentedAttribute[int], ids: Sequence[int], *also: sa.ColumnElement[bool]
) -> dict[int, int]:
    """Product -> number of its rows in the table of `column`, the product's id there."""
    query = sa.select(column, sa.func.count()).where(column.in_(ids), *also).group_by(column)
    return dict(session.execute(query).all())
