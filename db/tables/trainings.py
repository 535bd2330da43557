"""Fine-tuning on the catalogue's own photos: what was asked for, on which photos, and what can be seen on the way."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, utc_now
from db.tables.words import TrainingWish


class Training(Base):
    """One fine-tuning. Its state is that of the last attempt of its job; `job_id` is the first attempt.

    options: {"nearest": {field: {new value: known value}}}. images: photos to be seen, the end of it. alarm: why it
    should be looked at (copies of training photos), in words. progress: what its run last said of itself (photos seen,
    seconds left, the best moment so far, how it ended); empty before its first word.
    """

    __tablename__ = "trainings"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    base_model_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"), index=True)
    model_version_id: Mapped[int | None] = mapped_column(ForeignKey("model_versions.id"), unique=True)
    preset: Mapped[str] = mapped_column(String(32))
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    photo_filter: Mapped[dict[str, Any]] = mapped_column(default=dict)
    images: Mapped[int]
    wish: Mapped[TrainingWish] = mapped_column(default=TrainingWish.RUN)
    alarm: Mapped[str | None] = mapped_column(Text)
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class TrainingPhoto(Base):
    """One photo of the data snapshot of a training: its bytes' hash and the split that it fell into."""

    __tablename__ = "training_photos"

    training_id: Mapped[int] = mapped_column(ForeignKey("trainings.id"), primary_key=True)
    photo_id: Mapped[int] = mapped_column(ForeignKey("photos.id"), primary_key=True, index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    split: Mapped[str] = mapped_column(String(16))
    attributes: Mapped[dict[str, Any]]


class TrainingImage(Base):
    """One approved image of the data snapshot of a training, beside its photos; `decision_id` approved it.

    Images are only ever learned from: `split` is "train", or "left_out" where it could not be used. It is empty until
    the photos were prepared.
    """

    __tablename__ = "training_images"

    training_id: Mapped[int] = mapped_column(ForeignKey("trainings.id"), primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"), primary_key=True, index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    split: Mapped[str] = mapped_column(String(16))
    attributes: Mapped[dict[str, Any]]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))


class TrainingPoint(Base):
    """One figure of a training after so many images."""

    __tablename__ = "training_points"

    training_id: Mapped[int] = mapped_column(ForeignKey("trainings.id"), primary_key=True)
    metric: Mapped[str] = mapped_column(String(64), primary_key=True)
    images: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[float]


class TrainingPicture(Base):
    """A picture that a training drew after so many images: `kind` is "samples" or "nearest_photos"."""

    __tablename__ = "training_pictures"

    training_id: Mapped[int] = mapped_column(ForeignKey("trainings.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    images: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64))
