"""What waits for a person, and whether the studio can work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from db.tables import Asset, AssetState, Job, JobState, Product, Role
from studio.bootstrap import Studio
from studio.errors import NotReady
from studio.images.assets import AssetView, load_views
from studio.models.in_use import ModelView, champion
from studio.review.states import APPROVED_STATES
from studio.roles import Actor, require
from studio.work.jobs import workers

SHOWN_IMAGES = 12

_BUSY = (JobState.QUEUED, JobState.RUNNING, JobState.CANCELLING)


@dataclass(frozen=True)
class Tiles:
    """The numbers of the home page.

    `changes_requested` and `latest` are about the images that the reader made, `running_jobs` about everyone's.
    `given_to_me`: those that wait for the reader's review. `worker` is "starting" while it loads the model; `model` is
    None before the first one is registered.
    """

    to_review: int
    given_to_me: int
    changes_requested: int
    running_jobs: int
    products: int
    products_without_image: int
    latest: tuple[AssetView, ...]
    worker: Literal["ready", "starting", "none"]
    model: ModelView | None


def tiles(studio: Studio, actor: Actor | None) -> Tiles:
    """The tiles for this person, as of now."""
    actor = require(actor, Role.VIEWER)
    alive = [worker.ready for worker in workers(studio) if worker.alive]
    model = _champion(studio)
    mine = Asset.created_by_id == actor.id
    # By name, not EXISTS (SELECT *): so the index alone answers, and no row of an image is read.
    approved = sa.select(Asset.id).where(Asset.product_id == Product.id, Asset.state.in_(APPROVED_STATES)).exists()
    with studio.reading() as session:

        def number(table: type[Asset | Job | Product], *conditions: sa.ColumnElement[bool]) -> int:
            return session.scalar(sa.select(sa.func.count()).select_from(table).where(*conditions)) or 0

        return Tiles(
            to_review=number(Asset, Asset.state == AssetState.IN_REVIEW),
            given_to_me=number(Asset, Asset.assignee_id == actor.id, Asset.state == AssetState.IN_REVIEW),
            changes_requested=number(Asset, mine, Asset.state == AssetState.CHANGES_REQUESTED),
            running_jobs=number(Job, Job.state.in_(_BUSY)),
            products=number(Product),
            products_without_image=number(Product, ~approved),
            latest=tuple(
                load_views(session, sa.select(Asset).where(mine).order_by(Asset.id.desc()).limit(SHOWN_IMAGES))
            ),
            worker="ready" if any(alive) else "starting" if alive else "none",
            model=model,
        )


def _champion(studio: Studio) -> ModelView | None:
    try:
        return champion(studio)
    except NotReady:
        return None
