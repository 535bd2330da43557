"""Channels, and what left the house for them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, utc_now


class Channel(Base):
    """A place that takes images, with the frame it wants (height x width in pixels, empty = as made) and its format.

    pack: key of the pack of rules that every export for it is checked against; empty: none.
    """

    __tablename__ = "channels"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    height: Mapped[int | None]
    width: Mapped[int | None]
    image_format: Mapped[str] = mapped_column(String(8), default="JPEG")
    pack: Mapped[str] = mapped_column(String(40), default="", server_default="")


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
