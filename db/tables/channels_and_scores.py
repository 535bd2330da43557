"""What channels ask for: the team's own packs of rules, the verdicts of all; and which images were scored with what."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, utc_now
from db.tables.words import VerdictOutcome


class ChannelPack(Base):
    """One version of a pack of rules that the team wrote itself; a change is a new version, none ever changes.

    removed_at: since when no image is judged by it any more; its versions stay for the verdicts that name them.
    """

    __tablename__ = "channel_packs"
    __table_args__ = (UniqueConstraint("key", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    content: Mapped[dict[str, Any]]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    removed_at: Mapped[dt.datetime | None]


class ChannelVerdict(Base):
    """How an image stands with a pack of rules, by its newest scores. `edition`: version of the pack and the day since
    when those of its dated rules are in force; another edition, and the image is to be judged again.
    """

    __tablename__ = "channel_verdicts"
    __table_args__ = (Index("ix_channel_verdicts_found", "pack", "edition", "outcome", "asset_id"),)

    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"), primary_key=True)
    pack: Mapped[str] = mapped_column(String(40), primary_key=True)
    edition: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[VerdictOutcome]


class AssetScoring(Base):
    """That an image is to be scored, or with which edition of the scorers it was.

    job_id: the job in which it waits for its scores; empty: it waits no more. again: an admin asked for it, so it is
    dropped when that job is cancelled. edition: of the scorers that it was measured with; "": never. photo_sha256: the
    real photo that it was compared with. fault: why it could not be scored.
    """

    __tablename__ = "asset_scorings"
    __table_args__ = (
        Index("ix_asset_scorings_waiting", "job_id", "asset_id"),
        Index("ix_asset_scorings_edition_asset_id", "edition", "asset_id"),
    )

    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"), primary_key=True)
    job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id"))
    again: Mapped[bool] = mapped_column(default=False)
    edition: Mapped[str] = mapped_column(String(16), default="")
    photo_sha256: Mapped[str | None] = mapped_column(String(64))
    fault: Mapped[str] = mapped_column(String(200), default="")
    scored_at: Mapped[dt.datetime | None]
