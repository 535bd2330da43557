"""What alarms are raised: set by managers, off until they turn it on; and the alarms, for all who may see them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from db.tables import Alert, AlertKind, AlertRule, Role, User, utc_now
from studio.activity import record
from studio.alerts.raising import end
from studio.bootstrap import Studio
from studio.errors import Conflict, InputError, NotFound
from studio.roles import Actor, require


@dataclass(frozen=True)
class Scale:
    """The threshold of a kind of alarm: from `least` to `most`, at first `usual`; and the days that are looked at, at
    first, None where there are none to choose.
    """

    least: float
    most: float
    usual: float
    days: int | None = None


SCALES: Final[dict[AlertKind, Scale]] = {
    AlertKind.QUEUE_AGE: Scale(1, 24 * 60, 24),  # hours
    AlertKind.APPROVAL_RATE: Scale(0.02, 0.9, 0.1, 7),  # how much less, as a share
    AlertKind.CALIBRATION: Scale(0.01, 0.5, 0.05, 14),  # how much more, of a Brier score
    AlertKind.REASON_MIX: Scale(0.15, 0.9, 0.15),  # distance of the two mixes, 0 to 1
    AlertKind.SCORE_MEAN: Scale(0.005, 0.5, 0.02),  # how far, as a share of the scale of the score
}
"""The kinds that people set. That automatic approval was switched off is always told."""

MOST_DAYS: Final = 90


@dataclass(frozen=True)
class RuleView:
    """Whether a kind of alarm is raised, and from where on."""

    kind: AlertKind
    active: bool
    threshold: float
    days: int


@dataclass(frozen=True)
class AlertView:
    """One alarm. values: what its sentence is filled with; `ended_at`: None as long as the cause is there."""

    id: int
    kind: AlertKind
    values: dict[str, Any]
    since: dt.datetime
    ended_at: dt.datetime | None
    acknowledged_by: str | None
    acknowledged_at: dt.datetime | None


def alert_rules(studio: Studio, actor: Actor | None) -> list[RuleView]:
    """Each kind of alarm as it is set, or as it would be. For managers."""
    require(actor, Role.MANAGER)
    with studio.reading() as session:
        known = {row.kind: row for row in session.scalars(sa.select(AlertRule))}
    return [
        RuleView(kind, row.active, row.threshold, row.days)
        if (row := known.get(kind))
        else RuleView(kind, False, scale.usual, scale.days or 1)
        for kind, scale in SCALES.items()
    ]


def set_alert_rule(
    studio: Studio, actor: Actor | None, kind: AlertKind, *, active: bool, threshold: float, days: int
) -> None:
    """Turn a kind of alarm on or off, and say from where on. For managers. Raises InputError."""
    actor = require(actor, Role.MANAGER)
    if kind not in SCALES:
        raise InputError("That automatic approval was switched off is always told; it cannot be set.")
    scale = SCALES[kind]
    if not scale.least <= threshold <= scale.most:
        raise InputError(
            "The threshold of this alarm lies between {least} and {most}, got {threshold}.",
            least=scale.least,
            most=scale.most,
            threshold=threshold,
        )
    if not 1 <= days <= MOST_DAYS:
        raise InputError("An alarm looks at 1 to {most} days, got {days}.", most=MOST_DAYS, days=days)
    with studio.writing() as session:
        row = session.get(AlertRule, kind)
        if row is None:
            row = AlertRule(kind=kind)
            session.add(row)
        row.active, row.threshold, row.days = active, threshold, days
        row.changed_by_id, row.changed_at = actor.id, utc_now()
        text = f"Turned the alarm {kind.value} {'on' if active else 'off'}, from {threshold:g} on, over {days} days."
        record(session, actor, "changed", "alert_rule", kind.value, text, active=active, threshold=threshold, days=days)


def alerts(studio: Studio, actor: Actor | None, *, limit: int = 50) -> list[AlertView]:
    """The alarms: those that go on first, then the newest. For managers."""
    require(actor, Role.MANAGER)
    query = sa.select(Alert, User.name).outerjoin(User, User.id == Alert.acknowledged_by_id)
    query = query.order_by(Alert.ended_at.is_not(None), Alert.since.desc(), Alert.id.desc()).limit(limit)
    with studio.reading() as session:
        return [
            AlertView(row.id, row.kind, row.values, row.since, row.ended_at, name, row.acknowledged_at)
            for row, name in session.execute(query)
        ]


def acknowledge(studio: Studio, actor: Actor | None, alert_id: int) -> None:
    """Say that somebody sees to it. An alarm that tells of a deed, not of a state, ends with that. For managers.

    Raises NotFound; Conflict where another one did so already.
    """
    actor = require(actor, Role.MANAGER)
    with studio.writing() as session:
        row = session.get(Alert, alert_id, with_for_update=True)
        if row is None:
            raise NotFound("There is no alarm {alert_id}.", alert_id=alert_id)
        if row.acknowledged_at is not None:
            name = session.scalar(sa.select(User.name).where(User.id == row.acknowledged_by_id))
            raise Conflict("{name} sees to this already.", name=name)
        row.acknowledged_by_id, row.acknowledged_at = actor.id, utc_now()
        record(session, actor, "acknowledged", "alert", row.id, f"Sees to the alarm {row.kind.value}.")
        if row.kind is AlertKind.AUTOMATIC_OFF and row.ended_at is None:
            end(session, row)
