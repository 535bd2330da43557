"""Ordering images: read the brief, say what it takes, place it; more of what came out well."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.portions import portions
from db.tables import Asset, Brief, Job, Product, Role
from ecomgan.text import Reading
from studio.engines.choice import Chosen, adjusted, brief_settings, choose, guidance_of
from studio.errors import InputError, NotFound
from studio.images.assets import AssetView, asset, load_views
from studio.making.briefs import ARTICLE, check_overrides, read_text
from studio.making.estimates import Estimate, estimate_images
from studio.making.order_requests import (
    LARGEST_SEED,
    MOST_IMAGES,
    MOST_PER_PRODUCT,
    Draft,
    OrderRequest,
    UnknownProduct,
    check,
    draft_briefs,
    refusal_of,
)
from studio.making.reframing import style_steps
from studio.roles import Actor, require
from studio.work.jobs import IMAGES, add_job, first_attempt
from studio.work.quotas import check_quota

if TYPE_CHECKING:
    from studio.bootstrap import Studio

__all__ = [
    "MOST_IMAGES",
    "MOST_PER_PRODUCT",
    "Changes",
    "Estimate",
    "OrderRequest",
    "estimate",
    "more_like_this",
    "order_again",
    "order_results",
    "place_drafts",
    "place_order",
    "products_by_sku",
    "read_request",
    "vary",
]

_ORDERS = uuid.UUID("6f1b0f5e-8a52-4a0e-9d0c-5d1a4f6f2b11")  # with an idempotency key, the id of an order


@dataclass(frozen=True)
class Changes:
    """How an image is to be made again; what is None or empty stays as it was. An attribute of an empty value is left
    open. `same_seed` keeps the shape; else new seeds are drawn, for `number` images.
    """

    attributes: Mapping[str, str] = field(default_factory=dict)
    number: int = 4
    same_seed: bool = False
    truncation: float | None = None
    finishing: tuple[dict[str, Any], ...] | None = None


def read_request(studio: Studio, actor: Actor, text: str, model_id: int | None = None) -> Reading:
    """What an engine (the one in production) understands of a text, for the page to show and correct.

    Raises InputError for a text that is empty, too long or no text; NotReady without a model.
    """
    require(actor, Role.EDITOR)
    return read_text(text, choose(studio, model_id).words)


def estimate(studio: Studio, actor: Actor, request: OrderRequest) -> Estimate:
    """How many images an order would make and how long it would take. Raises as `place_order`, except that products
    unknown to the model are listed.
    """
    require(actor, Role.EDITOR)
    chosen = adjusted(choose(studio, request.model_id), request)
    with studio.reading() as session:
        drafts, unknown = draft_briefs(session, request, chosen.words, free=chosen.settings is not None)
        return _estimate(session, chosen, len(drafts) * request.number, unknown)


def products_by_sku(studio: Studio, actor: Actor, skus: Sequence[str]) -> tuple[int, ...]:
    """The ids of products, in the order of their SKUs. Raises NotFound with some of those that are absent."""
    require(actor, Role.VIEWER)
    found: dict[str, int] = {}
    with studio.reading() as session:
        for some in portions(skus):
            found.update(session.execute(sa.select(Product.sku, Product.id).where(Product.sku.in_(some))).all())
    absent = [sku[:80] for sku in skus if sku not in found]
    if absent:
        raise NotFound(
            "These SKUs are not in the catalogue: {skus} ({n} of {total}).",
            skus=", ".join(absent[:5]),
            n=len(absent),
            total=len(skus),
        )
    return tuple(found[sku] for sku in skus)


def place_order(
    studio: Studio, actor: Actor, request: OrderRequest, *, skip_unknown: bool = False, idempotency_key: str = ""
) -> str:
    """Order images; returns the job's id. Rows and queue are written together or not at all. The same actor's order
    with the same `idempotency_key` is placed once: later ones get the first one's id, whatever they ask for.

    Raises InputError for a request that cannot be made and says which part of it; products that the model does not
    know are refused by name unless `skip_unknown`. NotFound for products that are not there, NotReady without a model,
    QuotaReached when the actor's computing of the day is used up.
    """
    require(actor, Role.EDITOR)
    job_id = _order_id(actor, idempotency_key)
    if job_id and _is_placed(studio, job_id):
        return job_id
    chosen = adjusted(choose(studio, request.model_id), request)
    with studio.reading() as session:  # reading many products takes a while; nobody else need wait for it
        drafts, unknown = draft_briefs(session, request, chosen.words, free=chosen.settings is not None)
    if unknown and not (skip_unknown and drafts):
        raise InputError(refusal_of(unknown, chosen.words))
    try:
        with studio.writing() as session:
            return place_drafts(studio, session, actor, chosen, drafts, request, job_id=job_id)
    except sa.exc.IntegrityError:
        if job_id and _is_placed(studio, job_id):  # by the same call, sent twice at once
            return job_id
        raise


def _order_id(actor: Actor, idempotency_key: str) -> str | None:
    return str(uuid.uuid5(_ORDERS, f"{actor.id}:{idempotency_key}")) if idempotency_key else None


def _is_placed(studio: Studio, job_id: str) -> bool:
    with studio.reading() as session:
        return session.get(Job, job_id) is not None


def order_results(
    studio: Studio, actor: Actor, job_id: str, after_asset_id: int = 0, *, limit: int = 500
) -> list[AssetView]:
    """The images of an order in the order of their making, those after `after_asset_id`. Any attempt's id will do.

    Raises NotFound.
    """
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        job = session.get(Job, job_id)
        if job is None:
            raise NotFound(f"There is no job {job_id[:80]!r}.")
        of_order = sa.select(Brief.id).where(Brief.job_id == first_attempt(job))
        query = sa.select(Asset).where(Asset.brief_id.in_(of_order), Asset.id > after_asset_id)
        return load_views(session, query.order_by(Asset.id).limit(limit))


def more_like_this(studio: Studio, actor: Actor, asset_id: int, number: int = 4) -> str:
    """Order more images of the same brief with new seeds, from the model now in production, or again from the engine
    that was chosen for it; returns the job's id.
    """
    return order_again(studio, actor, asset_id, Changes(number=number))


def vary(studio: Studio, actor: Actor, asset_id: int, attributes: Mapping[str, str]) -> str:
    """Order the image again with other attributes and its own seed, which keeps the shape; returns the job's id."""
    if not attributes:
        raise InputError("Say what is to be different, for example another colour.")
    return order_again(studio, actor, asset_id, Changes(attributes=attributes, number=1, same_seed=True))


