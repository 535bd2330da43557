"""The one place where the studio is put together: settings, database, storage, queue."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.engine import open_engine, read_only
from studio.access.attempts import Attempts
from studio.errors import DatabaseBusy, DiskFull, InputError, StudioError
from studio.images.look_index import LookIndex
from studio.settings import Settings

if TYPE_CHECKING:
    from studio.review.sealing import Notary
    from studio.searching.meanings import Meanings
    from studio.shared_writes import SharedWrites, Write
    from studio.storage import Storage
    from studio.work.queue import Queue

T = TypeVar("T")


@dataclass(frozen=True)
class Studio:
    """All that a use case stands on. Its methods open the only transactions of the application."""

    settings: Settings
    engine: sa.Engine
    storage: Storage
    queue: Queue
    notary: Notary
    shared: SharedWrites
    meanings: Meanings
    attempts: Attempts = field(default_factory=Attempts)
    looks: LookIndex = field(default_factory=LookIndex)
    turn: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction that is committed when the block ends well and rolled back when it raises. Its decisions
        are sealed at its end.

        Raises DatabaseBusy when another writer held the database too long, DiskFull when there is no room.
        """
        opened = Session(self.engine, expire_on_commit=False)
        with self._turn_to_write(), _translated(), opened as session, session.begin():
            yield session
            sealed = self.notary.seal(session)
        if sealed is not None:
            self.notary.tell(sealed)

    def write_each(self, writes: Sequence[Write[T]]) -> list[T | Exception]:
        """What each write returned, or the exception that it raised. Each is as if it had a transaction of its own;
        those that wait at the same moment, here or in other threads, share one and its wait for the disk.
        """
        return self.shared.run(self.writing, writes)

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        """SQLite lets one write at a time, and lets the others ask again every tenth of a second. The threads of this
        process queue up here instead: whoever is next goes on at once.
        """
        if self.engine.dialect.name != "sqlite":
            yield
            return
        if not self.turn.acquire(timeout=self.settings.database_busy_seconds):
            raise DatabaseBusy(_BUSY)
        try:
            yield
        finally:
            self.turn.release()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent view of the rows. A write in it is refused."""
        with _translated(), Session(read_only(self.engine), autoflush=False) as session:
            yield session

    def close(self) -> None:
        """Let go of the database's connections."""
        self.queue.close()
        self.engine.dispose()


def open_studio(settings: Settings) -> Studio:
    """A studio on these settings. The database must have been migrated (`python -m studio migrate`)."""
    from studio.review.sealing import Notary, number_to_seal, seal_only_first
    from studio.searching.meanings import Meanings
    from studio.shared_writes import SharedWrites
    from studio.storage import Storage
    from studio.work.queue import Queue

    return Studio(
        settings=settings,
        engine=open_engine(settings.resolved_database_url, busy_seconds=settings.database_busy_seconds),
        storage=Storage(settings.resolved_assets_url),
        queue=Queue(settings.resolved_database_url),
        notary=Notary(settings.resolved_seal_key, settings.resolved_seal_anchor),
        shared=SharedWrites(number_to_seal, seal_only_first),
        meanings=Meanings(settings.encoder),
    )


@cache
def get_studio() -> Studio:
    """The studio of this process, with the settings of the environment."""
    return open_studio(Settings())


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the faults of the database that people can do something about into errors of the studio."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        refusal = _refusal(error)
        if refusal is None:
            raise
        raise refusal from error
    except OverflowError as error:  # SQLite's driver says it before the database is asked
        if "SQLite INTEGER" not in str(error):
            raise
        raise InputError(_TOO_LARGE) from error


_BUSY = "The database is busy with another write. Nothing was saved; try again in a moment."
_TOO_LARGE = "A number is larger than any that is kept here. Nothing was saved."


def _refusal(error: sa.exc.DBAPIError) -> StudioError | None:
    cause = error.orig
    if isinstance(cause, sqlite3.OperationalError):
        code = cause.sqlite_errorcode & 0xFF  # the primary code, without its extension
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return DatabaseBusy(_BUSY)
        if code == sqlite3.SQLITE_FULL:
            return DiskFull("The disk of the database is full. Nothing was saved; free some space, then try again.")
    sqlstate = getattr(cause, "sqlstate", None)  # PostgreSQL
    if sqlstate in ("40001", "40P01", "55P03"):
        return DatabaseBusy(_BUSY)
    if sqlstate == "22003":
        return InputError(_TOO_LARGE)
    if sqlstate == "53100":
        return DiskFull("The disk of the database is full. Nothing was saved; free some space, then try again.")
    return None
