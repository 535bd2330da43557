"""Finding images: filters, words, a score in a range; pages of any depth in the same time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.tables import Asset, AssetState, Brief, ModelVersion, Product, Purpose, Role, Score, User
from ecomgan.metrics import SCORERS
from ecomgan.text.words import display_name
from studio.bootstrap import Studio
from studio.errors import InputError
from studio.images.assets import AssetView, load_views
from studio.publishing.verdict_rows import passing
from studio.review.verdicts import Days, within
from studio.roles import Actor, require
from studio.word_search import holds, words_of

MAX_PAGE = 500
COUNTED = 1_000
"""So many of the images that hold a word or have a score are counted; who gets more narrows further."""
T = TypeVar("T")
_OTHER_LANGUAGES = ("zh",)  # in which categories and colours have names that people search by


@dataclass(frozen=True)
class ScoreRange:
    """Images whose score `metric` lies from `low` to `high`, both included; None is open."""

    metric: str
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if self.metric not in SCORERS:
            raise InputError(f"There is no score {self.metric!r}; there are: {', '.join(SCORERS)}.")


@dataclass(frozen=True)
class LibraryFilter:
    """Which images; a field that is None (or empty) does not narrow.

    text: words of which each must be in the brief, in the product's title or SKU, or name the category or the colour
    (in any language of the screens). made: the days of making. parent_id: made from that image. score: also orders the
    images, the best of that score first. channel: key of a pack of rules that the image passes.
    """

    text: str = ""
    state: AssetState | None = None
    category: str | None = None
    colour: str | None = None
    model_version_id: int | None = None
    purpose: Purpose | None = None
    made_by_id: int | None = None
    product_id: int | None = None
    parent_id: int | None = None
    made: Days | None = None
    score: ScoreRange | None = None
    channel: str | None = None


Cursor = tuple[float, int]
"""Where a page ended: the score (0 without one) and the id of its last image."""


@dataclass(frozen=True)
class LibraryPage:
    """Images, the newest first or the best of the chosen score. `after` asks for the next page; None: no more."""

    assets: tuple[AssetView, ...]
    after: Cursor | None


@dataclass(frozen=True)
class LibraryFacets:
    """What images can be narrowed by: categories and colours in use, model versions and people by id."""

    categories: tuple[str, ...]
    colours: tuple[str, ...]
    models: dict[int, str]
    people: dict[int, str]


def find_images(
    studio: Studio,
    actor: Actor | None,
    wanted: LibraryFilter | None = None,
    *,
    after: Cursor | None = None,
    limit: int = 60,
) -> LibraryPage:
    """One page of the images that fit. `after` is what the page before told. Raises InputError."""
    require(actor, Role.VIEWER)
    if not 1 <= limit <= MAX_PAGE:
        raise InputError(f"A page holds 1 to {MAX_PAGE} images, got {limit}.")
    with studio.reading() as session:
        found = session.execute(page_query(session, wanted or LibraryFilter(), after).limit(limit + 1)).all()
        views = views_in_order(session, [asset_id for asset_id, _ in found[:limit]])
    if len(found) <= limit:
        return LibraryPage(views, None)
    last_id, value = found[limit - 1]
    return LibraryPage(views, (value or 0.0, last_id))


def count_images(studio: Studio, actor: Actor | None, wanted: LibraryFilter | None = None) -> int:
    """How many images fit. With words or a score, counting ends at COUNTED + 1."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        return session.scalar(count_query(session, wanted or LibraryFilter())) or 0


