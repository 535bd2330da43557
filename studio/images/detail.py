"""One image with all that is known of it: where it comes from, what it led to, what was decided, what it may copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetLook, Brief, Photo, PhotoLook, Product, Role, Training, TrainingPhoto
from ecomgan.metrics.likeness import SIZE, VERSION, likeness
from studio.bootstrap import Studio
from studio.errors import NotFound
from studio.images.assets import AssetView, load_views
from studio.images.library import LibraryFilter, find_images
from studio.making.reproductions import ReproductionView, reproductions
from studio.models.in_use import ModelView, model
from studio.photos.rights import usable
from studio.review.deciding import DecisionView, history
from studio.roles import Actor, require

SHOWN_PHOTOS = 6
SHOWN_CHILDREN = 12


@dataclass(frozen=True)
class NearPhoto:
    """A real photo that the model was taught, with its likeness to the image (1 = alike)."""

    photo_id: int
    sha256: str
    sku: str
    title: str
    likeness: float


@dataclass(frozen=True)
class Taught:
    """The photos that the model was taught nearest to an image, and of how many; `why_not` says why none is told:
    "unknown" (no snapshot of the training data), "unprepared" (looks are missing), "unseen" (the image's own is).
    """

    nearest: tuple[NearPhoto, ...]
    photos: int
    why_not: str = ""


@dataclass(frozen=True)
class ImageDetail:
    """An image and everything around it.

    ancestors: the image that it started from, that one's, and so on. children: the newest images made from it.
    siblings: how many images its order made in all. made_with: machine and versions of its making, empty for old ones.
    photo_sha256: a real photo of its product.
    """

    view: AssetView
    model: ModelView
    base: ModelView | None
    ancestors: tuple[AssetView, ...]
    children: tuple[AssetView, ...]
    siblings: int
    history: tuple[DecisionView, ...]
    reproductions: tuple[ReproductionView, ...]
    taught: Taught
    made_with: dict[str, Any]
    photo_sha256: str | None


def image_detail(studio: Studio, actor: Actor | None, asset_id: int) -> ImageDetail:
    """Everything about one image. Raises NotFound."""
    actor = require(actor, Role.VIEWER)
    told = history(studio, actor, asset_id)
    children = find_images(studio, actor, LibraryFilter(parent_id=asset_id), limit=SHOWN_CHILDREN).assets
    with studio.reading() as session:
        row = session.get(Asset, asset_id)
        if row is None:
            raise NotFound(f"There is no image {asset_id}.")
        used = model(session, row.model_version_id)
        (view,) = load_views(session, sa.select(Asset).where(Asset.id == asset_id))
        return ImageDetail(
            view=view,
            model=used,
            base=None if used.parent_id is None else model(session, used.parent_id),
            ancestors=ancestors(session, row),
            children=children,
            siblings=_siblings(session, row),
            history=told,
            reproductions=reproductions(session, asset_id),
            taught=taught(session, asset_id, used.id),
            made_with=dict(row.made_with),
            photo_sha256=_photo(session, row.product_id),
        )


def taught(session: Session, asset_id: int, model_id: int) -> Taught:
    """The photos nearest to an image among those that its model was taught."""
    training_id = session.scalar(sa.select(Training.id).where(Training.model_version_id == model_id))
    if training_id is None:
        return Taught((), 0, "unknown")
    of_training = TrainingPhoto.training_id == training_id
    photos = session.scalar(sa.select(sa.func.count()).select_from(TrainingPhoto).where(of_training)) or 0
    own = session.get(AssetLook, asset_id)
    if own is None or own.version != VERSION:
        return Taught((), photos, "unseen")
    query = (
        sa.select(TrainingPhoto.photo_id, PhotoLook.vector)
        .join(PhotoLook, sa.and_(PhotoLook.sha256 == TrainingPhoto.sha256, PhotoLook.version == VERSION))
        .where(of_training, TrainingPhoto.split == "train")
    )
    rows = session.execute(query).all()
    if not rows:
        return Taught((), photos, "unprepared")
    vectors = np.frombuffer(b"".join(vector for _, vector in rows), dtype=np.int8).reshape(-1, SIZE)
    found = likeness(np.frombuffer(own.vector, dtype=np.int8), vectors)
    order = np.argsort(-found, kind="stable")[:SHOWN_PHOTOS]
    return Taught(_near(session, {rows[k][0]: float(found[k]) for k in order.tolist()}), photos)


def _near(session: Session, likeness_of: dict[int, float]) -> tuple[NearPhoto, ...]:
    """These photos in their order; those refused since are not shown."""
    query = sa.select(Photo.id, Photo.sha256, Product.sku, Product.title).join(Product, Product.id == Photo.product_id)
    rows = session.execute(query.where(Photo.id.in_(likeness_of), usable())).all()
    photos = [NearPhoto(id_, sha256, sku, title, likeness_of[id_]) for id_, sha256, sku, title in rows]
    return tuple(sorted(photos, key=lambda photo: -photo.likeness))


def ancestors(session: Session, row: Asset) -> tuple[AssetView, ...]:
    """The image that this one started from, then that one's own, at most ten."""
    found: list[AssetView] = []
    parent_id = row.parent_id
    while parent_id is not None and len(found) < 10:
        found += load_views(session, sa.select(Asset).where(Asset.id == parent_id))
        parent_id = session.scalar(sa.select(Asset.parent_id).where(Asset.id == parent_id))
    return tuple(found)


def _siblings(session: Session, row: Asset) -> int:
    job_id = sa.select(Brief.job_id).where(Brief.id == row.brief_id).scalar_subquery()
    of_order = sa.select(Brief.id).where(Brief.job_id == job_id)
    return session.scalar(sa.select(sa.func.count()).select_from(Asset).where(Asset.brief_id.in_(of_order))) or 0


def _photo(session: Session, product_id: int | None) -> str | None:
    if product_id is None:
        return None
    query = sa.select(Photo.sha256).where(Photo.product_id == product_id, usable()).order_by(Photo.id.desc())
    return session.scalar(query.limit(1))
