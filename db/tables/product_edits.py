"""Changes of many products at once, kept so that they can be taken back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, utc_now


class ProductEdit(Base):
    """One change of many products: `values` is field or attribute -> new value."""

    __tablename__ = "product_edits"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    values: Mapped[dict[str, Any]]
    products: Mapped[int]
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now, index=True)
    undone_at: Mapped[dt.datetime | None]


class ProductEditRow(Base):
    """What a product said before the change, of the fields that it changed."""

    __tablename__ = "product_edit_rows"

    edit_id: Mapped[int] = mapped_column(ForeignKey("product_edits.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True, index=True)
    before: Mapped[dict[str, Any]]
