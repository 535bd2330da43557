"""What is asked about decided images without saying so: second opinions, and images whose right verdict is known."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, utc_now
from db.tables.words import AssetState, OpinionKind


class GoldImage(Base):
    """A decided image of which a manager knows the right verdict, APPROVED or CHANGES_REQUESTED, and why it is to be
    rejected. `retired_at`: since when it is asked about no more.
    """

    __tablename__ = "gold_images"

    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"), primary_key=True, autoincrement=False)
    verdict: Mapped[AssetState]
    reason: Mapped[str | None] = mapped_column(String(48))
    marked_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    marked_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    retired_at: Mapped[dt.datetime | None]


class SecondOpinion(Base):
    """One image that a reviewer meets in the queue as if it waited, and the answer. The image itself stays untouched.

    decision_id: the verdict that a second opinion is compared with; empty for a gold image. for_id: whom it is for;
    empty: whoever comes first of those who may. seen_revision and since: the revision of the image and the start of its
    waiting, as the reviewer is told them; no image waits at that revision. The rest is empty until it is answered.
    undo_key: the key that last took an answer back.
    """

    __tablename__ = "second_opinions"
    __table_args__ = (
        UniqueConstraint("asset_id", "answered_by_id"),
        Index("ix_second_opinions_answered_by_id_answered_at", "answered_by_id", "answered_at"),
        Index("ix_second_opinions_kind_answered_at", "kind", "answered_at"),
        Index("ix_second_opinions_for_id_answered_at", "for_id", "answered_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"))
    kind: Mapped[OpinionKind]
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"), index=True)
    for_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    seen_revision: Mapped[int]
    since: Mapped[dt.datetime]
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    verdict: Mapped[AssetState | None]
    reason: Mapped[str | None] = mapped_column(String(48))
    comment: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[dt.datetime | None]
    idempotency_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    undo_key: Mapped[str | None] = mapped_column(String(64))
