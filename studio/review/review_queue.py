"""Pages of images under the filters of the review page and of a click on a chart."""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetState, Brief, Decision, ModelVersion, Photo, Product, Purpose, Role
from studio.bootstrap import Studio
from studio.errors import InputError
from studio.images.assets import AssetView, load_views
from studio.photos.rights import usable
from studio.review.states import FACTUAL
from studio.review.verdicts import Days, is_last_verdict, within
from studio.roles import Actor, require

MAX_PAGE = 500


@dataclass(frozen=True)
class QueueFilter:
    """Which images; a field that is None (or empty) does not narrow.

    `mine`: made by the one who asks. `text`: words that the product's title or SKU, or the brief, must all hold.
    `verdict`: the outcome of the review that stands, APPROVED or CHANGES_REQUESTED, `reason` its key and `decided` its
    days (`Days()`: decided at any time). `made`: the days on which the image was made.
    """

    state: AssetState | None = None
    category: str | None = None
    model_version_id: int | None = None
    purpose: Purpose | None = None
    mine: bool = False
    text: str = ""
    product_id: int | None = None
    verdict: AssetState | None = None
    reason: str | None = None
    decided: Days | None = None
    made: Days | None = None


@dataclass(frozen=True)
class QueuePage:
    """Images in the order in which they were made. `after` asks for the next page; None: there is no more.

    `rejections`: for each image that waits for changes, the key of the reason and the reviewer's comment.
    `ended`: ids of images that a factual reason has ended. `photos`: product id -> hash of its newest real photo.
    """

    assets: tuple[AssetView, ...]
    after: int | None
    rejections: dict[int, tuple[str, str]] = field(default_factory=dict)
    ended: frozenset[int] = frozenset()
    photos: dict[int, str] = field(default_factory=dict)


def queue(
    studio: Studio, actor: Actor | None, wanted: QueueFilter, *, after: int | None = None, limit: int = 100
) -> QueuePage:
    """One page of images, oldest first. `after` is the id that the page before ended with. Raises InputError."""
    actor = require(actor, Role.VIEWER)
    if not 1 <= limit <= MAX_PAGE:
        raise InputError(f"A page holds 1 to {MAX_PAGE} images, got {limit}.")
    query = page_query(wanted, actor.id, after=after).limit(limit + 1)
    with studio.reading() as session:
        views = load_views(session, query)
        page = tuple(views[:limit])
        rejections = _rejections(session, [view.id for view in page if view.state is AssetState.CHANGES_REQUESTED])
        photos = _photos(session, {view.product_id for view in page if view.product_id is not None})
    return QueuePage(
        assets=page,
        after=page[-1].id if len(views) > limit else None,
        rejections=rejections,
        ended=frozenset(asset_id for asset_id, (reason, _) in rejections.items() if reason in FACTUAL),
        photos=photos,
    )


def counts(studio: Studio, actor: Actor | None, wanted: QueueFilter | None = None) -> dict[AssetState, int]:
    """Number of images in each state, all states present, under the other filters of `wanted`."""
    actor = require(actor, Role.VIEWER)
    query = sa.select(Asset.state, sa.func.count()).group_by(Asset.state)
    for condition in conditions(wanted or QueueFilter(), actor.id):
        query = query.where(condition)
    with studio.reading() as session:
        found = dict(session.execute(query).all())
    return {state: found.get(state, 0) for state in AssetState}


@dataclass(frozen=True)
class QueueFacets:
    """What the images of the studio can be narrowed by: categories with their numbers, and model versions by id."""

    categories: dict[str, int]
    models: dict[int, str]


def facets(studio: Studio, actor: Actor | None) -> QueueFacets:
    """The categories, by name, and the model versions, newest first, that have images."""
    require(actor, Role.VIEWER)
    categories = sa.select(Asset.category, sa.func.count()).group_by(Asset.category).order_by(Asset.category)
    made = sa.select(Asset.model_version_id).distinct()
    models = sa.select(ModelVersion.id, ModelVersion.name).where(ModelVersion.id.in_(made))
    with studio.reading() as session:
        return QueueFacets(
            categories=dict(session.execute(categories).all()),
            models=dict(session.execute(models.order_by(ModelVersion.id.desc())).all()),
        )


def page_query(wanted: QueueFilter, actor_id: int, *, after: int | None = None) -> sa.Select[Asset]:
    """The images of `wanted` by id, those after the id `after`."""
    query = sa.select(Asset).where(*conditions(wanted, actor_id)).order_by(Asset.id)
    return query if after is None else query.where(Asset.id > after)


def conditions(wanted: QueueFilter, actor_id: int) -> list[sa.ColumnElement[bool]]:
    """The filter in SQL. Each field can be looked up in an index."""
    found: list[sa.ColumnElement[bool]] = []
    for column, value in (
        (Asset.state, wanted.state),
        (Asset.category, wanted.category),
        (Asset.model_version_id, wanted.model_version_id),
        (Asset.purpose, wanted.purpose),
        (Asset.product_id, wanted.product_id),
        (Asset.created_by_id, actor_id if wanted.mine else None),
    ):
        if value is not None:
            found.append(column == value)
    for word in wanted.text.replace("\0", " ").split():  # PostgreSQL takes no NUL
        # Products and briefs are few beside their images: they are read through, the images are looked up.
        products = sa.select(Product.id).where(
            Product.title.icontains(word, autoescape=True) | Product.sku.icontains(word, autoescape=True)
        )
        briefs = sa.select(Brief.id).where(Brief.prompt.icontains(word, autoescape=True))
        found.append(Asset.product_id.in_(products) | Asset.brief_id.in_(briefs))
    found += within(Asset.created_at, wanted.made)
    if wanted.verdict is not None or wanted.reason is not None or wanted.decided is not None:
        found.append(Asset.id.in_(_decided(wanted)))
    return found


def _decided(wanted: QueueFilter) -> sa.Select[int]:
    query = sa.select(Decision.asset_id).where(is_last_verdict(Decision), *within(Decision.at, wanted.decided))
    if wanted.verdict is not None:
        query = query.where(Decision.to_state == wanted.verdict)
    if wanted.reason is not None:
        query = query.where(Decision.reason == wanted.reason)
    return query


def _photos(session: Session, product_ids: set[int]) -> dict[int, str]:
    if not product_ids:
        return {}
    query = sa.select(Photo.product_id, Photo.sha256).where(Photo.product_id.in_(product_ids), usable())
    query = query.order_by(Photo.id)
    return dict(session.execute(query).all())  # a newer photo comes later


def _rejections(session: Session, asset_ids: list[int]) -> dict[int, tuple[str, str]]:
    rows = session.execute(
        sa.select(Decision.asset_id, Decision.reason, Decision.comment)
        .join(Asset, sa.and_(Asset.id == Decision.asset_id, Asset.revision == Decision.revision))
        .where(Decision.asset_id.in_(asset_ids))
    )
    return {asset_id: (reason or "", comment) for asset_id, reason, comment in rows}
