"""Opens the database: one SQLite file, or PostgreSQL by URL."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry


def open_engine(url: str | sa.URL, *, busy_seconds: float = 10.0) -> sa.Engine:
    """An engine for `url`; a missing folder of a SQLite file is made. A write waits `busy_seconds` for a lock.

    SQLite: write-ahead log, foreign keys on. Every transaction begins as a writer (BEGIN IMMEDIATE), since a reader
    that turns writer later is refused at once when another wrote meanwhile; those of `read_only(engine)` begin as
    readers and cannot write.
    """
    url = sa.make_url(url)
    if url.get_backend_name() != "sqlite":
        options = f"-c lock_timeout={round(busy_seconds * 1000)}"  # milliseconds
        return sa.create_engine(url, pool_pre_ping=True, connect_args={"options": options})
    if url.database and not url.database.startswith(":memory:"):
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, connect_args={"timeout": busy_seconds})

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        assert isinstance(connection, sqlite3.Connection)
        connection.isolation_level = None  # the driver's own BEGIN comes too late; ours is below
        connection.execute("PRAGMA journal_mode = WAL")  # synchronous stays FULL: a confirmed decision is on disk
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA recursive_triggers = ON")  # so that INSERT OR REPLACE meets the triggers too

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        reads = connection.get_execution_options().get("sqlite_read_only", False)
        connection.exec_driver_sql(f"PRAGMA query_only = {int(reads)}")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def read_only(engine: sa.Engine) -> sa.Engine:
    """The same engine, whose transactions see one state of the rows from their first query to their last, and cannot
    write.
    """
    if engine.dialect.name == "sqlite":
        return engine.execution_options(sqlite_read_only=True)
    return engine.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")
