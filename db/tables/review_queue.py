"""Who looks at what: claims, saved views of the queue, comments, and what waits for a person to read."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, utc_now


class ReviewClaim(Base):
    """An image that one person is about to decide, so that nobody else does. At most one an image.

    It holds until `until`, and only while the image has the `revision` at which it was taken: a decision ends it.
    """

    __tablename__ = "review_claims"
    __table_args__ = (Index("ix_review_claims_user_id_until", "user_id", "until"),)

    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    revision: Mapped[int]
    until: Mapped[dt.datetime] = mapped_column(index=True)


class SavedView(Base):
    """A filter of the queue under a name, of one person or shared with the team. `query` is its address."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("owner_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[dict[str, Any]]
    shared: Mapped[bool] = mapped_column(default=False, index=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class Comment(Base):
    """What a person said about an image: plain text. mentions: ids of the people whom it names."""

    __tablename__ = "comments"
    __table_args__ = (Index("ix_comments_asset_id_id", "asset_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    text: Mapped[str] = mapped_column(Text)
    mentions: Mapped[list[Any]] = mapped_column(default=list)
    idempotency_key: Mapped[str] = mapped_column(String(64), unique=True)


class InboxItem(Base):
    """Something that one person should know: `kind` says what, `from_id` who caused it (empty: the studio itself).

    number: images that it is about, where they are many; `asset_id` is then the first of them, or empty.
    """

    __tablename__ = "inbox_items"
    __table_args__ = (
        Index("ix_inbox_items_user_id_id", "user_id", "id"),
        Index("ix_inbox_items_user_id_read_at_id", "user_id", "read_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    from_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(32))
    asset_id: Mapped[int | None] = mapped_column(ForeignKey("assets.id"), index=True)
    number: Mapped[int] = mapped_column(default=1)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    read_at: Mapped[dt.datetime | None]
