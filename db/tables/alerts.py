"""What raises an alarm, the alarms, whom they are told, and what was sent."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, utc_now
from db.tables.words import AlertEvent, AlertKind, TargetKind


class AlertRule(Base):
    """Whether and from where on a kind of alarm is raised. threshold: in the unit of its kind; days: the time that is
    looked at.
    """

    __tablename__ = "alert_rules"

    kind: Mapped[AlertKind] = mapped_column(primary_key=True)
    active: Mapped[bool] = mapped_column(default=False)
    threshold: Mapped[float]
    days: Mapped[int]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class Alert(Base):
    """Something that is not as it should be, from `since` until `ended_at`. Rows stay.

    cause: what it is about, so that one cause raises one alarm; open_cause is the same until it ends, and empty then.
    values: what the sentence of its kind is filled with.
    """

    __tablename__ = "alerts"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[AlertKind]
    cause: Mapped[str] = mapped_column(String(300), index=True)
    open_cause: Mapped[str | None] = mapped_column(String(300), unique=True)
    values: Mapped[dict[str, Any]]
    since: Mapped[dt.datetime] = mapped_column(default=utc_now, index=True)
    ended_at: Mapped[dt.datetime | None]
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    acknowledged_at: Mapped[dt.datetime | None]


class AlertTarget(Base):
    """Where alarms are sent: an e-mail address, or the URL of a webhook with the secret that signs what is sent."""

    __tablename__ = "alert_targets"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[TargetKind]
    address: Mapped[str] = mapped_column(String(500))
    secret: Mapped[str] = mapped_column(String(64), default="")
    added_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    added_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    removed_at: Mapped[dt.datetime | None]


class AlertDelivery(Base):
    """One message to one target. next_at: when it is tried (again); empty once it arrived or was given up.

    alert_id is empty for a message that tries a target out.
    """

    __tablename__ = "alert_deliveries"
    __table_args__ = (Index("ix_alert_deliveries_target_id_id", "target_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alerts.id"), index=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("alert_targets.id"))
    event: Mapped[AlertEvent]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    next_at: Mapped[dt.datetime | None] = mapped_column(index=True)
    delivered_at: Mapped[dt.datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")


class Round(Base):
    """When a piece of work that comes round was last begun, by whichever worker."""

    __tablename__ = "rounds"

    name: Mapped[str] = mapped_column(String(48), primary_key=True)
    at: Mapped[dt.datetime]
