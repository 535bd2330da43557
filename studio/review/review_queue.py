"""Pages of images under the filters of the review page and of a click on a chart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetState, Comment, Decision, ModelVersion, Photo, ReviewClaim, Role, User, utc_now
from studio.bootstrap import Studio
from studio.errors import InputError
from studio.images.assets import AssetView
from studio.images.library import views_in_order
from studio.photos.rights import usable
from studio.review.blind_queue import asked_since, hidden_elsewhere, moved_by_asking, with_asked
from studio.review.queue_filter import QueueFilter
from studio.review.queue_order import Place, claimed_by_others, conditions, places
from studio.review.review_rules import Approvals, approvals
from studio.review.states import FACTUAL
from studio.roles import Actor, require

__all__ = ["Ageing", "QueueFilter", "QueuePage", "Standing", "ageing", "conditions", "counts", "facets", "queue"]

MAX_PAGE = 500
OVERDUE = dt.timedelta(hours=24)
"""An image that waited longer, for a reviewer or for its maker, is overdue."""

_WAITING = (AssetState.IN_REVIEW, AssetState.CHANGES_REQUESTED)


@dataclass(frozen=True)
class Standing:
    """Where an image stands in the queue. `since`: when it came into its state. `assignee`: who is to look at it.

    `claimed_by`: who holds it now, `claimed_until` until when. `comments`: how many there are.
    """

    priority: int
    since: dt.datetime
    overdue: bool
    assignee_id: int | None
    assignee: str | None
    claimed_by: str | None
    claimed_until: dt.datetime | None
    comments: int


@dataclass(frozen=True)
class QueuePage:
    """Images in the order of the queue: what is urgent first, then what waits longest. `after` asks for the next page;
    None: there is no more.

    `standing`: where each image stands, by its id. `rejections`: for each image that waits for changes, the key of the
    reason and the reviewer's comment. `ended`: ids of images that a factual reason has ended. `approvals`: how many
    each image needs and has. `photos`: product id -> hash of its newest real photo.
    """

    assets: tuple[AssetView, ...]
    after: str | None
    standing: dict[int, Standing] = field(default_factory=dict)
    rejections: dict[int, tuple[str, str]] = field(default_factory=dict)
    ended: frozenset[int] = frozenset()
    approvals: dict[int, Approvals] = field(default_factory=dict)
    photos: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ageing:
    """How long images wait for a reviewer: how many do, since when the oldest one does, how many are overdue."""

    waiting: int
    oldest: dt.datetime | None
    overdue: int


def queue(
    studio: Studio, actor: Actor | None, wanted: QueueFilter, *, after: str | None = None, limit: int = 100
) -> QueuePage:
    """One page of images. `after` is what the page before told. To reviewers, images that another reviewer holds are
    left out of what waits for review, unless the filter asks for them. Raises InputError.
    """
    actor = require(actor, Role.VIEWER)
    if not 1 <= limit <= MAX_PAGE:
        raise InputError(f"A page holds 1 to {MAX_PAGE} images, got {limit}.")
    place = None if after is None else Place.parse(after)
    hides = wanted.state is AssetState.IN_REVIEW and not wanted.claimed and actor.may(Role.REVIEWER)
    further = (~claimed_by_others(actor.id),) if hides else hidden_elsewhere(wanted, actor)
    with studio.reading() as session:
        found = places(session, wanted, actor.id, after=place, limit=limit + 1, further=further)
        found = with_asked(session, wanted, actor, found, after=place, limit=limit + 1, further=further)
        ids = [place.asset_id for place in found[:limit]]
        return page_of(session, actor, ids, after=str(found[limit - 1]) if len(found) > limit else None)


def page_of(session: Session, actor: Actor, asset_ids: Sequence[int], *, after: str | None = None) -> QueuePage:
    """What the queue tells the actor of these images, in this order; ids that no image has are left out."""
    page = views_in_order(session, asset_ids)
    rejections = _rejections(session, [view.id for view in page if view.state is AssetState.CHANGES_REQUESTED])
    return QueuePage(
        assets=page,
        after=after,
        standing=_as_met(session, actor, _standing(session, [view.id for view in page])),
        rejections=rejections,
        ended=frozenset(asset_id for asset_id, (reason, _) in rejections.items() if reason in FACTUAL),
        approvals=approvals(session, page),
        photos=_photos(session, {view.product_id for view in page if view.product_id is not None}),
    )


def counts(studio: Studio, actor: Actor | None, wanted: QueueFilter | None = None) -> dict[AssetState, int]:
    """Number of images in each state, all states present, under the other filters of `wanted`."""
    actor = require(actor, Role.VIEWER)
    query = sa.select(Asset.state, sa.func.count()).group_by(Asset.state)
    query = query.where(*conditions(wanted or QueueFilter(), actor.id))
    with studio.reading() as session:
        found = dict(session.execute(query).all())
        moved = moved_by_asking(session, wanted or QueueFilter(), actor)
    return {state: found.get(state, 0) + moved[state] for state in AssetState}


def ageing(studio: Studio, actor: Actor | None, wanted: QueueFilter | None = None) -> Ageing:
    """How long the images wait that wait for review, under the other filters of `wanted`."""
    actor = require(actor, Role.VIEWER)
    late = sa.case((Asset.state_since <= utc_now() - OVERDUE, 1), else_=0)
    query = sa.select(sa.func.count(), sa.func.min(Asset.state_since), sa.func.sum(late))
    query = query.where(Asset.state == AssetState.IN_REVIEW, *conditions(wanted or QueueFilter(), actor.id))
    with studio.reading() as session:
        waiting, oldest, overdue = session.execute(query).one()
    return Ageing(waiting, oldest, overdue or 0)


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


def _standing(session: Session, asset_ids: Sequence[int]) -> dict[int, Standing]:
    now, holder = utc_now(), sa.orm.aliased(User)
    holds = sa.and_(ReviewClaim.asset_id == Asset.id, ReviewClaim.revision == Asset.revision, ReviewClaim.until > now)
    said = sa.select(sa.func.count()).where(Comment.asset_id == Asset.id).scalar_subquery()
    query = (
        sa.select(
            Asset.id, Asset.state, Asset.priority, Asset.state_since, User.id, User.name, holder.name, ReviewClaim.until
        )
        .add_columns(said)
        .outerjoin(User, User.id == Asset.assignee_id)
        .outerjoin(ReviewClaim, holds)
        .outerjoin(holder, holder.id == ReviewClaim.user_id)
        .where(Asset.id.in_(asset_ids))
    )
    return {
        asset_id: Standing(priority, since, state in _WAITING and now - since > OVERDUE, *rest)
        for asset_id, state, priority, since, *rest in session.execute(query)
    }


def _as_met(session: Session, actor: Actor, standing: dict[int, Standing]) -> dict[int, Standing]:
    """The same, with images that the actor is asked about as if they waited."""
    late = utc_now() - OVERDUE
    asked = asked_since(session, actor, list(standing))
    return standing | {id_: replace(standing[id_], since=since, overdue=since < late) for id_, since in asked.items()}


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