def order_again(studio: Studio, actor: Actor, asset_id: int, changes: Changes, *, idempotency_key: str = "") -> str:
    """Order an image's brief again with changes, from the model now in production, or again from the engine that was
    chosen for it; returns the job's id. What comes out names the image as its parent. Raises as `place_order` does, and
    NotFound.
    """
    require(actor, Role.EDITOR)
    job_id = _order_id(actor, idempotency_key)
    if job_id and _is_placed(studio, job_id):
        return job_id
    view = asset(studio, actor, asset_id)
    request = OrderRequest(
        prompt=view.prompt,
        attributes={**view.attributes, **changes.attributes},
        number=changes.number,
        seed=view.seed if changes.same_seed else None,
        truncation=view.truncation if changes.truncation is None else changes.truncation,
        guidance_scale=view.guidance_scale,
        finishing=view.finishing if changes.finishing is None else changes.finishing,
        purpose=view.purpose,
    )
    if choose(studio, view.model_version_id).settings is not None:  # an engine that was chosen by hand
        run = view.settings
        request = replace(
            request,
            model_id=view.model_version_id,
            steps=run.get("steps"),
            height=run.get("height"),
            width=run.get("width"),
        )
    chosen = adjusted(choose(studio, request.model_id), request)
    check(request, free=chosen.settings is not None)
    check_overrides(request.attributes, chosen.words)  # it may have been another model's brief
    draft = Draft(view.product_id, view.prompt, {name: value for name, value in request.attributes.items() if value})
    try:
        with studio.writing() as session:
            return place_drafts(
                studio, session, actor, chosen, [draft], request, parent_asset_id=view.id, job_id=job_id
            )
    except sa.exc.IntegrityError:
        if job_id and _is_placed(studio, job_id):  # by the same call, sent twice at once
            return job_id
        raise


def place_drafts(
    studio: Studio,
    session: Session,
    actor: Actor,
    chosen: Chosen,
    drafts: list[Draft],
    request: OrderRequest,
    *,
    parent_asset_id: int | None = None,
    job_id: str | None = None,
) -> str:
    """Order these briefs, which were checked, within the caller's transaction; returns the job's id.

    What they share stands in `request`. Raises QuotaReached, InputError for more than the actor's whole day.
    """
    total = len(drafts) * request.number
    seconds = _estimate(session, chosen, total).seconds
    check_quota(session, actor, seconds)
    job = add_job(
        studio,
        session,
        kind=IMAGES,
        title=_title(drafts, request.number),
        owner=actor,
        total=total,
        estimate_seconds=seconds,
        job_id=job_id,
    )
    named = {draft.attributes.get(ARTICLE) for draft in drafts} if request.house_style else set()
    styles = {category: style_steps(session, category) for category in named}
    session.add_all(
        Brief(
            job_id=job.id,
            product_id=draft.product_id,
            parent_asset_id=parent_asset_id,
            prompt=draft.prompt,
            attributes=draft.attributes,
            model_version_id=chosen.model.id,
            number=request.number,
            seed=secrets.randbelow(LARGEST_SEED + 1) if request.seed is None else request.seed,
            truncation=request.truncation,
            guidance_scale=guidance_of(chosen, request),
            settings=brief_settings(session, chosen, draft),
            finishing=[*request.finishing, *styles.get(draft.attributes.get(ARTICLE), ())],
            purpose=request.purpose,
            created_by_id=actor.id,
        )
        for draft in drafts
    )
    return job.id


def _estimate(session: Session, chosen: Chosen, images: int, unknown: tuple[UnknownProduct, ...] = ()) -> Estimate:
    run = {} if chosen.settings is None else chosen.settings.as_json()
    return estimate_images(session, chosen.model, images, unknown, run=run)


def _title(drafts: list[Draft], number: int) -> str:
    if len(drafts) == 1:
        return drafts[0].prompt
    return f"{len(drafts)} products × {number}"
