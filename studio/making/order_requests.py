"""What an editor may ask for, and what it comes to: one draft of a brief for each product, or one for a text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.portions import portions
from db.tables import Photo, Product, Purpose
from ecomgan.errors import FinishingError
from ecomgan.text import Vocabulary
from studio.catalogue.value_mappings import mappings
from studio.engines.settings import GUIDANCE
from studio.errors import InputError, NotFound
from studio.making.briefs import (
    ARTICLE,
    Attributes,
    ProductText,
    attributes_of_product,
    attributes_of_text,
    check_overrides,
)
from studio.photos.rights import usable

MOST_PER_PRODUCT = 64
MOST_IMAGES = 5_000
LARGEST_SEED = 2**31 - 1 - MOST_PER_PRODUCT
"""A seed plus a number must fit its column."""

_VARIETY, _GUIDANCE = (0.3, 1.0), (1.0, 3.0)


@dataclass(frozen=True)
class OrderRequest:
    """What an editor asks for: products, or else a text.

    attributes: field -> value, correcting what the text or the products say; an empty value leaves the field open.
    number: images for each product, or of the text. seed: image k is made with seed + k; None draws one for each.
    truncation: how varied, 0.3..1. guidance_scale: how strictly by the words, 1..3 for a checkpoint of this studio.
    house_style: reframe each image to the house style of its category, last of all finishing.
    model_id: the engine, None is the one in production. steps, height, width (pixels): for engines that have them;
    None, here as for guidance_scale, is what the engine is set up with.
    """

    product_ids: tuple[int, ...] = ()
    prompt: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    number: int = 4
    seed: int | None = None
    truncation: float = 0.8
    guidance_scale: float | None = None
    finishing: tuple[dict[str, Any], ...] = ()
    house_style: bool = False
    purpose: Purpose = Purpose.CONCEPT
    model_id: int | None = None
    steps: int | None = None
    height: int | None = None
    width: int | None = None


@dataclass(frozen=True)
class UnknownProduct:
    """A product of a kind that the model was not taught."""

    id: int
    sku: str
    title: str
    category: str


@dataclass(frozen=True)
class Draft:
    """A brief to be."""

    product_id: int | None
    prompt: str
    attributes: Attributes


def check(request: OrderRequest, *, free: bool = False) -> None:
    """Refuse what no model could make; `free` engines take more guidance than checkpoints of this studio."""
    if not 1 <= request.number <= MOST_PER_PRODUCT:
        raise InputError(
            "1 to {most} images can be made at a time, got {number}.", most=MOST_PER_PRODUCT, number=request.number
        )
    if request.seed is not None and not 0 <= request.seed <= LARGEST_SEED:
        raise InputError(f"A seed is a whole number from 0 to {LARGEST_SEED:,}, got {request.seed}.")
    for name, value, (low, high) in (
        ("Variety", request.truncation, _VARIETY),
        ("Guidance", request.guidance_scale, GUIDANCE if free else _GUIDANCE),
    ):
        if value is not None and not (math.isfinite(value) and low <= value <= high):
            raise InputError(f"{name} is a number from {low:g} to {high:g}, got {value:g}.")
    _check_finishing(request.finishing)


def draft_briefs(
    session: Session, request: OrderRequest, words: Vocabulary, *, free: bool = False
) -> tuple[list[Draft], tuple[UnknownProduct, ...]]:
    """The briefs of an order, and the products that the model knows nothing of. free: the engine takes any text, so
    none is unknown to it, and attributes are what `words` happen to name.

    Raises InputError for a request that cannot be made, NotFound for products that are not there.
    """
    check(request, free=free)
    check_overrides(request.attributes, words)
    if bool(request.product_ids) == bool(request.prompt.strip()):
        raise InputError("An order is for products or for a text: choose products, or write what to make.")
    if not request.product_ids:
        if request.purpose is Purpose.LISTING:
            raise InputError(
                "An image made from a text cannot become a listing image: that shows the product itself and needs a "
                "real photo of it as proof. Order it as concept, placeholder or ad."
            )
        attributes = attributes_of_text(request.prompt, request.attributes, words, free=free)
        return [Draft(None, request.prompt.strip(), attributes)], ()
    images = len(dict.fromkeys(request.product_ids)) * request.number
    if images > MOST_IMAGES:
        raise InputError(
            "An order makes at most {most:,} images; this one would make {images:,}. Split it.",
            most=MOST_IMAGES,
            images=images,
        )
    return _product_drafts(session, request, words, free=free)


def _check_finishing(steps: Sequence[Mapping[str, Any]]) -> None:
    if not steps:
        return
    from ecomgan.finishing import parse_steps  # scipy comes with it: a page that finishes nothing does without

    try:
        parse_steps(steps)
    except FinishingError as error:
        raise InputError(f"This finishing cannot be done: {error}.") from error


def _product_drafts(
    session: Session, request: OrderRequest, words: Vocabulary, *, free: bool
) -> tuple[list[Draft], tuple[UnknownProduct, ...]]:
    products = _products(session, request.product_ids)
    if request.purpose is Purpose.LISTING:
        _refuse_without_photo(session, products)
    confirmed = mappings(session)
    drafts: list[Draft] = []
    unknown: list[UnknownProduct] = []
    for row in products:
        text = ProductText(row.title, row.category, row.colour, row.usage)
        attributes = attributes_of_product(text, request.attributes, words, confirmed)
        if attributes is None and free:
            attributes = {name: value for name, value in request.attributes.items() if value}
        if attributes is None:
            unknown.append(UnknownProduct(row.id, row.sku, row.title, row.category))
        else:
            drafts.append(Draft(row.id, row.title, attributes))
    return drafts, tuple(unknown)


def _products(session: Session, product_ids: Sequence[int]) -> list[Product]:
    ids = list(dict.fromkeys(product_ids))
    found: dict[int, Product] = {}
    for some in portions(ids):
        found.update((row.id, row) for row in session.scalars(sa.select(Product).where(Product.id.in_(some))))
    absent = [str(one) for one in ids if one not in found]
    if absent:
        raise NotFound(
            "These products are not in the catalogue (any more): {products}.", products=", ".join(absent[:5])
        )
    return [found[one] for one in ids]


def _refuse_without_photo(session: Session, products: Sequence[Product]) -> None:
    with_photo: set[int] = set()
    for some in portions([row.id for row in products]):
        with_photo.update(session.scalars(sa.select(Photo.product_id).where(Photo.product_id.in_(some), usable())))
    without = [row.sku for row in products if row.id not in with_photo]
    if without:
        raise InputError(
            "A listing image needs a real photo of the product as proof, and {n} of these have none: {products}. Order "
            "them as concept, placeholder or ad.",
            n=len(without),
            products=", ".join(without[:5]),
        )


def refusal_of(unknown: Sequence[UnknownProduct], words: Vocabulary) -> str:
    """What to tell about products that the model was not taught."""
    named = ", ".join(f"{product.sku} ({product.category})" for product in unknown[:5])
    more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
    return (
        f"The model in production was not taught what {len(unknown)} of these products are: {named}{more}. "
        f"Leave them out, or say what kind they are; it knows {', '.join(words[ARTICLE][:5])} and "
        f"{max(0, len(words[ARTICLE]) - 5)} other kinds."
    )
