"""All images of a recall with where they went, as a list for spreadsheets."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from db.tables import (
    Asset,
    AssetState,
    Brief,
    Channel,
    Decision,
    Export,
    ExportItem,
    ModelVersion,
    Product,
    RecallImage,
    Role,
    User,
)
from studio.imports.spreadsheet import write_csv
from studio.review.recall_views import recall_row
from studio.roles import Actor, require

if TYPE_CHECKING:
    from studio.bootstrap import Studio

_COLUMNS = (
    "image",
    "sha256",
    "sku",
    "title",
    "category",
    "colour",
    "prompt",
    "model",
    "made_by",
    "made_at",
    "state_before",
    "outcome",
    "withdrawn_at",
    "approved_by",
    "exports",
    "replaced_by_order",
)


def recall_csv(studio: Studio, actor: Actor | None, recall_id: int) -> bytes:
    """All images of a recall with where they went, as a CSV file. Raises NotFound."""
    require(actor, Role.MANAGER)
    maker = aliased(User)
    query = (
        sa.select(
            RecallImage, Asset, Brief.prompt, Product.sku, Product.title, ModelVersion.name, maker.name, Decision.at
        )
        .join(Asset, Asset.id == RecallImage.asset_id)
        .join(Brief, Brief.id == Asset.brief_id)
        .join(ModelVersion, ModelVersion.id == Asset.model_version_id)
        .join(maker, maker.id == Asset.created_by_id)
        .join(Product, Product.id == Asset.product_id, isouter=True)
        .join(Decision, Decision.id == RecallImage.decision_id, isouter=True)
        .where(RecallImage.recall_id == recall_id)
        .order_by(RecallImage.asset_id)
    )
    with studio.reading() as session:
        recall_row(session, recall_id)
        images = sa.select(RecallImage.asset_id).where(RecallImage.recall_id == recall_id)
        approvers, exports = _approvers(session, images), _exports(session, images)
        rows = [
            (
                image.id,
                image.sha256,
                sku,
                title,
                image.category,
                image.colour,
                prompt,
                model,
                made_by,
                _written(image.created_at),
                named.from_state.value,
                named.outcome.value,
                _written(at),
                approvers.get(image.id),
                "; ".join(exports.get(image.id, ())),
                named.order_id,
            )
            for named, image, prompt, sku, title, model, made_by, at in session.execute(query)
        ]
    return write_csv(_COLUMNS, rows)


def _approvers(session: Session, images: sa.Select[int]) -> dict[int, str]:
    """Image -> who approved it last."""
    query = sa.select(Decision.asset_id, User.name).join(User, User.id == Decision.user_id)
    query = query.where(
        Decision.asset_id.in_(images),
        Decision.from_state == AssetState.IN_REVIEW,
        Decision.to_state == AssetState.APPROVED,
    )
    return dict(session.execute(query.order_by(Decision.revision)).all())


def _exports(session: Session, images: sa.Select[int]) -> dict[int, list[str]]:
    """Image -> where it went: file, channel, day, person."""
    query = (
        sa.select(ExportItem.asset_id, ExportItem.file_name, Channel.name, Export.created_at, User.name)
        .join(Export, Export.id == ExportItem.export_id)
        .join(Channel, Channel.id == Export.channel_id)
        .join(User, User.id == Export.user_id)
        .where(ExportItem.asset_id.in_(images))
        .order_by(Export.id)
    )
    found: dict[int, list[str]] = {}
    for asset_id, file, channel, at, name in session.execute(query):
        found.setdefault(asset_id, []).append(f"{file} to {channel} on {at:%Y-%m-%d} by {name}")
    return found


def _written(at: dt.datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")
