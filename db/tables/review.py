"""The append-only record of review, the seals that hold it, and the rules that say how many people must agree."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import conv

from db.tables.base import Base, utc_now
from db.tables.images import Asset
from db.tables.people import User
from db.tables.words import AssetState, Purpose, RuleCause


class Decision(Base):
    """One review event. Rows are only ever added: triggers of the migration refuse changes and removals.

    scores: metric -> {"version", "value"} as they stood at that moment; empty in rows older than this column. A first
    of several approvals leads from in_review to in_review.
    """

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
    scores: Mapped[dict[str, Any] | None]

    asset: Mapped[Asset] = relationship()
    user: Mapped[User] = relationship()


class DecisionSeal(Base):
    """One link of the chain that holds the decisions: an HMAC of a decision and of the link before it.

    Positions count from 1 without a gap. There is no foreign key: a seal outlives the removal of its decision, which
    is how the removal is found.
    """

    __tablename__ = "decision_seals"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    decision_id: Mapped[int] = mapped_column(unique=True)
    mac: Mapped[str] = mapped_column(String(64))


class SealHead(Base):
    """The end of the chain, one row, locked by whoever adds to it. key_id tells which key seals, without telling it;
    it is empty until the first seal.
    """

    __tablename__ = "seal_heads"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    mac: Mapped[str] = mapped_column(String(64), default="")
    key_id: Mapped[str] = mapped_column(String(16), default="")


class ReviewRule(Base):
    """Images that need several approvals: those of a category and of a purpose; an empty one stands for all.

    cause: why, as the reviewers are told.
    """

    __tablename__ = "review_rules"
    __table_args__ = (
        UniqueConstraint("category", "purpose"),
        CheckConstraint("approvals BETWEEN 2 AND 5", name=conv("ck_review_rules_approvals")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(200), default="")
    purpose: Mapped[Purpose | None]
    cause: Mapped[RuleCause]
    approvals: Mapped[int] = mapped_column(default=2)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
