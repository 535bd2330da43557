"""Two model versions judged on the same held-out photos of the catalogue."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base


class Judging(Base):
    """What a judging job works on, fixed when it was ordered; its figures are rows of `evaluations`.

    photos: one row for each photo that neither version was taught with: file (SHA-256), title, id, article_type,
    colour, usage, style.
    """

    __tablename__ = "judgings"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    champion_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"), index=True)
    challenger_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"), index=True)
    photos: Mapped[list[Any]]
