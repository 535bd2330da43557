"""The tables, one class for each word of the product (Product, Brief, Asset, Decision, Score, ModelVersion, Job …).

Times are UTC. Enumerations are stored as their text. An index stands for every filter that a page offers.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.schema import conv
from sqlalchemy.types import TypeDecorator


class Role(StrEnum):
    """What a user may do; each role may do all that the ones before it may (order of definition)."""

    VIEWER = "viewer"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    MANAGER = "manager"
    ADMIN = "admin"


class Purpose(StrEnum):
    """What an image may be used for. LISTING shows the product itself and needs a real photo as its proof."""

    CONCEPT = "concept"
    PLACEHOLDER = "placeholder"
    AD = "ad"
    LISTING = "listing"


class AssetState(StrEnum):
    """Where an image stands on its way through review."""

    DRAFT = "draft"
    CHECKED = "checked"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class JobState(StrEnum):
    """The life of a durable job."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    DONE = "done"
    FAILED = "failed"


class LinkKind(StrEnum):
    """What a one-time link is for."""

    SIGN_IN = "sign_in"
    INVITE = "invite"


class LicenceState(StrEnum):
    """Whether the rights of weights, photos and consents are settled. REFUSED blocks export."""

    GRANTED = "granted"
    UNCONFIRMED = "unconfirmed"
    REFUSED = "refused"


def utc_now() -> dt.datetime:
    """The present time with the UTC time zone."""
    return dt.datetime.now(dt.UTC)


class UtcDateTime(TypeDecorator[dt.datetime]):
    """A time that is stored in UTC and comes back with its time zone on SQLite and on PostgreSQL alike."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Refuse times without a zone: they would be read back as another moment."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time needs its time zone, got {value!r} without one")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """SQLite forgets the zone; it is always UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def _values(kind: type[StrEnum]) -> list[str]:
    return [member.value for member in kind]


def _listing_needs_product(table: str) -> CheckConstraint:
    """An image made from text alone can never be a listing image, whoever writes the row."""
    return CheckConstraint(
        "purpose <> 'listing' OR product_id IS NOT NULL", name=conv(f"ck_{table}_listing_needs_product")
    )


def _text_enum(kind: type[StrEnum]) -> Enum:
    return Enum(kind, native_enum=False, create_constraint=True, length=32, values_callable=_values)


class Base(DeclarativeBase):
    """Base of all tables, with constraint names that Alembic can find again."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(column_0_name)s_%(constraint_name)s",  # a table may hold one enumeration twice
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - the attribute that SQLAlchemy reads
        dt.datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[Any]: JSON,
        Role: _text_enum(Role),
        Purpose: _text_enum(Purpose),
        AssetState: _text_enum(AssetState),
        JobState: _text_enum(JobState),
        LinkKind: _text_enum(LinkKind),
        LicenceState: _text_enum(LicenceState),
    }


class User(Base):
    """A person who may sign in. `password_hash` (argon2) is empty until an invited person sets a password."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    role: Mapped[Role] = mapped_column(index=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class SignInLink(Base):
    """A one-time link; only the SHA-256 of its token is kept."""

    __tablename__ = "sign_in_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    kind: Mapped[LinkKind]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


class UserSession(Base):
    """A signed-in browser; the cookie holds the token, the table its SHA-256."""

    __tablename__ = "user_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)

    user: Mapped[User] = relationship()


class TeamSetting(Base):
    """A switch of the team, such as `self_approval` for teams of one."""

    __tablename__ = "team_settings"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[dict[str, Any]]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class Product(Base):
    """A SKU. A variant has the `parent_sku` of its family and its own colour and size."""

    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(String(64), unique=True)
    parent_sku: Mapped[str | None] = mapped_column(String(64), index=True)
    title: Mapped[str] = mapped_column(String(300), index=True)
    description: Mapped[str] = mapped_column(Text, default="")
    category: Mapped[str] = mapped_column(String(200), index=True)
    colour: Mapped[str | None] = mapped_column(String(64), index=True)
    usage: Mapped[str | None] = mapped_column(String(64), index=True)
    size: Mapped[str | None] = mapped_column(String(64))
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[dt.datetime] = mapped_column(default=utc_now, onupdate=utc_now)


