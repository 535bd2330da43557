"""Sends what waits to be sent: each message until it arrives, or until it was tried eight times in about a day."""

from __future__ import annotations

import datetime as dt
import json
import logging
from typing import Final

import sqlalchemy as sa

from db.clock import database_now
from db.tables import Alert, AlertDelivery, AlertEvent, AlertTarget, TargetKind
from studio.alerts.mail import send_mail
from studio.alerts.sentences import in_english
from studio.alerts.webhook import post
from studio.bootstrap import Studio
from studio.errors import InputError

PAUSES: Final = tuple(dt.timedelta(seconds=seconds) for seconds in (30, 120, 600, 1800, 7200, 21600, 43200))
"""Between one try and the next; after the last there is none."""

REMOVED: Final = "Removed before it was sent."
"""What stands with a message whose target is gone."""

_LEASE: Final = dt.timedelta(minutes=2)  # a worker that dies while it sends leaves the message to the others
_A_ROUND: Final = 20
_TEST_TEXT: Final = "This is a test: alarms of the studio arrive here."
_log = logging.getLogger(__name__)


def deliver(studio: Studio) -> int:
    """Send what is due; returns how many messages arrived."""
    with studio.reading() as session:
        due = sa.select(AlertDelivery.id).where(AlertDelivery.next_at <= database_now(session))
        ids = session.scalars(due.order_by(AlertDelivery.next_at).limit(_A_ROUND)).all()
    return sum(_deliver(studio, delivery_id) for delivery_id in ids)


def _deliver(studio: Studio, delivery_id: int) -> bool:
    with studio.writing() as session:
        row = session.get_one(AlertDelivery, delivery_id, with_for_update=True)
        now = database_now(session)
        if row.next_at is None or row.next_at > now:  # another worker has it
            return False
        target = session.get_one(AlertTarget, row.target_id)
        if target.removed_at is not None:  # while another try was under way
            row.next_at, row.error = None, REMOVED
            return False
        row.attempts += 1
        row.next_at = now + _LEASE
        attempt, event = row.attempts, row.event
        alert = None if row.alert_id is None else session.get_one(Alert, row.alert_id)
    error = _send(studio, target, alert, event, delivery_id)
    with studio.writing() as session:
        row = session.get_one(AlertDelivery, delivery_id, with_for_update=True)
        now = database_now(session)
        row.error = error
        if not error:
            row.delivered_at, row.next_at = now, None
        else:
            row.next_at = now + PAUSES[attempt - 1] if attempt <= len(PAUSES) else None
            _log.warning("a message about an alarm did not arrive (try %d): %s", attempt, error)
    return not error


def _send(studio: Studio, target: AlertTarget, alert: Alert | None, event: AlertEvent, delivery_id: int) -> str:
    """What went wrong; empty where nothing did."""
    text = _TEST_TEXT if alert is None else in_english(alert.values)
    try:
        if target.kind is TargetKind.EMAIL:
            send_mail(studio.settings, target.address, _subject(alert, event), _letter(studio, alert, event, text))
        else:
            private = studio.settings.alerts_private
            body = _body(studio, alert, event, text)
            post(target.address, body, secret=target.secret, delivery=str(delivery_id), private=private)
    except (OSError, InputError, UnicodeError) as error:
        return str(error)[:500] or type(error).__name__
    return ""


def _subject(alert: Alert | None, event: AlertEvent) -> str:
    if alert is None:
        return "EcomGAN Studio: test"
    over = "over: " if event is AlertEvent.ENDED else ""
    return f"EcomGAN Studio: {over}{alert.kind.value.replace('_', ' ')}"


def _letter(studio: Studio, alert: Alert | None, event: AlertEvent, text: str) -> str:
    lines = ["It is over." if event is AlertEvent.ENDED else "", text]
    if alert is not None:
        lines += ["", f"Since {alert.since:%Y-%m-%d %H:%M} UTC.", f"{studio.settings.resolved_public_url}/alerts"]
    return "\n".join(lines).strip() + "\n"


def _body(studio: Studio, alert: Alert | None, event: AlertEvent, text: str) -> bytes:
    told: dict[str, object] = {
        "event": event.value,
        "text": text,
        "url": f"{studio.settings.resolved_public_url}/alerts",
    }
    if alert is not None:
        told |= {
            "alert": alert.id,
            "kind": alert.kind.value,
            "values": alert.values,
            "since": alert.since.isoformat(),
            "ended": None if alert.ended_at is None else alert.ended_at.isoformat(),
        }
    return json.dumps(told, ensure_ascii=False).encode()
