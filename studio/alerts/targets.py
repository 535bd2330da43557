"""Whom alarms are told outside the app: e-mail addresses and webhooks."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from db.clock import database_now
from db.tables import AlertDelivery, AlertEvent, AlertTarget, Role, TargetKind
from studio.activity import record
from studio.alerts.delivering import REMOVED
from studio.alerts.webhook import check_address
from studio.bootstrap import Studio
from studio.errors import Conflict, InputError, NotFound
from studio.roles import Actor, require

MOST_TARGETS = 20

_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")


@dataclass(frozen=True)
class TargetView:
    """Where alarms go, with the last message: `delivered_at`, or `error` and whether it is tried again."""

    id: int
    kind: TargetKind
    address: str
    added_at: dt.datetime
    delivered_at: dt.datetime | None
    error: str
    trying: bool


@dataclass(frozen=True)
class Added:
    """A new target. `secret`: what a webhook's messages are signed with, told this one time; empty for e-mail."""

    id: int
    secret: str


def targets(studio: Studio, actor: Actor | None) -> list[TargetView]:
    """Where alarms go, the oldest first. For managers."""
    require(actor, Role.MANAGER)
    sent_to = aliased(AlertDelivery)
    last = sa.select(sa.func.max(sent_to.id)).where(sent_to.target_id == AlertTarget.id).scalar_subquery()
    query = sa.select(AlertTarget, AlertDelivery).outerjoin(AlertDelivery, AlertDelivery.id == last)
    with studio.reading() as session:
        rows = session.execute(query.where(AlertTarget.removed_at.is_(None)).order_by(AlertTarget.id))
        return [
            TargetView(
                id=row.id,
                kind=row.kind,
                address=row.address,
                added_at=row.added_at,
                delivered_at=sent.delivered_at if sent else None,
                error=sent.error if sent else "",
                trying=sent is not None and sent.next_at is not None,
            )
            for row, sent in rows
        ]


def add_target(studio: Studio, actor: Actor | None, kind: TargetKind, address: str) -> Added:
    """Send alarms there from now on. For managers. Raises InputError, Conflict."""
    actor = require(actor, Role.MANAGER)
    address = address.strip()
    if kind is TargetKind.WEBHOOK:
        check_address(address, private=studio.settings.alerts_private)
    elif len(address) > 254 or not _ADDRESS.fullmatch(address):
        raise InputError("An e-mail address looks like name@example.com, got {address}.", address=address[:80])
    elif not studio.settings.smtp_host:
        raise Conflict("No mail server is set: ECOMGAN_SMTP_HOST and ECOMGAN_SMTP_FROM say which one sends e-mails.")
    secret = secrets.token_hex(32) if kind is TargetKind.WEBHOOK else ""
    with studio.writing() as session:
        standing = sa.select(AlertTarget).where(AlertTarget.removed_at.is_(None))
        known = session.scalars(standing).all()
        if any((row.kind, row.address) == (kind, address) for row in known):
            raise Conflict("Alarms are sent to {address} already.", address=address)
        if len(known) >= MOST_TARGETS:
            raise Conflict("Alarms go to {most} addresses at most. Remove one first.", most=MOST_TARGETS)
        row = AlertTarget(kind=kind, address=address, secret=secret, added_by_id=actor.id)
        session.add(row)
        session.flush()
        record(session, actor, "added", "alert_target", row.id, f"Alarms are sent to {_told(row)}.")
        return Added(row.id, secret)


def remove_target(studio: Studio, actor: Actor | None, target_id: int) -> None:
    """Send nothing there any more; what waits to be sent is dropped. For managers. Raises NotFound."""
    actor = require(actor, Role.MANAGER)
    with studio.writing() as session:
        row = _target(session, target_id)
        row.removed_at, row.secret = database_now(session), ""
        waiting = sa.update(AlertDelivery).where(AlertDelivery.target_id == row.id, AlertDelivery.next_at.is_not(None))
        session.execute(waiting.values(next_at=None, error=REMOVED))
        record(session, actor, "removed", "alert_target", row.id, f"Alarms are sent to {_told(row)} no more.")


def try_out(studio: Studio, actor: Actor | None, target_id: int) -> None:
    """Send a message that tries the target out, within seconds. For managers. Raises NotFound."""
    require(actor, Role.MANAGER)
    with studio.writing() as session:
        row = _target(session, target_id)
        session.add(AlertDelivery(target_id=row.id, event=AlertEvent.TEST, next_at=database_now(session)))


def _target(session: Session, target_id: int) -> AlertTarget:
    row = session.get(AlertTarget, target_id)
    if row is None or row.removed_at is not None:
        raise NotFound("Alarms are not sent there any more.")
    return row


def _told(row: AlertTarget) -> str:
    """The address without what may be secret in a webhook's path."""
    if row.kind is TargetKind.EMAIL:
        return row.address
    parts = check_address(row.address, private=True)
    return f"the webhook at {parts.hostname}"
