"""How a worker tells that it lives. Who is silent for too long counts as dead."""

from __future__ import annotations

import datetime as dt
import logging
import threading

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.clock import database_now
from db.tables import WorkerHeartbeat, utc_now
from studio.bootstrap import Studio
from studio.errors import StudioError

HEARTBEAT_SECONDS = 2.0
GONE_AFTER = dt.timedelta(seconds=20)
"""A worker that has not reported in for so long is taken for dead, and others take its jobs over.

Longer than a report may wait for a busy database twice, and short enough for jobs to go on within 30 s of a death.
"""

_log = logging.getLogger(__name__)


def alive_workers(session: Session) -> set[str]:
    """The names of the workers that reported in lately."""
    fresh = WorkerHeartbeat.beat_at > database_now(session) - GONE_AFTER
    return set(session.scalars(sa.select(WorkerHeartbeat.worker).where(fresh)))


class Heartbeat:
    """Reports this worker every two seconds from a thread of its own; takes the report back when left in order."""

    def __init__(self, studio: Studio, name: str, device: str) -> None:
        self._studio, self._name, self._device = studio, name, device
        self._started_at = utc_now()
        self._ready = False
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._keep_beating, name="heartbeat", daemon=True)

    @property
    def ready(self) -> bool:
        """Whether orders are worked on at once."""
        return self._ready

    @ready.setter
    def ready(self, value: bool) -> None:
        changed, self._ready = value != self._ready, value
        if changed:
            self._beat()

    def __enter__(self) -> Heartbeat:
        self._beat()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()
        with self._studio.writing() as session:
            session.execute(sa.delete(WorkerHeartbeat).where(WorkerHeartbeat.worker == self._name))

    def _keep_beating(self) -> None:
        while not self._end.wait(HEARTBEAT_SECONDS):
            self._beat()

    def _beat(self) -> None:
        try:
            with self._studio.writing() as session:
                row = WorkerHeartbeat(
                    worker=self._name,
                    device=self._device[:80],
                    ready=self._ready,
                    started_at=self._started_at,
                    beat_at=database_now(session),
                )
                session.merge(row)
        except (StudioError, sa.exc.SQLAlchemyError) as error:
            _log.warning("this worker could not report in: %s", error)
