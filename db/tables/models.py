"""Checkpoints, which of them is in production, and their figures."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, utc_now
from db.tables.words import LicenceState


class ModelVersion(Base):
    """A registered checkpoint; `digest` is the SHA-256 over its weights and configuration. It never changes.

    engine: "ecomgan" or "diffusers". source: "shipped", "fine_tuned" or "added". manifest: file of the folder -> its
    SHA-256, by which the storage holds it. vocabulary: attribute -> the values that it was taught; empty for an engine
    of free texts. settings: how a diffusers engine runs (steps, guidance, dtype, ...).
    folder: where it was registered from. An unconfirmed licence may be acknowledged by a person, who answers for it.
    """

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
    licence_note: Mapped[str] = mapped_column(String(300), default="")
    licence_acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    licence_acknowledged_at: Mapped[dt.datetime | None]
    source: Mapped[str] = mapped_column(String(32), default="shipped")
    manifest: Mapped[dict[str, Any]] = mapped_column(default=dict)
    vocabulary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    card: Mapped[str] = mapped_column(Text, default="")
    samples_sha256: Mapped[str | None] = mapped_column(String(64))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("model_versions.id"), index=True)
    registered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    registered_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class EngineAddition(Base):
    """An admin's wish for a further engine, while and after a worker tries it out and registers it.

    source: a folder on the machine of the workers, or a name on the Hub. settings: what the admin chose for it.
    """

    __tablename__ = "engine_additions"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    source: Mapped[str] = mapped_column(String(500))
    name: Mapped[str] = mapped_column(String(120))
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    model_version_id: Mapped[int | None] = mapped_column(ForeignKey("model_versions.id"))


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
