"""What pictures show, as vectors of the encoder of texts and images: what the search by meaning compares."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base


class AssetVector(Base):
    """The vector of an image, int8; all zeros where its bytes could not be read. encoder: names the weights and the way
    of preparing that it comes from; those of two are never compared, and another encoder writes its own in its place.
    """

    __tablename__ = "asset_vectors"
    __table_args__ = (Index("ix_asset_vectors_encoder_asset_id", "encoder", "asset_id"),)

    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"), primary_key=True)
    encoder: Mapped[str] = mapped_column(String(40))
    vector: Mapped[bytes]


class PhotoVector(Base):
    """The same of a real photo, by the hash of its bytes."""

    __tablename__ = "photo_vectors"
    __table_args__ = (Index("ix_photo_vectors_encoder_sha256", "encoder", "sha256"),)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    encoder: Mapped[str] = mapped_column(String(40))
    vector: Mapped[bytes]
