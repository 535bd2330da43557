"""Images made here, as pages see them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from db.portions import portions
from db.tables import Asset, AssetState, Purpose, Role, Score
from ecomgan.finishing.effective import effective_height
from studio.errors import NotFound
from studio.making.estimates import COPIED
from studio.models.views import ECOMGAN
from studio.roles import Actor, require

if TYPE_CHECKING:
    from studio.bootstrap import Studio


@dataclass(frozen=True)
class AssetView:
    """One image with all that made it. `category` and `colour` are what was asked for, in the words of the model; an
    engine of free texts may have been asked for neither. `settings`: its steps, size and the text that it was told.

    effective_height: how many of its pixels of height are true detail, see `ecomgan.finishing.effective_height`; None
    where that is not known, as for other engines and for frames of another image's pixels.
    `scores`: metric -> value of the newest version of its scorer, None where the metric does not apply. `damaged`: its
    bytes were found missing or changed, so it cannot be approved.
    """

    id: int
    sha256: str
    height: int
    width: int
    effective_height: int | None
    state: AssetState
    revision: int
    purpose: Purpose
    category: str
    colour: str | None
    product_id: int | None
    product_sku: str | None
    product_title: str | None
    prompt: str
    attributes: dict[str, Any]
    seed: int
    number: int
    truncation: float
    guidance_scale: float
    finishing: tuple[dict[str, Any], ...]
    settings: dict[str, Any]
    model_version_id: int
    model_name: str
    created_by_id: int
    created_by: str
    created_at: dt.datetime
    scores: dict[str, float | None]
    brief_id: int
    job_id: str
    damaged: bool


def asset(studio: Studio, actor: Actor, asset_id: int) -> AssetView:
    """One image. Raises NotFound."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        found = load_views(session, sa.select(Asset).where(Asset.id == asset_id))
    if not found:
        raise NotFound(f"There is no image {asset_id}.")
    return found[0]


def load_views(session: Session, query: sa.Select[Asset]) -> list[AssetView]:
    """The images that `query` selects, in its order; three statements however many they are."""
    together = (
        joinedload(Asset.brief),
        joinedload(Asset.product),
        joinedload(Asset.model_version),
        joinedload(Asset.created_by),
    )
    rows = session.scalars(query.options(*together)).all()
    scores = _scores(session, [row.id for row in rows])
    return [_view(row, scores.get(row.id, {})) for row in rows]


def file_name(view: AssetView) -> str:
    """A sensible name for a download: SKU or words of the text, colour, seed."""
    parts = (view.product_sku or view.prompt or view.category, view.colour or "", str(view.seed))
    slugs = [re.sub(r"[^\w.]+", "-", part).strip("-._").lower()[:60] for part in parts]
    return "_".join(slug for slug in slugs if slug) + ".png"


def _scores(session: Session, asset_ids: list[int]) -> dict[int, dict[str, float | None]]:
    found: dict[int, dict[str, float | None]] = {}
    for some in portions(asset_ids):
        # A newer version overwrites an older one: dict keys are set in the order of the rows.
        rows = session.execute(
            sa.select(Score.asset_id, Score.metric, Score.value)
            .where(Score.asset_id.in_(some))
            .order_by(Score.asset_id, Score.version, Score.id)
        )
        for asset_id, metric, value in rows:
            found.setdefault(asset_id, {})[metric] = value
    return found


def _effective_height(row: Asset) -> int | None:
    if row.model_version.engine != ECOMGAN or COPIED in row.brief.settings:
        return None
    return effective_height(row.model_version.height, row.height, row.brief.finishing)


def _view(row: Asset, scores: dict[str, float | None]) -> AssetView:
    brief, product = row.brief, row.product
    return AssetView(
        id=row.id,
        sha256=row.sha256,
        height=row.height,
        width=row.width,
        effective_height=_effective_height(row),
        state=row.state,
        revision=row.revision,
        purpose=row.purpose,
        category=row.category,
        colour=row.colour,
        product_id=row.product_id,
        product_sku=product.sku if product else None,
        product_title=product.title if product else None,
        prompt=brief.prompt,
        attributes=dict(brief.attributes),
        seed=row.seed,
        number=row.number,
        truncation=brief.truncation,
        guidance_scale=brief.guidance_scale,
        finishing=tuple(brief.finishing),
        settings=dict(brief.settings),
        model_version_id=row.model_version_id,
        model_name=row.model_version.name,
        created_by_id=row.created_by_id,
        created_by=row.created_by.name,
        created_at=row.created_at,
        scores=scores,
        brief_id=row.brief_id,
        job_id=brief.job_id,
        damaged=row.damaged_at is not None,
    )
