"""Recalls as people see them: the list, one with all that came of it, its images, the choices for a new one."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import (
    Asset,
    AssetState,
    Brief,
    Channel,
    Decision,
    LicenceState,
    ModelVersion,
    Photo,
    Product,
    Recall,
    RecallImage,
    RecallOutcome,
    Role,
    User,
)
from studio.errors import NotFound
from studio.images.assets import AssetView, load_views
from studio.photos.rights import Rights, rights_condition
from studio.review.causes import Cause, to_withdraw
from studio.review.recalls import Concerned, RecallExport, concerned, exports_of, last_attempt
from studio.review.replacing import to_replace
from studio.roles import Actor, require
from studio.work.jobs import JobView, job

if TYPE_CHECKING:
    from studio.bootstrap import Studio

MOST_PHOTOS = 200


@dataclass(frozen=True)
class RecallView:
    """One recall by its last attempt. outcomes: what became of its images. replaced: how many of them an order makes
    again, to_replace: how many more it should. notes: why some cannot be. grown: images that fit the cause since then.
    """

    id: int
    cause: Cause
    subject: str
    why: str
    reason: str | None
    images: int
    outcomes: dict[RecallOutcome, int]
    replaced: int
    to_replace: int
    notes: tuple[str, ...]
    user: str
    created_at: dt.datetime
    job: JobView


@dataclass(frozen=True)
class RecallDetail:
    """All that came of a recall. orders: ids of the orders of replacements. grown: images that fit its cause by now."""

    view: RecallView
    exports: tuple[RecallExport, ...]
    concerned: tuple[Concerned, ...]
    orders: tuple[str, ...]
    grown: int


@dataclass(frozen=True)
class RecallImageView:
    """One image that a recall names, as it stood before it."""

    image: AssetView
    from_state: AssetState
    outcome: RecallOutcome


@dataclass(frozen=True)
class RecallChoices:
    """What a recall can be by: things by id with their names. refused: model versions whose licence was refused.
    photos: those whose rights were refused, the newest first. steps: the finishing steps in use.
    """

    models: dict[int, str]
    refused: frozenset[int]
    photos: dict[int, str]
    photo_sha256s: dict[int, str]
    steps: tuple[str, ...]
    channels: dict[int, str]
    reviewers: dict[int, str]
    categories: tuple[str, ...]


def list_recalls(studio: Studio, actor: Actor | None, limit: int = 50) -> list[RecallView]:
    """The newest recalls first. For managers."""
    actor = require(actor, Role.MANAGER)
    with studio.reading() as session:
        ids = session.scalars(sa.select(Recall.id).order_by(Recall.id.desc()).limit(limit)).all()
    return [recall_view(studio, actor, recall_id) for recall_id in ids]


def recall_view(studio: Studio, actor: Actor | None, recall_id: int) -> RecallView:
    """One recall. Raises NotFound."""
    actor = require(actor, Role.MANAGER)
    with studio.reading() as session:
        row = recall_row(session, recall_id)
        of_it = RecallImage.recall_id == row.id
        counted = sa.select(RecallImage.outcome, sa.func.count()).where(of_it).group_by(RecallImage.outcome)
        outcomes: dict[RecallOutcome, int] = dict(session.execute(counted).all())
        replaced = session.scalar(sa.select(sa.func.count()).where(of_it, RecallImage.order_id.is_not(None)))
        left = session.scalar(sa.select(sa.func.count()).select_from(to_replace(row).subquery()))
        person = session.get_one(User, row.user_id).name
        job_id = last_attempt(session, row).id
    return RecallView(
        id=row.id,
        cause=Cause.from_json(row.cause),
        subject=row.title,
        why=row.why,
        reason=row.reason,
        images=row.images,
        outcomes=outcomes,
        replaced=replaced or 0,
        to_replace=left or 0,
        notes=tuple(row.notes),
        user=person,
        created_at=row.created_at,
        job=job(studio, actor, job_id),
    )


def recall_detail(studio: Studio, actor: Actor | None, recall_id: int) -> RecallDetail:
    """One recall with exports, people and orders. Raises NotFound."""
    view = recall_view(studio, actor, recall_id)
    with studio.reading() as session:
        images = sa.select(RecallImage.asset_id).where(RecallImage.recall_id == recall_id)
        orders = sa.select(RecallImage.order_id).where(
            RecallImage.recall_id == recall_id, RecallImage.order_id.is_not(None)
        )
        grown = sa.select(sa.func.count()).select_from(Asset).where(*to_withdraw(session, view.cause))
        return RecallDetail(
            view=view,
            exports=exports_of(session, images),
            concerned=concerned(session, images),
            orders=tuple(order for order in session.scalars(orders.distinct()) if order is not None),
            grown=session.scalar(grown.where(Asset.id.not_in(images))) or 0,
        )


def recall_images(
    studio: Studio, actor: Actor | None, recall_id: int, *, after: int = 0, limit: int = 60
) -> list[RecallImageView]:
    """A page of a recall's images, the newest first; those before the id `after` (0: all)."""
    require(actor, Role.MANAGER)
    rows = sa.select(RecallImage).where(RecallImage.recall_id == recall_id).order_by(RecallImage.asset_id.desc())
    with studio.reading() as session:
        found = session.scalars((rows.where(RecallImage.asset_id < after) if after else rows).limit(limit)).all()
        ids = [row.asset_id for row in found]
        views = {view.id: view for view in load_views(session, sa.select(Asset).where(Asset.id.in_(ids)))}
    return [RecallImageView(views[row.asset_id], row.from_state, row.outcome) for row in found]


