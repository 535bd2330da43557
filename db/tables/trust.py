"""How far scores foretell what people decide, and the images that the studio approves by itself on that ground."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import conv

from db.tables.base import Base, utc_now


class Calibration(Base):
    """One version of the probability that people approve an image, learnt from their decisions by a job.

    first_at to last_at: the time of the `n` verdicts. model: its coefficients, figures: how it did on the latest part
    of them, in all (the key "") and per category; both as `studio.trust` reads them.
    """

    __tablename__ = "calibrations"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), unique=True)
    fitted_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    first_at: Mapped[dt.datetime]
    last_at: Mapped[dt.datetime]
    n: Mapped[int]
    model: Mapped[dict[str, Any]]
    figures: Mapped[dict[str, Any]]


class CalibrationCase(Base):
    """One verdict of the part on which a calibration was judged, with the probability that was foretold for it."""

    __tablename__ = "calibration_cases"
    __table_args__ = (Index("ix_calibration_cases_place", "calibration_id", "category", "probability"),)

    calibration_id: Mapped[int] = mapped_column(ForeignKey("calibrations.id"), primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"), primary_key=True, index=True)
    category: Mapped[str] = mapped_column(String(200))
    at: Mapped[dt.datetime]
    probability: Mapped[float]
    approved: Mapped[bool]


class Chance(Base):
    """The probability that people approve an image that waits, by the newest calibration or by one that a rule stands
    on. last_score_id: the newest score behind it.
    """

    __tablename__ = "chances"
    __table_args__ = (Index("ix_chances_calibration_id_probability", "calibration_id", "probability"),)

    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"), primary_key=True)
    calibration_id: Mapped[int] = mapped_column(ForeignKey("calibrations.id"), primary_key=True)
    probability: Mapped[float]
    last_score_id: Mapped[int]


class AutomaticRule(Base):
    """An admin lets the studio approve images of a category whose probability is `threshold` or more.

    escape_rate: the share of these that a person would have rejected, which must not be exceeded; proof: the sample
    that showed so. audit_share: the share that people look at all the same. open_category: the category as long as the
    rule is on, so that there is one; empty afterwards. ended_by_id is empty where the studio switched it off.
    """

    __tablename__ = "automatic_rules"
    __table_args__ = (
        CheckConstraint("escape_rate > 0 AND escape_rate <= 0.2", name=conv("ck_automatic_rules_escape_rate")),
        CheckConstraint("audit_share >= 0.05 AND audit_share <= 1", name=conv("ck_automatic_rules_audit_share")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(200), index=True)
    open_category: Mapped[str | None] = mapped_column(String(200), unique=True)
    escape_rate: Mapped[float]
    audit_share: Mapped[float]
    calibration_id: Mapped[int] = mapped_column(ForeignKey("calibrations.id"), index=True)
    threshold: Mapped[float]
    proof: Mapped[dict[str, Any]]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    ended_at: Mapped[dt.datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_why: Mapped[dict[str, Any] | None]


class AutomaticApproval(Base):
    """An image that the studio approved by itself. opinion_id: what people are asked about it, where it was drawn."""

    __tablename__ = "automatic_approvals"
    __table_args__ = (Index("ix_automatic_approvals_rule_id_decision_id", "rule_id", "decision_id"),)

    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"), primary_key=True, autoincrement=False)
    rule_id: Mapped[int] = mapped_column(ForeignKey("automatic_rules.id"))
    probability: Mapped[float]
    opinion_id: Mapped[int | None] = mapped_column(ForeignKey("second_opinions.id"), unique=True)
