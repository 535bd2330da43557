"""The append-only record of review."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.tables.base import Base, utc_now
from db.tables.images import Asset
from db.tables.people import User
from db.tables.words import AssetState


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
