"""Photos on their way in, and the files that the catalogue says it has."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, utc_now
from db.tables.words import LicenceState, PhotoOutcome


class PhotoUpload(Base):
    """One bringing-in of photos: files, or one archive that holds them, with the rights stated for all of them.

    job_id: the last attempt. archive_sha256: the ZIP, its entries become rows of `photo_files` when the job starts.
    """

    __tablename__ = "photo_uploads"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    archive_sha256: Mapped[str | None] = mapped_column(String(64))
    licence: Mapped[LicenceState]
    consent: Mapped[LicenceState]
    note: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now, index=True)
    finished_at: Mapped[dt.datetime | None]


class PhotoFile(Base):
    """One file of an upload and what became of it. `path` is its name there, never one on our disks.

    entry: its place in the archive. matched_by: "reference", "sku", "folder" or "hand". reason: why it is not in, in
    words. products: at how many it stands.
    """

    __tablename__ = "photo_files"
    __table_args__ = (Index("ix_photo_files_upload_id_outcome", "upload_id", "outcome"),)

    upload_id: Mapped[int] = mapped_column(ForeignKey("photo_uploads.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    path: Mapped[str] = mapped_column(String(500))
    entry: Mapped[int | None]
    size: Mapped[int]
    sha256: Mapped[str | None] = mapped_column(String(64))
    fingerprint: Mapped[str | None] = mapped_column(String(16))
    colour_grid: Mapped[bytes | None]
    height: Mapped[int | None]
    width: Mapped[int | None]
    outcome: Mapped[PhotoOutcome] = mapped_column(default=PhotoOutcome.WAITING)
    matched_by: Mapped[str] = mapped_column(String(16), default="")
    products: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text, default="")


class PhotoReference(Base):
    """A photo that a catalogue file names for a product: `path` as it stands there, `file_name` its last part in small
    letters. sha256 is empty while no such photo has come.
    """

    __tablename__ = "photo_references"
    __table_args__ = (Index("ix_photo_references_sha256_path", "sha256", "path"),)

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True)
    path: Mapped[str] = mapped_column(String(500), primary_key=True)
    file_name: Mapped[str] = mapped_column(String(255), index=True)
    sha256: Mapped[str | None] = mapped_column(String(64))
