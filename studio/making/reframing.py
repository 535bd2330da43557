"""Reframing images to the house style of their category: new images of the same pixels, which name their source."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from PIL import Image
from sqlalchemy.orm import Session, joinedload

from db.tables import Asset, Brief, Role
from ecomgan.data.decode import decode_image
from ecomgan.finishing.reframe import FURTHEST, CannotReframe, Reframe, runs_out
from ecomgan.metrics.product import Box
from studio.activity import record
from studio.bootstrap import Studio
from studio.errors import Conflict, InputError, NotFound, Words
from studio.images.assets import AssetView
from studio.making.estimates import COPIED
from studio.publishing.house_figures import Place
from studio.publishing.house_style import StyleView, style_of
from studio.publishing.placements import keep, look_for, places
from studio.roles import Actor, require
from studio.work.jobs import IMAGES, add_job

MOST_AT_ONCE = 500
PREVIEW_SIDE = 640

_SOURCE, _STYLE = COPIED, "house_style"
_SECONDS = 0.4  # an image


@dataclass(frozen=True)
class Prospect:
    """Whether an image can be reframed, and to what. place: where its product stands. refusal: why it cannot be."""

    style: StyleView | None
    place: Place | None
    refusal: Conflict | None


def source_of(brief: Brief) -> int | None:
    """The id of the image whose pixels a brief starts from; None where an engine makes them."""
    return brief.settings.get(_SOURCE)


def style_steps(session: Session, category: str | None) -> list[dict[str, Any]]:
    """The finishing of an order in house style: one step, or none where the category has no style."""
    style = None if category is None else style_of(session, category)
    return [] if style is None else [style.step]


def prospect(studio: Studio, actor: Actor | None, asset_id: int) -> Prospect:
    """What reframing an image would come to. Raises NotFound."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        image = session.get(Asset, asset_id)
        if image is None:
            raise NotFound("There is no image {image}.", image=asset_id)
        style = style_of(session, image.category)
        known = places(session, [image.sha256])
    place = known[image.sha256] if image.sha256 in known else _seek(studio, image.sha256)
    return _judged(image.category, style, place)


def prospects(studio: Studio, views: Sequence[AssetView], *, search: bool) -> dict[int, Prospect]:
    """The same of many images, by id. search: look for the product in pictures in which nobody did yet; else those are
    left out.
    """
    with studio.reading() as session:
        styles = {category: style_of(session, category) for category in {view.category for view in views}}
        known = places(session, [view.sha256 for view in views])
    found = {}
    for view in views:
        style = styles[view.category]
        if style is None or view.sha256 in known:
            found[view.id] = _judged(view.category, style, known.get(view.sha256))
        elif search:
            try:
                found[view.id] = _judged(view.category, style, _seek(studio, view.sha256))
            except Conflict as unreadable:
                found[view.id] = Prospect(style, None, unreadable)
    return found


def framing(style: StyleView) -> Reframe:
    """The step that sets a product into a style."""
    return Reframe(**{name: value for name, value in style.step.items() if name != "step"})


def target(style: StyleView, place: Place) -> Box:
    """Where a product will stand in a style."""
    return framing(style).target(_box(place))


def movable(studio: Studio, actor: Actor | None, asset_ids: Sequence[int]) -> list[int]:
    """Those of these images that can be reframed, in their order. Raises NotFound."""
    return [one for one in asset_ids if prospect(studio, actor, one).refusal is None]


