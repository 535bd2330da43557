"""Everything beside one image under review: brief, channels, photos, what was decided and said, what it resembles."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetState, Photo, Role
from studio.bootstrap import Studio
from studio.errors import Conflict
from studio.images.assets import AssetView
from studio.images.detail import NearPhoto, ancestors, taught
from studio.images.integrity import fault, mark
from studio.images.library import LibraryFilter, find_images
from studio.images.looks import similar_to_image
from studio.photos.rights import usable
from studio.publishing.panel_verdicts import ChannelVerdict, panel_verdicts
from studio.review.comments import CommentView, comments
from studio.review.decisions import DecisionView, history
from studio.review.queue_items import QueueItem, asked_about, items_of
from studio.review.review_queue import page_of
from studio.roles import Actor, require

NEARLY_THE_SAME = 0.93
"""Images of at least this likeness are shown as near-duplicates."""

_PHOTOS, _RELATIVES = 8, 8


@dataclass(frozen=True)
class BriefFacts:
    """What was asked for, and how it was made."""

    prompt: str
    attributes: dict[str, Any]
    model: str
    seed: int
    truncation: float
    guidance_scale: float
    finishing: tuple[str, ...]
    made_by: str
    made_at: dt.datetime


@dataclass(frozen=True)
class SmallImage:
    """Another image, to be shown small; `likeness` to the one that the panel is about, 1 = alike."""

    id: int
    sha256: str
    state: AssetState
    title: str
    likeness: float | None = None


@dataclass(frozen=True)
class TaughtFact:
    """The photo that the model was taught nearest to the image, of how many; `why_not`: why none is known."""

    nearest: NearPhoto | None
    of: int
    why_not: str


@dataclass(frozen=True)
class Panel:
    """What stands beside an image. photos: hashes of its product's real photos, the newest first. alike: images in
    review that are nearly the same. Its item's `damaged` is of this moment: the bytes were read just now.
    """

    item: QueueItem
    brief: BriefFacts
    channels: tuple[ChannelVerdict, ...]
    photos: tuple[str, ...]
    taught: TaughtFact
    history: tuple[DecisionView, ...]
    comments: tuple[CommentView, ...]
    parents: tuple[SmallImage, ...]
    children: tuple[SmallImage, ...]
    alike: tuple[SmallImage, ...]


def panel(studio: Studio, actor: Actor | None, asset_id: int) -> Panel:
    """Everything beside one image, as the actor may see it: who is asked about it blindly is not told what others
    decided or said. Raises NotFound.
    """
    actor = require(actor, Role.VIEWER)
    told, said = history(studio, actor, asset_id), comments(studio, actor, asset_id)
    children = find_images(studio, actor, LibraryFilter(parent_id=asset_id), limit=_RELATIVES).assets
    alike = _alike(studio, actor, asset_id)
    with studio.reading() as session:
        page = page_of(session, actor, [asset_id])
        (view,), (item,) = page.assets, items_of(session, actor, page)
        if asked_about(session, actor, [view]):
            told = _until_it_waited(told)
        found = Panel(
            item=item,
            brief=_brief(view),
            channels=panel_verdicts(session, view),
            photos=_photos(session, view.product_id),
            taught=_taught(session, view),
            history=told,
            comments=said,
            parents=tuple(_small(one) for one in ancestors(session, session.get_one(Asset, asset_id))),
            children=tuple(_small(one) for one in children),
            alike=alike,
        )
    damaged = fault(studio, view.sha256) is not None
    if damaged and not view.damaged:
        mark(studio, view.sha256)
    return replace(found, item=replace(item, damaged=damaged))


def _until_it_waited(told: tuple[DecisionView, ...]) -> tuple[DecisionView, ...]:
    """The history as it was when the image first waited for review."""
    waited = next((at for at, line in enumerate(told) if line.to_state is AssetState.IN_REVIEW), len(told))
    return told[: waited + 1]


def _brief(view: AssetView) -> BriefFacts:
    return BriefFacts(
        prompt=view.prompt,
        attributes=view.attributes,
        model=view.model_name,
        seed=view.seed,
        truncation=view.truncation,
        guidance_scale=view.guidance_scale,
        finishing=tuple(str(step.get("step", step.get("name", ""))) for step in view.finishing),
        made_by=view.created_by,
        made_at=view.created_at,
    )


def _small(view: AssetView, likeness: float | None = None) -> SmallImage:
    return SmallImage(view.id, view.sha256, view.state, view.product_title or view.prompt, likeness)


def _photos(session: Session, product_id: int | None) -> tuple[str, ...]:
    if product_id is None:
        return ()
    query = sa.select(Photo.sha256).where(Photo.product_id == product_id, usable()).order_by(Photo.id.desc())
    return tuple(session.scalars(query.limit(_PHOTOS)))


def _taught(session: Session, view: AssetView) -> TaughtFact:
    found = taught(session, view.id, view.model_version_id)
    return TaughtFact(found.nearest[0] if found.nearest else None, found.photos, found.why_not)


def _alike(studio: Studio, actor: Actor, asset_id: int) -> tuple[SmallImage, ...]:
    try:
        found = similar_to_image(studio, actor, asset_id, LibraryFilter(state=AssetState.IN_REVIEW), limit=_RELATIVES)
    except Conflict:  # it has no look yet, so nothing can be compared with it
        return ()
    near = (one for one in found.images if one.likeness >= NEARLY_THE_SAME)
    return tuple(_small(one.view, round(one.likeness, 3)) for one in near)
