"""Brings one installation up to date: folders, tables, the seals of decisions, the queue's tables."""

from __future__ import annotations

from sqlalchemy.orm import Session

from db import migrate as schema
from db.engine import open_engine
from studio.review.sealing import Notary
from studio.settings import Settings
from studio.work import queue


def migrate(settings: Settings) -> None:
    """Make what is missing; twice is the same as once. Raises RuntimeError for a database of a newer version.

    Decisions from before they were sealed are sealed now.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.resolved_database_url, busy_seconds=settings.database_busy_seconds)
    schema.upgrade(engine)
    notary = Notary(settings.resolved_seal_key, settings.resolved_seal_anchor)
    with Session(engine) as session, session.begin():
        sealed = notary.begin(session)
    if sealed is not None:
        notary.tell(sealed)
    engine.dispose()
    queue.migrate(settings.resolved_database_url)