def reframe(studio: Studio, actor: Actor | None, asset_ids: Sequence[int]) -> str:
    """Order images in the house style of their categories, made of the same pixels; returns the job's id.

    Raises NotFound, InputError for none or too many, Conflict for an image that cannot be reframed.
    """
    actor = require(actor, Role.EDITOR)
    ids = list(dict.fromkeys(asset_ids))
    if not 1 <= len(ids) <= MOST_AT_ONCE:
        raise InputError("1 to {most} images are reframed at once, got {n}.", most=MOST_AT_ONCE, n=len(ids))
    styles: dict[int, StyleView] = {}
    for one in ids:
        found = prospect(studio, actor, one)
        if found.refusal:
            raise found.refusal
        assert found.style is not None
        styles[one] = found.style
    with studio.writing() as session:
        rows = session.scalars(sa.select(Asset).options(joinedload(Asset.brief)).where(Asset.id.in_(ids))).all()
        title = f"Reframe image {ids[0]}" if len(ids) == 1 else f"Reframe {len(ids)} images"
        seconds = _SECONDS * len(ids)
        job = add_job(studio, session, kind=IMAGES, title=title, owner=actor, total=len(rows), estimate_seconds=seconds)
        session.add_all(_brief(row, styles[row.id], job.id, actor) for row in rows)
        told = f"Had {len(rows)} images reframed." if len(rows) > 1 else f"Had image {ids[0]} reframed."
        record(session, actor, "ordered", "job", job.id, told, images=ids)
        return job.id


def preview(studio: Studio, actor: Actor | None, asset_id: int) -> bytes:
    """What an image would look like in its house style: a WebP of at most PREVIEW_SIDE pixels a side; nothing is kept.

    Raises NotFound, Conflict for an image that cannot be reframed, StorageError.
    """
    found = prospect(studio, actor, asset_id)
    if found.refusal:
        raise found.refusal
    assert found.style is not None
    with studio.reading() as session:
        sha256 = session.get_one(Asset, asset_id).sha256
    picture = decode_image(studio.storage.get(sha256))
    picture.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    try:
        framed = framing(found.style)(np.asarray(picture))
    except CannotReframe as error:
        raise Conflict("It cannot be reframed: {why}.", why=error) from error
    out = io.BytesIO()
    Image.fromarray(framed).save(out, "WEBP", quality=90)
    return out.getvalue()


def _brief(source: Asset, style: StyleView, job_id: str, actor: Actor) -> Brief:
    """What made the source, with another finishing on top of its pixels."""
    brief = source.brief
    settings = {name: value for name, value in brief.settings.items() if name not in (_SOURCE, _STYLE)}
    return Brief(
        job_id=job_id,
        product_id=source.product_id,
        parent_asset_id=source.id,
        prompt=brief.prompt,
        attributes=dict(brief.attributes),
        model_version_id=source.model_version_id,
        number=1,
        seed=source.seed,
        truncation=brief.truncation,
        guidance_scale=brief.guidance_scale,
        settings=settings | {_SOURCE: source.id, _STYLE: {"category": style.category, "version": style.version}},
        finishing=[style.step],
        purpose=source.purpose,
        created_by_id=actor.id,
    )


def _seek(studio: Studio, sha256: str) -> Place | None:
    """Look for the product now, and keep what was found."""
    row = look_for(studio, sha256)
    if row.fault:
        raise Conflict("This image cannot be read: {fault}", fault=row.fault)
    with studio.writing() as session:
        keep(session, [row])
        session.flush()
        return places(session, [sha256])[sha256]


def _judged(category: str, style: StyleView | None, place: Place | None) -> Prospect:
    try:
        _check(category, style, place)
    except Conflict as refusal:
        return Prospect(style, place, refusal)
    return Prospect(style, place, None)


def _check(category: str, style: StyleView | None, place: Place | None) -> None:
    """Raise Conflict where the product cannot be set into the style."""
    if style is None:
        raise Conflict(
            "{category} has no house style yet: too few of its approved images and photos show a whole product.",
            category=category,
        )
    if place is None:
        raise Conflict("No product was found in this image.")
    if not place.whole:
        raise Conflict(
            "The product runs out of this image at the {sides}: it cannot be moved without cutting it.",
            sides=Words(runs_out(_box(place))),
        )
    box = target(style, place)
    scale = (box.right - box.left) / (place.right - place.left)
    if not 1 / FURTHEST <= scale <= FURTHEST:
        raise Conflict(
            "The product would have to be scaled {scale} times; a quarter to four times is possible.",
            scale=f"{scale:.2g}",
        )
    if sides := runs_out(box):
        raise Conflict(
            "At the scale of the house style the product would run out of the frame at the {sides}.",
            sides=Words(sides),
        )


def _box(place: Place) -> Box:
    return Box(top=place.top, left=place.left, bottom=place.bottom, right=place.right)