def choices(studio: Studio, actor: Actor | None) -> RecallChoices:
    """What a recall can be by here. For managers."""
    require(actor, Role.MANAGER)
    approved = sa.select(Decision.user_id).where(Decision.to_state == AssetState.APPROVED).distinct()
    photos = (
        sa.select(Photo.id, Product.sku, Photo.file_name, Photo.sha256)
        .join(Product, Product.id == Photo.product_id)
        .where(rights_condition(Rights.REFUSED))
        .order_by(Photo.id.desc())
        .limit(MOST_PHOTOS)
    )
    with studio.reading() as session:
        models = session.execute(
            sa.select(ModelVersion.id, ModelVersion.name, ModelVersion.licence).order_by(ModelVersion.id.desc())
        ).all()
        refused = session.execute(photos).all()
        people = sa.select(User.id, User.name).where(User.id.in_(approved)).order_by(User.name)
        return RecallChoices(
            models={id_: name for id_, name, _ in models},
            refused=frozenset(id_ for id_, _, licence in models if licence is LicenceState.REFUSED),
            photos={id_: " · ".join(part for part in (sku, name) if part) for id_, sku, name, _ in refused},
            photo_sha256s={id_: sha256 for id_, _, _, sha256 in refused},
            steps=_steps(session),
            channels=dict(session.execute(sa.select(Channel.id, Channel.name).order_by(Channel.name)).all()),
            reviewers=dict(session.execute(people).all()),
            categories=tuple(session.scalars(sa.select(Asset.category).distinct().order_by(Asset.category))),
        )


def recall_row(session: Session, recall_id: int) -> Recall:
    """The row of a recall. Raises NotFound."""
    row = session.get(Recall, recall_id)
    if row is None:
        raise NotFound(f"There is no recall {recall_id}.")
    return row


def _steps(session: Session) -> tuple[str, ...]:
    """The finishing steps that briefs name; distinct lists are few, however many briefs there are."""
    written = sa.select(sa.cast(Brief.finishing, sa.Text)).distinct().subquery()
    lists = session.scalars(sa.select(written.c[0]))
    return tuple(sorted({step["step"] for steps in lists for step in json.loads(steps)}))