class Photo(Base):
    """A real photo of a product, its bytes named by their SHA-256."""

    __tablename__ = "photos"
    __table_args__ = (UniqueConstraint("product_id", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    height: Mapped[int]
    width: Mapped[int]
    licence: Mapped[LicenceState] = mapped_column(default=LicenceState.UNCONFIRMED)
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class ModelVersion(Base):
    """A registered checkpoint folder; `digest` is the SHA-256 over its weights and configuration."""

    __tablename__ = "model_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    folder: Mapped[str] = mapped_column(String(500))
    engine: Mapped[str] = mapped_column(String(32), default="ecomgan")
    height: Mapped[int]
    width: Mapped[int]
    images_seen: Mapped[int | None]
    licence: Mapped[LicenceState] = mapped_column(default=LicenceState.UNCONFIRMED)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("model_versions.id"), index=True)
    registered_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class ModelAlias(Base):
    """One line of the history of an alias: which version was `champion` or `challenger`, since when, by whom, why."""

    __tablename__ = "model_aliases"
    __table_args__ = (Index("ix_model_aliases_alias_id", "alias", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    alias: Mapped[str] = mapped_column(String(32))
    model_version_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"), index=True)
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    set_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    reason: Mapped[str] = mapped_column(String(300), default="")


class Evaluation(Base):
    """Figures of one model version on one held-out set, in all (`category` empty) or for one category."""

    __tablename__ = "evaluations"
    __table_args__ = (UniqueConstraint("model_version_id", "data", "category"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    model_version_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"), index=True)
    data: Mapped[str] = mapped_column(String(120))
    category: Mapped[str] = mapped_column(String(200), default="")
    figures: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class Job(Base):
    """A durable piece of work; its id is also the id of its workflow in the queue."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_state_created_at", "state", "created_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), index=True)
    title: Mapped[str] = mapped_column(String(300))
    state: Mapped[JobState] = mapped_column(default=JobState.QUEUED)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    compute_seconds: Mapped[float] = mapped_column(default=0.0)
    estimate_seconds: Mapped[float | None]
    error: Mapped[str | None] = mapped_column(Text)
    retry_of_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id"), index=True)
    worker: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now, index=True)
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]

    owner: Mapped[User] = relationship()


class JobEvent(Base):
    """One line of the log of a job, for people."""

    __tablename__ = "job_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    text: Mapped[str] = mapped_column(Text)


class Brief(Base):
    """What an editor asks for. Image k of a brief is made with seed `seed + k`, so each can be made again alone."""

    __tablename__ = "briefs"
    __table_args__ = (_listing_needs_product("briefs"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), index=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"), index=True)
    prompt: Mapped[str] = mapped_column(Text)
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    model_version_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"), index=True)
    number: Mapped[int]
    seed: Mapped[int]
    truncation: Mapped[float] = mapped_column(default=0.8)
    guidance_scale: Mapped[float] = mapped_column(default=1.0)
    finishing: Mapped[list[Any]] = mapped_column(default=list)
    purpose: Mapped[Purpose] = mapped_column(default=Purpose.CONCEPT)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)

    product: Mapped[Product | None] = relationship()


class Asset(Base):
    """One image made here. Its bytes never change; `revision` counts its decisions, so that a stale one is seen."""

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
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now, index=True)

    brief: Mapped[Brief] = relationship()
    product: Mapped[Product | None] = relationship()
    model_version: Mapped[ModelVersion] = relationship()
    created_by: Mapped[User] = relationship()


class Score(Base):
    """One metric of one asset, with the version of its scorer. Empty where the metric does not apply."""

    __tablename__ = "scores"
    __table_args__ = (
        UniqueConstraint("asset_id", "metric", "version"),
        Index("ix_scores_metric_value", "metric", "value"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"))
    metric: Mapped[str] = mapped_column(String(48))
    version: Mapped[int]
    value: Mapped[float | None]


class Decision(Base):
    """One review event. Rows are only ever added: triggers of the migration refuse changes and removals."""

    __tablename__ = "decisions"
    __table_args__ = (
        UniqueConstraint("asset_id", "revision"),
        Index("ix_decisions_to_state_at", "to_state", "at"),
        Index("ix_decisions_user_id_at", "user_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"))
    revision: Mapped[int]
    from_state: Mapped[AssetState]
    to_state: Mapped[AssetState]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[dt.datetime] = mapped_column(default=utc_now, index=True)
    reason: Mapped[str | None] = mapped_column(String(48), index=True)
    comment: Mapped[str] = mapped_column(Text, default="")
    asset_sha256: Mapped[str] = mapped_column(String(64))
    model_version_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"), index=True)
    idempotency_key: Mapped[str] = mapped_column(String(64), unique=True)

    asset: Mapped[Asset] = relationship()
    user: Mapped[User] = relationship()


class Channel(Base):
    """A place that takes images, with the frame it wants (height x width in pixels, empty = as made) and its format."""

    __tablename__ = "channels"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    height: Mapped[int | None]
    width: Mapped[int | None]
    image_format: Mapped[str] = mapped_column(String(8), default="JPEG")


class Export(Base):
    """One ZIP that left the house: who, when, for which channel, and its SHA-256."""

    __tablename__ = "exports"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now, index=True)


class ExportItem(Base):
    """One image of an export, with the file name and the hash of the marked derivative."""

    __tablename__ = "export_items"

    export_id: Mapped[int] = mapped_column(ForeignKey("exports.id"), primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"), primary_key=True, index=True)
    file_name: Mapped[str] = mapped_column(String(200))
    derivative_sha256: Mapped[str] = mapped_column(String(64))


class WorkerHeartbeat(Base):
    """A worker that reports in every few seconds."""

    __tablename__ = "worker_heartbeats"

    worker: Mapped[str] = mapped_column(String(120), primary_key=True)
    device: Mapped[str] = mapped_column(String(80))
    ready: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[dt.datetime]
    beat_at: Mapped[dt.datetime] = mapped_column(index=True)
