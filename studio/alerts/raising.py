"""One alarm for each cause, from its beginning to its end; told once, in the transaction in which it is found."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.clock import database_now
from db.tables import Alert, AlertDelivery, AlertEvent, AlertKind, AlertTarget, Role, User
from studio.alerts.sentences import in_english
from studio.inbox import tell

INBOX_KIND: Final = "alert"
"""The kind of the line that managers and admins find in their inbox."""

SAME_FOR: Final = dt.timedelta(hours=24)
"""A cause that comes back within this time is the same alarm going on: it is not told again."""


def begin(session: Session, kind: AlertKind, cause: str, values: dict[str, Any]) -> Alert:
    """Raise an alarm and tell of it, or bring the figures of one that is raised already up to date.

    values: "sentence", a key of SENTENCES, and what fills it.
    """
    found = session.scalar(sa.select(Alert).where(Alert.open_cause == cause).with_for_update())
    if found is not None:
        found.values = values
        return found
    now = database_now(session)
    recent = sa.select(Alert).where(Alert.cause == cause, Alert.ended_at > now - SAME_FOR)
    found = session.scalar(recent.order_by(Alert.id.desc()).limit(1).with_for_update())
    if found is not None:
        found.open_cause, found.ended_at, found.values = cause, None, values
        return found
    alert = Alert(kind=kind, cause=cause, open_cause=cause, values=values, since=now)
    session.add(alert)
    session.flush()
    for user_id in session.scalars(sa.select(User.id).where(User.active, User.role.in_((Role.MANAGER, Role.ADMIN)))):
        tell(session, user_id, INBOX_KIND, text=in_english(values))
    _send(session, alert, AlertEvent.BEGAN, now)
    return alert


def end(session: Session, alert: Alert) -> None:
    """The cause is gone: close the alarm, and say so where it was sent; once, as it is not told either when the cause
    comes back.
    """
    now = database_now(session)
    alert.open_cause, alert.ended_at = None, now
    told = sa.select(AlertDelivery.id).where(AlertDelivery.alert_id == alert.id)
    if session.scalar(told.where(AlertDelivery.event == AlertEvent.ENDED).limit(1)) is None:
        _send(session, alert, AlertEvent.ENDED, now)


def _send(session: Session, alert: Alert, event: AlertEvent, now: dt.datetime) -> None:
    for target_id in session.scalars(sa.select(AlertTarget.id).where(AlertTarget.removed_at.is_(None))):
        session.add(AlertDelivery(alert_id=alert.id, target_id=target_id, event=event, next_at=now))
