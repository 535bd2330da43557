"""Products and their real photos."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, utc_now
from db.tables.words import LicenceState


class Product(Base):
    """A SKU. A variant has the `parent_sku` of its family and its own colour and size."""

    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(String(64), unique=True)
    parent_sku: Mapped[str | None] = mapped_column(String(64), index=True)
    title: Mapped[str] = mapped_column(String(300), index=True)
    description: Mapped[str] = mapped_column(Text, default="")
    category: Mapped[str] = mapped_column(String(200), index=True)
    colour: Mapped[str | None] = mapped_column(String(64), index=True)
    usage: Mapped[str | None] = mapped_column(String(64), index=True)
    size: Mapped[str | None] = mapped_column(String(64))
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[dt.datetime] = mapped_column(default=utc_now, onupdate=utc_now)


class Photo(Base):
    """A real photo of a product, its bytes named by their SHA-256.

    fingerprint: perceptual hash of the shapes, 16 hex digits; near-duplicates differ in few bits. colour_grid: uint8
    RGB of 8x8 cells, which tells colourways of one product apart. licence: of the picture; consent: of the people in
    it. An unconfirmed licence may be acknowledged by a person, who then answers for it.
    """

    __tablename__ = "photos"
    __table_args__ = (UniqueConstraint("product_id", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    file_name: Mapped[str] = mapped_column(String(255), default="")
    fingerprint: Mapped[str | None] = mapped_column(String(16), index=True)
    colour_grid: Mapped[bytes | None]
    height: Mapped[int]
    width: Mapped[int]
    licence: Mapped[LicenceState] = mapped_column(default=LicenceState.UNCONFIRMED, index=True)
    consent: Mapped[LicenceState] = mapped_column(default=LicenceState.UNCONFIRMED, index=True)
    licence_note: Mapped[str] = mapped_column(String(300), default="")
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class ValueMapping(Base):
    """What a word of the catalogue is called by the model: a category path or a colour -> a value of its vocabulary.

    field: "article_type", "colour" or "usage". value empty: the model has no word for it. A mapping counts once a
    person confirmed it.
    """

    __tablename__ = "value_mappings"
    __table_args__ = (UniqueConstraint("field", "source"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column(String(32))
    source: Mapped[str] = mapped_column(String(200))
    value: Mapped[str | None] = mapped_column(String(120))
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    confirmed_at: Mapped[dt.datetime | None]
