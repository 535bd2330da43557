"""Brings one installation up to date: folders, tables, the queue's tables, the shipped model."""

from __future__ import annotations

from db import migrate as schema
from db.engine import open_engine
from studio.settings import Settings
from studio.work import queue


def migrate(settings: Settings) -> None:
    """Make what is missing; twice is the same as once. Raises RuntimeError for a database of a newer version."""
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.resolved_database_url, busy_seconds=settings.database_busy_seconds)
    schema.upgrade(engine)
    engine.dispose()
    queue.migrate(settings.resolved_database_url)
