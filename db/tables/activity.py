"""The append-only record of everything that people did but their decisions, which have a record of their own."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, utc_now


class Activity(Base):
    """Who did what to what, and when. Rows are only ever added: triggers refuse changes and removals.

    verb: a short word ("promoted", "imported"); subject and subject_id name a thing ("model_version", "12"); text is
    a sentence for people. user_id is empty where the studio itself acted.
    """

    __tablename__ = "activities"
    __table_args__ = (
        Index("ix_activities_user_id_at", "user_id", "at"),
        Index("ix_activities_subject_at", "subject", "at"),
        Index("ix_activities_subject_subject_id", "subject", "subject_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(default=utc_now, index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    verb: Mapped[str] = mapped_column(String(48))
    subject: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