def facets(studio: Studio, actor: Actor | None) -> LibraryFacets:
    """The values by which the images can be narrowed."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        models = list(_distinct(session, Asset.model_version_id))
        people = list(_distinct(session, Asset.created_by_id))
        names = sa.select(ModelVersion.id, ModelVersion.name).where(ModelVersion.id.in_(models))
        persons = sa.select(User.id, User.name).where(User.id.in_(people)).order_by(User.name)
        return LibraryFacets(
            categories=tuple(_distinct(session, Asset.category)),
            colours=tuple(_distinct(session, Asset.colour)),
            models=dict(session.execute(names.order_by(ModelVersion.id.desc())).all()),
            people=dict(session.execute(persons).all()),
        )


def conditions(session: Session, wanted: LibraryFilter) -> list[sa.ColumnElement[bool]]:
    """The filter in SQL on `assets`, without the score."""
    found: list[sa.ColumnElement[bool]] = []
    for column, value in (
        (Asset.state, wanted.state),
        (Asset.category, wanted.category),
        (Asset.colour, wanted.colour),
        (Asset.model_version_id, wanted.model_version_id),
        (Asset.purpose, wanted.purpose),
        (Asset.created_by_id, wanted.made_by_id),
        (Asset.product_id, wanted.product_id),
        (Asset.parent_id, wanted.parent_id),
    ):
        if value is not None:
            found.append(column == value)
    if wanted.channel is not None:
        found.append(Asset.id.in_(passing(session, wanted.channel)))
    found += [_word(session, word) for word in words_of(wanted.text)]
    return found + within(Asset.created_at, wanted.made)


def fits_filter(session: Session, wanted: LibraryFilter) -> Callable[[list[int]], Collection[int]]:
    """What keeps of some ids of images those that fit, their score included; for `fitting.first_fitting`."""
    if wanted == LibraryFilter():
        return lambda some: some
    fits = sa.select(Asset.id).where(*conditions(session, wanted))
    if wanted.score is not None:
        fits = fits.where(Asset.id.in_(sa.select(Score.asset_id).where(*scored(wanted.score))))
    return lambda some: session.scalars(fits.where(Asset.id.in_(some))).all()


def scored(wanted: ScoreRange) -> list[sa.ColumnElement[bool]]:
    """The range in SQL on `scores`, of the scorer as it is now."""
    found = [Score.metric == wanted.metric, Score.version == SCORERS[wanted.metric].version, Score.value.is_not(None)]
    if wanted.low is not None:
        found.append(Score.value >= wanted.low)
    if wanted.high is not None:
        found.append(Score.value <= wanted.high)
    return found


def page_query(session: Session, wanted: LibraryFilter, after: Cursor | None = None) -> sa.Select[int, float | None]:
    """Id and score (0 without one) of the images that fit, in their order. Only what indexes hold is sorted: whole rows
    are read for the images of one page.
    """
    if wanted.score is None:
        zero: sa.ColumnElement[float | None] = sa.literal(0.0, sa.Float())
        query = sa.select(Asset.id, zero).where(*conditions(session, wanted)).order_by(Asset.id.desc())
        return query if after is None else query.where(Asset.id < after[1])
    query = sa.select(Asset.id, Score.value).join(Score, Score.asset_id == Asset.id)
    query = query.where(*conditions(session, wanted), *scored(wanted.score))
    place = sa.tuple_(Score.value, Score.asset_id)
    if SCORERS[wanted.score.metric].better == "lower":
        query = query.order_by(Score.value, Score.asset_id)
        return query if after is None else query.where(place > sa.tuple_(*map(sa.literal, after)))
    query = query.order_by(Score.value.desc(), Score.asset_id.desc())
    return query if after is None else query.where(place < sa.tuple_(*map(sa.literal, after)))


def count_query(session: Session, wanted: LibraryFilter) -> sa.Select[int]:
    """The number of images that fit. What an index holds is counted whole, what needs a look at each image is not."""
    query = sa.select(Asset.id).where(*conditions(session, wanted))
    if wanted.score is not None:
        query = sa.select(Score.asset_id).where(*scored(wanted.score))
        narrowed = conditions(session, wanted)
        if narrowed:
            query = query.join(Asset, Asset.id == Score.asset_id).where(*narrowed)
    if wanted.score is not None or wanted.text.strip():
        query = query.limit(COUNTED + 1)
    return sa.select(sa.func.count()).select_from(query.subquery())


def views_in_order(session: Session, asset_ids: Sequence[int]) -> tuple[AssetView, ...]:
    """These images, in the order of their ids here."""
    if not asset_ids:
        return ()
    views = {view.id: view for view in load_views(session, sa.select(Asset).where(Asset.id.in_(asset_ids)))}
    return tuple(views[asset_id] for asset_id in asset_ids if asset_id in views)


def _word(session: Session, word: str) -> sa.ColumnElement[bool]:
    """Images that a word finds. Categories and colours are few: they are matched here, by all their names."""
    titles = sa.select(Product.id).where(holds(Product.title, word))
    skus = sa.select(Product.id).where(holds(Product.sku, word))  # apart from the titles: an index holds each
    of_product = Brief.product_id.in_(titles) | Brief.product_id.in_(skus)
    briefs = sa.select(Brief.id).where(holds(Brief.prompt, word) | of_product)
    ways = [Asset.brief_id.in_(briefs)]
    for column in (Asset.category, Asset.colour):
        named = [value for value in _distinct(session, column) if _is_named(value, word)]
        if named:
            ways.append(column.in_(named))
    return sa.or_(*ways)


def _is_named(value: str, word: str) -> bool:
    names = (value, *(display_name(value, language) for language in _OTHER_LANGUAGES))
    return any(word.casefold() in name.casefold() for name in names)


def _distinct(session: Session, column: InstrumentedAttribute[T] | InstrumentedAttribute[T | None]) -> list[T]:
    """The values of an indexed column in order, one look into the index a value instead of one a row.

    Neither SQLite nor PostgreSQL skips through an index for SELECT DISTINCT by itself (PostgreSQL wiki, "Loose
    indexscan").
    """
    walk = sa.select(sa.func.min(column).label("value")).cte("walk", recursive=True)
    following = sa.select(sa.func.min(column)).where(column > walk.c.value).scalar_subquery()
    walk = walk.union_all(sa.select(following).where(walk.c.value.is_not(None)))
    return list(session.scalars(sa.select(walk.c.value).where(walk.c.value.is_not(None))))
