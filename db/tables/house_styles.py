"""How a category's products stand in their frame, and the products that wait for a photographer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, utc_now


class Placement(Base):
    """Where the product stands in a picture, by the hash of its bytes; `version` is that of the search.

    Edges as shares of the frame, 0 to 1 from its top and left; all empty where no product was found. whiteness: of the
    border, in %. fault: why the picture could not be read; then nothing else says anything.
    """

    __tablename__ = "placements"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int]
    top: Mapped[float | None]
    left: Mapped[float | None]
    bottom: Mapped[float | None]
    right: Mapped[float | None]
    whiteness: Mapped[float | None]
    fault: Mapped[str] = mapped_column(String(300), default="")


class HouseStyle(Base):
    """One version of a category's house style; the highest one holds.

    figures: measure -> its median and spread over the `images` and `photos` in which the product is whole; `cut` more
    run out of their frame. source: the category itself, or the path above it whose pictures were taken for want of its
    own. locked: measure -> the value that a person set, which learning leaves alone. changed_by_id is empty where a
    job learnt it.
    """

    __tablename__ = "house_styles"
    __table_args__ = (UniqueConstraint("category", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(200))
    version: Mapped[int]
    source: Mapped[str] = mapped_column(String(200))
    images: Mapped[int]
    photos: Mapped[int]
    cut: Mapped[int]
    figures: Mapped[dict[str, Any]]
    locked: Mapped[dict[str, Any]] = mapped_column(default=dict)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id"))
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class Shot(Base):
    """A product on the shot list, until it is photographed or taken off.

    It is done when a photo of the product came after `added_at`, or when somebody ticked it off. expected, ordered: of
    so many images, as many were expected to be approved; both empty where a person put it on the list without asking.
    """

    __tablename__ = "shots"
    __table_args__ = (Index("ix_shots_product_id_removed_at", "product_id", "removed_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    angle: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(String(300), default="")
    expected: Mapped[float | None]
    ordered: Mapped[int | None]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    added_at: Mapped[dt.datetime] = mapped_column(default=utc_now, index=True)
    ticked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ticked_at: Mapped[dt.datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    removed_at: Mapped[dt.datetime | None]
