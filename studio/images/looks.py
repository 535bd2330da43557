"""Images that look like one of ours, by shape and colour alone; and the looks that are still missing for that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetLook, Job, PhotoLook, Role, TrainingPhoto
from ecomgan.metrics.likeness import VERSION
from studio.bootstrap import Studio
from studio.errors import Conflict, InputError, NotFound
from studio.images.assets import AssetView
from studio.images.brought import decoded
from studio.images.fitting import first_fitting, values_of
from studio.images.library import LibraryFilter, fits_filter, views_in_order
from studio.roles import Actor, require
from studio.work.jobs import ACTIVE, LOOKS, add_job


@dataclass(frozen=True)
class SimilarImage:
    """An image with its likeness to what was asked about; 1 is alike in shape, colour and detail."""

    view: AssetView
    likeness: float


@dataclass(frozen=True)
class Similar:
    """The most similar images that fit, nearest first. `unseen`: images that have no look yet, so cannot be found."""

    images: tuple[SimilarImage, ...]
    unseen: int


def similar_to_image(
    studio: Studio, actor: Actor | None, asset_id: int, wanted: LibraryFilter | None = None, *, limit: int = 48
) -> Similar:
    """Images that look like one of ours, without itself. Raises NotFound; Conflict while that one has no look yet."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        row = session.get(AssetLook, asset_id)
        if row is None or row.version != VERSION:
            if session.get(Asset, asset_id) is None:
                raise NotFound(f"There is no image {asset_id}.")
            raise Conflict("This image was made before images could be compared. Prepare the older images first.")
        vector = np.frombuffer(row.vector, dtype=np.int8)
        return _similar(studio, session, vector, wanted or LibraryFilter(), limit, but=asset_id)


def look_of_file(data: bytes) -> npt.NDArray[np.int8]:
    """The look of an image file that anyone may have brought. Raises InputError."""
    from ecomgan.errors import ImageError
    from ecomgan.metrics.look import look  # scipy comes with it: a page that shows images does without

    try:
        return look(decoded(data))
    except ImageError as error:
        raise InputError(f"This photo cannot be used: {error}.") from error


def unseen_images(session: Session) -> int:
    """How many images have no look of the present kind."""
    images = session.scalar(sa.select(sa.func.count()).select_from(Asset)) or 0
    seen = session.scalar(sa.select(sa.func.count()).select_from(AssetLook).where(AssetLook.version == VERSION)) or 0
    return images - seen


def order_looks(studio: Studio, actor: Actor | None) -> str:
    """Order the looks that are missing, of images and of photos that models were taught; returns the job's id.

    Raises Conflict when none is missing or a job is at it already.
    """
    actor = require(actor, Role.EDITOR)
    with studio.writing() as session:
        job_id = add_looks_job(studio, session, actor)
    if job_id is None:
        raise Conflict("Nothing is missing, or a job is preparing it already.")
    return job_id


def add_looks_job(studio: Studio, session: Session, owner: Actor) -> str | None:
    """As `order_looks`, within the caller's transaction; None when there is nothing to do."""
    photos = session.scalar(sa.select(sa.func.count()).select_from(unseen_photos().subquery())) or 0
    missing = unseen_images(session) + photos
    if missing == 0 or _at_it(session):
        return None
    title = f"Prepare {missing} images for the search by likeness"
    return add_job(studio, session, kind=LOOKS, title=title, owner=owner, total=missing, estimate_seconds=None).id


def unseen_photos() -> sa.Select[str]:
    """The hashes of photos that a model was taught and that have no look of the present kind."""
    seen = sa.exists().where(PhotoLook.sha256 == TrainingPhoto.sha256, PhotoLook.version == VERSION)
    return sa.select(TrainingPhoto.sha256).distinct().where(~seen)


def _at_it(session: Session) -> str | None:
    return session.scalar(sa.select(Job.id).where(Job.kind == LOOKS, Job.state.in_(ACTIVE)).limit(1))


def _similar(
    studio: Studio, session: Session, vector: npt.NDArray[np.int8], wanted: LibraryFilter, limit: int, *, but: int
) -> Similar:
    ids, found = studio.looks.nearest_first(session, vector)
    kept = first_fitting(ids[ids != but], fits_filter(session, wanted), limit)
    values = values_of(ids, found, kept)
    views = views_in_order(session, kept)
    return Similar(tuple(SimilarImage(view, values[view.id]) for view in views), unseen_images(session))
