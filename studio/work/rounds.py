"""Work that comes round: each piece by one worker at a time, at its interval, whoever of the workers lives."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from db.clock import database_now
from db.tables import Round
from studio.bootstrap import Studio
from studio.errors import StudioError

_LOOK_SECONDS = 5.0
_GOODBYE_SECONDS = 10.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Duty:
    """One piece of work. It must bear being cut off at any point and being done once more."""

    name: str
    every: dt.timedelta
    work: Callable[[Studio], object]


class Rounds:
    """Does what is due, from a thread of its own; when each was last begun stands in the database."""

    def __init__(self, studio: Studio, duties: Sequence[Duty]) -> None:
        self._studio, self._duties = studio, duties
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._keep_looking, name="rounds", daemon=True)

    def __enter__(self) -> Rounds:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(_GOODBYE_SECONDS)

    def _keep_looking(self) -> None:
        while not self._end.wait(_LOOK_SECONDS):
            for duty in self._duties:
                if not self._end.is_set():
                    do_if_due(self._studio, duty)


def do_if_due(studio: Studio, duty: Duty) -> bool:
    """Do the work if its time has come and no other worker has just taken it; a fault is logged, the next round tries
    again.
    """
    try:
        if not _take(studio, duty):
            return False
        duty.work(studio)
    except (StudioError, sa.exc.SQLAlchemyError, OSError) as error:
        _log.warning("%s did not work this time: %s", duty.name, error)
    except Exception:
        _log.exception("%s failed", duty.name)  # the other duties go on
    return True


def _take(studio: Studio, duty: Duty) -> bool:
    """Whether it is due, and this worker's."""
    with studio.reading() as session:
        last = session.scalar(sa.select(Round.at).where(Round.name == duty.name))
        if last is not None and database_now(session) - last < duty.every:
            return False
    try:
        with studio.writing() as session:
            now = database_now(session)
            if last is None:
                session.add(Round(name=duty.name, at=now))
                return True
            taken = sa.update(Round).where(Round.name == duty.name, Round.at == last).values(at=now)
            return bool(session.execute(taken.returning(Round.name)).all())
    except sa.exc.IntegrityError:  # another worker began its first round at this moment
        return False
