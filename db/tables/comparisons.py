"""Blind votes between two model versions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, utc_now
from db.tables.words import VoteChoice


class Comparison(Base):
    """Pairs of images of a challenger and the champion of that day, made by a job, to be voted on."""

    __tablename__ = "comparisons"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), unique=True)
    champion_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"), index=True)
    challenger_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"), index=True)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class ComparisonPair(Base):
    """One brief made by both models with the same seed; which side the challenger is on was drawn by lot."""

    __tablename__ = "comparison_pairs"
    __table_args__ = (UniqueConstraint("comparison_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    comparison_id: Mapped[int] = mapped_column(ForeignKey("comparisons.id"))
    number: Mapped[int]
    prompt: Mapped[str] = mapped_column(Text)
    attributes: Mapped[dict[str, Any]]
    seed: Mapped[int]
    challenger_left: Mapped[bool]
    champion_sha256: Mapped[str | None] = mapped_column(String(64))
    challenger_sha256: Mapped[str | None] = mapped_column(String(64))


class Vote(Base):
    """What one person chose, once for each pair."""

    __tablename__ = "votes"
    __table_args__ = (UniqueConstraint("pair_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pair_id: Mapped[int] = mapped_column(ForeignKey("comparison_pairs.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    choice: Mapped[VoteChoice]
    at: Mapped[dt.datetime] = mapped_column(default=utc_now)
