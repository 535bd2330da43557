"""From the brief to the image and its scores."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import conv

from db.tables.base import Base, utc_now
from db.tables.catalogue import Product
from db.tables.models import ModelVersion
from db.tables.people import User
from db.tables.words import AssetState, Purpose, ReproductionOutcome


def _listing_needs_product(table: str) -> CheckConstraint:
    """An image made from text alone can never be a listing image, whoever writes the row."""
    return CheckConstraint(
        "purpose <> 'listing' OR product_id IS NOT NULL", name=conv(f"ck_{table}_listing_needs_product")
    )


# What most filters of the queue look at: it stands in the indexes of its order, so that no image need be read.
_LOOKED_AT = ("category", "model_version_id", "purpose", "created_by_id", "assignee_id", "created_at")


class Brief(Base):
    """What an editor asks for. Image k of a brief is made with seed `seed + k`, so each can be made again alone.

    parent_asset_id: the image that this one starts from (more like it, a variation). settings: how a diffusers engine
    is to run, where that differs from its model version's.
    """

    __tablename__ = "briefs"
    __table_args__ = (_listing_needs_product("briefs"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), index=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"), index=True)
    parent_asset_id: Mapped[int | None] = mapped_column(ForeignKey("assets.id", use_alter=True), index=True)
    prompt: Mapped[str] = mapped_column(Text)
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    model_version_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"), index=True)
    number: Mapped[int]
    seed: Mapped[int]
    truncation: Mapped[float] = mapped_column(default=0.8)
    guidance_scale: Mapped[float] = mapped_column(default=1.0)
    finishing: Mapped[list[Any]] = mapped_column(default=list)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    purpose: Mapped[Purpose] = mapped_column(default=Purpose.CONCEPT)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)

    product: Mapped[Product | None] = relationship()


class Asset(Base):
    """One image made here. Its bytes never change; `revision` counts its decisions, so that a stale one is seen.

    made_with: what else decided its bytes (device, versions of torch and Pillow, ...); empty for those made before this
    was recorded. parent_id: the image that it started from, its brief's. damaged_at: since when its bytes are known to
    be missing or changed. priority: the larger, the sooner it is looked at. assignee_id: the reviewer who is to look at
    it. state_since: when it came into its state.
    """

    __tablename__ = "assets"
    __table_args__ = (
        UniqueConstraint("brief_id", "number"),
        _listing_needs_product("assets"),
        Index("ix_assets_state_id", "state", "id"),
        Index("ix_assets_category_state", "category", "state"),
        Index("ix_assets_model_version_id_state", "model_version_id", "state"),
        Index("ix_assets_product_id_state", "product_id", "state"),
        Index("ix_assets_purpose_state", "purpose", "state"),
        Index("ix_assets_created_by_id_id", "created_by_id", "id"),
        Index("ix_assets_created_by_id_state", "created_by_id", "state"),
        Index("ix_assets_assignee_id_state", "assignee_id", "state"),
        Index("ix_assets_queue", "state", "priority", "state_since", "id", *_LOOKED_AT),
        Index("ix_assets_queue_of_all", "priority", "state_since", "id", "state", *_LOOKED_AT),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    brief_id: Mapped[int] = mapped_column(ForeignKey("briefs.id"))
    number: Mapped[int]
    seed: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    height: Mapped[int]
    width: Mapped[int]
    state: Mapped[AssetState] = mapped_column(default=AssetState.DRAFT)
    revision: Mapped[int] = mapped_column(default=0)
    purpose: Mapped[Purpose]
    category: Mapped[str] = mapped_column(String(200))
    colour: Mapped[str | None] = mapped_column(String(64), index=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("assets.id"), index=True)
    model_version_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"))
    made_with: Mapped[dict[str, Any]] = mapped_column(default=dict)
    damaged_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now, index=True)
    priority: Mapped[int] = mapped_column(default=0)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    state_since: Mapped[dt.datetime] = mapped_column(default=utc_now)

    brief: Mapped[Brief] = relationship(foreign_keys=[brief_id])
    product: Mapped[Product | None] = relationship()
    model_version: Mapped[ModelVersion] = relationship()
    created_by: Mapped[User] = relationship(foreign_keys=[created_by_id])


class Score(Base):
    """One metric of one asset, with the version of its scorer. Empty where the metric does not apply."""

    __tablename__ = "scores"
    __table_args__ = (
        UniqueConstraint("asset_id", "metric", "version"),
        Index("ix_scores_metric_version_value_asset_id", "metric", "version", "value", "asset_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"))
    metric: Mapped[str] = mapped_column(String(48))
    version: Mapped[int]
    value: Mapped[float | None]


class AssetLook(Base):
    """What an image looks like, as the vector by which similar ones are found; `version` is that of its making."""

    __tablename__ = "asset_looks"
    __table_args__ = (Index("ix_asset_looks_version_asset_id", "version", "asset_id"),)

    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"), primary_key=True)
    version: Mapped[int]
    vector: Mapped[bytes]


class PhotoLook(Base):
    """What a real photo looks like, by the hash of its bytes: found next to images as what a model was taught."""

    __tablename__ = "photo_looks"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int]
    vector: Mapped[bytes]


class Reproduction(Base):
    """One attempt to make an image again, the work of one job; `outcome` is empty until it ended.

    text: what came out or why not, for people. sha256: the bytes that came out, kept where they differ.
    """

    __tablename__ = "reproductions"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"), index=True)
    outcome: Mapped[ReproductionOutcome | None]
    text: Mapped[str] = mapped_column(Text, default="")
    sha256: Mapped[str | None] = mapped_column(String(64))
    made_with: Mapped[dict[str, Any]] = mapped_column(default=dict)
