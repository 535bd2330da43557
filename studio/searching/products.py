"""Products whose real photos come nearest to a question: which product is this photo?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from db.tables import Photo, Product, Role
from studio.catalogue.products import ProductFilter, ProductView, conditions_of, product_views
from studio.images.fitting import first_fitting, values_of
from studio.roles import Actor, require
from studio.searching.images import check_limit, close_ones
from studio.searching.questions import Question, understand

if TYPE_CHECKING:
    from studio.bootstrap import Studio


@dataclass(frozen=True)
class FoundProduct:
    """A product with the photo of it that comes nearest, and that one's cosine."""

    product: ProductView
    photo_sha256: str
    likeness: float


@dataclass(frozen=True)
class FoundProducts:
    """The nearest products that fit, each once, the nearest first. more: whether there are further ones; close,
    unknown: see `close_ones`, `Understood`.
    """

    products: tuple[FoundProduct, ...]
    more: bool
    close: int | None = None
    unknown: tuple[str, ...] = ()


def search_products(
    studio: Studio, actor: Actor | None, question: Question, wanted: ProductFilter | None = None, *, limit: int = 24
) -> FoundProducts:
    """The products whose photos come nearest to a question. Photos of refused rights are not looked at.

    Raises InputError, NotFound, EngineError without an encoder.
    """
    require(actor, Role.VIEWER)
    check_limit(limit)
    with studio.reading() as session:
        asked = understand(studio, session, question)
        ids, found = studio.meanings.photos.nearest_first(session, asked.vector)
        photo = sa.orm.aliased(Photo)  # the filter asks of its own whether a product has photos
        fits = sa.select(photo.id, photo.product_id, photo.sha256).join(Product, Product.id == photo.product_id)
        fits = fits.where(*conditions_of(session, wanted or ProductFilter()))
        photo_of: dict[int, tuple[int, str]] = {}  # product -> its nearest photo

        def nearest_of_each(some: list[int]) -> list[int]:
            rows = {row.id: row for row in session.execute(fits.where(photo.id.in_(some)))}
            new = []
            for photo_id in some:  # in their order, the nearest first
                row = rows.get(photo_id)
                if row is not None and row.product_id not in photo_of:
                    photo_of[row.product_id] = (photo_id, row.sha256)
                    new.append(photo_id)
            return new

        cosine_of = values_of(ids, found, first_fitting(ids, nearest_of_each, limit + 1))
        shown = list(photo_of)[:limit]
        views = product_views(session, shown)
        products = tuple(
            FoundProduct(views[product_id], photo_of[product_id][1], cosine_of[photo_of[product_id][0]])
            for product_id in shown
            if product_id in views
        )
        close = close_ones(asked, [one.likeness for one in products])
        return FoundProducts(products, len(photo_of) > limit, close, asked.unknown)
