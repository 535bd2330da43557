"""Which engine an order is for, and what its briefs carry for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from db.tables import LicenceState, ModelVersion, Product, Role
from ecomgan.text import Vocabulary
from studio.engines.running import Measured, measured
from studio.engines.settings import DIFFUSERS, EngineSettings, check_run
from studio.engines.texts import compose, reading_vocabulary
from studio.errors import InputError
from studio.making.briefs import ARTICLE, attributes_of_text
from studio.making.order_requests import Draft, OrderRequest
from studio.models.in_use import ModelView, champion, model, vocabulary
from studio.models.views import model_view
from studio.roles import Actor, require

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from studio.bootstrap import Studio


@dataclass(frozen=True)
class EngineOffer:
    """An engine that editors may choose. settings: None for a checkpoint of this studio; measured: None before any
    worker ran it.
    """

    model: ModelView
    in_production: bool
    settings: EngineSettings | None
    measured: Measured | None


@dataclass(frozen=True)
class Chosen:
    """The engine of an order with the words by which its briefs are read. `settings` is None for a checkpoint of this
    studio, which makes only what it was taught; another engine takes any text.
    """

    model: ModelView
    words: Vocabulary
    settings: EngineSettings | None


def offered_engines(studio: Studio, actor: Actor) -> list[EngineOffer]:
    """The model in production first, then the engines that were added, the newest first. Raises NotReady without one
    in production. Those whose licence was refused are not offered.
    """
    require(actor, Role.EDITOR)
    first = champion(studio)
    added = (
        sa.select(ModelVersion)
        .where(ModelVersion.engine == DIFFUSERS, ModelVersion.licence != LicenceState.REFUSED)
        .where(ModelVersion.id != first.id)
        .order_by(ModelVersion.id.desc())
    )
    with studio.reading() as session:
        models = [first, *(model_view(row) for row in session.scalars(added))]
        return [EngineOffer(one, one.id == first.id, _settings(one), measured(session, one.id)) for one in models]


def measured_of(studio: Studio, model_id: int) -> Measured | None:
    """What a worker last measured of an engine; None while none has."""
    with studio.reading() as session:
        return measured(session, model_id)


def told_text(studio: Studio, actor: Actor, request: OrderRequest) -> str:
    """What an engine of free texts would be told for the text of a request."""
    require(actor, Role.EDITOR)
    chosen = choose(studio, request.model_id)
    if chosen.settings is None:
        return ""
    attributes = attributes_of_text(request.prompt, request.attributes, chosen.words, free=True)
    return compose(request.prompt, attributes, chosen.words, chosen.settings.suffix)


def choose(studio: Studio, model_id: int | None) -> Chosen:
    """The engine of that id, or the one in production. Raises NotFound, NotReady."""
    if model_id is None:
        found = champion(studio)
    else:
        with studio.reading() as session:
            found = model(session, model_id)
    settings = _settings(found)
    return Chosen(found, vocabulary(found) if settings is None else reading_vocabulary(studio), settings)


def adjusted(chosen: Chosen, request: OrderRequest) -> Chosen:
    """The engine as the order wants it run. Raises InputError for settings that it does not take."""
    settings = chosen.settings
    if settings is None:
        if request.steps is not None or request.height is not None or request.width is not None:
            raise InputError(
                f"The model {chosen.model.name} makes images of {chosen.model.height} x {chosen.model.width} pixels in "
                "one step; leave steps and size out."
            )
        return chosen
    steps = settings.steps if request.steps is None else request.steps
    height = settings.height if request.height is None else request.height
    width = settings.width if request.width is None else request.width
    guidance = settings.guidance_scale if request.guidance_scale is None else request.guidance_scale
    check_run(steps, guidance, height, width)
    wanted = replace(settings, steps=steps, height=height, width=width)
    # A pipeline without guidance is not asked for any.
    return replace(
        chosen, settings=wanted if settings.guidance_scale is None else replace(wanted, guidance_scale=guidance)
    )


def brief_settings(session: Session, chosen: Chosen, draft: Draft) -> dict[str, Any]:
    """What a brief carries besides its columns: empty for a checkpoint of this studio."""
    settings = chosen.settings
    if settings is None:
        return {}
    found: dict[str, Any] = {
        "steps": settings.steps,
        "height": settings.height,
        "width": settings.width,
        "text": compose(draft.prompt, draft.attributes, chosen.words, settings.suffix),
    }
    if draft.product_id is not None and ARTICLE not in draft.attributes:
        category = session.get_one(Product, draft.product_id).category
        found["category"] = category.split(">")[-1].strip()
    return found


def guidance_of(chosen: Chosen, request: OrderRequest) -> float:
    """The guidance that a brief records; 0 for a pipeline that takes none."""
    if chosen.settings is not None:
        return chosen.settings.guidance_scale or 0.0
    return 1.0 if request.guidance_scale is None else request.guidance_scale


def _settings(model: ModelView) -> EngineSettings | None:
    return EngineSettings.from_json(model.settings) if model.engine == DIFFUSERS else None
