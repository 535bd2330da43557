"""Recalls: what proved bad, which images it touched, and what became of each."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, utc_now
from db.tables.words import AssetState, RecallOutcome


class Recall(Base):
    """One recall by cause. Its state is that of the last attempt of its job; `job_id` is the first attempt.

    cause: what proved bad, as `studio.review.causes` writes it; title: the same in words, as things were called then.
    why and reason: told with each withdrawal. images: how many it names. replacing: how replacements are ordered, empty
    where none are wanted. notes: what could not be ordered again and why, in words.
    """

    __tablename__ = "recalls"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), unique=True)
    cause: Mapped[dict[str, Any]]
    title: Mapped[str] = mapped_column(String(300))
    why: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(String(48))
    images: Mapped[int]
    replacing: Mapped[dict[str, Any]] = mapped_column(default=dict)
    notes: Mapped[list[Any]] = mapped_column(default=list)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class RecallImage(Base):
    """One image that a recall names, as it stood then, and what became of it.

    decision_id: its withdrawal. told_at: when the people concerned were told. order_id: the job that makes its
    replacement.
    """

    __tablename__ = "recall_images"
    __table_args__ = (
        Index("ix_recall_images_recall_id_outcome_asset_id", "recall_id", "outcome", "asset_id"),
        Index("ix_recall_images_recall_id_told_at", "recall_id", "told_at"),
    )

    recall_id: Mapped[int] = mapped_column(ForeignKey("recalls.id"), primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"), primary_key=True, index=True)
    from_state: Mapped[AssetState]
    outcome: Mapped[RecallOutcome] = mapped_column(default=RecallOutcome.WAITING)
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))
    told_at: Mapped[dt.datetime | None]
    order_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id"), index=True)
