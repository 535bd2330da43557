"""Figures of quality, counted ahead: a row for each day, category and model version, so that no page counts images.

The days are in UTC. What a row holds is counted anew, in whole, whenever something of its day changed; triggers of the
migration mark such days, in the transaction of the change. A day without a mark is right.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, utc_now


class RollupMark(Base):
    """A day whose figures changed since they were counted. Several marks of one day say no more than one."""

    __tablename__ = "rollup_marks"

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[dt.date] = mapped_column(index=True)
    marked_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class QualityDay(Base):
    """Images made on a day, the seconds of computing of that day's orders, and how long its verdicts were waited for.

    An order's seconds are shared out among its images; those of an order without any stand under the category "".
    waits: counts of `studio.quality.histogram.WAITS`, of the seconds from the last sending to review to the verdict.
    """

    __tablename__ = "quality_days"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(200), primary_key=True)
    model_version_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"), primary_key=True)
    images: Mapped[int]
    compute_seconds: Mapped[float]
    waits: Mapped[bytes]


class QualityVerdict(Base):
    """Verdicts of a day by their reason, which is empty for approvals.

    given: pronounced; taken_back: of these, undone; first: the first on its image; standing: the last on its image.
    """

    __tablename__ = "quality_verdicts"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(200), primary_key=True)
    model_version_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(48), primary_key=True)
    given: Mapped[int]
    taken_back: Mapped[int]
    first: Mapped[int]
    standing: Mapped[int]


class QualityReviewer(Base):
    """What one reviewer decided on a day (verdicts taken back left out), and the seconds that it took them."""

    __tablename__ = "quality_reviewers"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(200), primary_key=True)
    model_version_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    verdicts: Mapped[int]
    approved: Mapped[int]
    seconds: Mapped[float]


class QualityScore(Base):
    """One score of the images made on a day, each by the newest version of its scorer.

    total, squares: sums of the values and of their squares. best, worst: the least and the greatest distance from what
    is wanted, as `studio.quality.histogram.shortfall` counts it. counts: of the bins of the score.
    """

    __tablename__ = "quality_scores"
    __table_args__ = (Index("ix_quality_scores_metric_day", "metric", "day"),)

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(200), primary_key=True)
    model_version_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"), primary_key=True)
    metric: Mapped[str] = mapped_column(String(48), primary_key=True)
    n: Mapped[int]
    total: Mapped[float]
    squares: Mapped[float]
    least: Mapped[float]
    most: Mapped[float]
    best: Mapped[float]
    worst: Mapped[float]
    counts: Mapped[bytes]
