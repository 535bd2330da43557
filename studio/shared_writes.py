"""Writes that come at the same moment share a transaction, and with it the one wait for the disk."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from studio.errors import StudioError

MOST_SHARED = 24
"""So many writes share a transaction at most: whoever comes while it runs waits for all of them."""

T = TypeVar("T")


@dataclass(frozen=True)
class Write(Generic[T]):
    """One write: what it does, and the row that it locks first, by which all processes keep one order."""

    row: int
    work: Callable[[Session], T]


class _Wish:
    """A write that waits, and what came of it."""

    def __init__(self, write: Write[Any]) -> None:
        self.write = write
        self.done = False
        self.outcome: Any = None  # what the work returned, or the exception that it raised

    def end(self, outcome: Any) -> None:
        self.outcome, self.done = outcome, True


class SharedWrites:
    """Runs writes, those that wait at the same moment in one transaction. Each stands or falls alone: one that is
    refused leaves nothing behind, and what was confirmed is on the disk.

    opens: opens a transaction that is committed when its block ends well. drop_after(session, n): forgets what was to
    be done at the end of the transaction, but for the first n deeds; count(session): how many these are.
    """

    def __init__(
        self, count: Callable[[Session], int], drop_after: Callable[[Session, int], None], most: int = MOST_SHARED
    ) -> None:
        self._waiting: deque[_Wish] = deque()
        self._turn = threading.Lock()
        self._count, self._drop_after, self._most = count, drop_after, most

    @property
    def waiting(self) -> int:
        """How many writes wait for their turn."""
        return len(self._waiting)

    def run(
        self, opens: Callable[[], AbstractContextManager[Session]], writes: Sequence[Write[T]]
    ) -> list[T | Exception]:
        """What each write returned, or the exception that it raised; those of one row in the order given."""
        wishes = [_Wish(write) for write in writes]
        self._waiting.extend(wishes)
        while not all(wish.done for wish in wishes):
            with self._turn:  # whoever has it works for all who wait
                if not all(wish.done for wish in wishes):
                    self._work_off(opens)
        return [wish.outcome for wish in wishes]

    def _work_off(self, opens: Callable[[], AbstractContextManager[Session]]) -> None:
        some = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._most))]
        some.sort(key=lambda wish: wish.write.row)
        try:
            if len(some) == 1 or not self._share(opens, some):
                for wish in some:
                    self._alone(opens, wish)
        except BaseException as error:  # the thread is to end: nobody may wait for it for ever
            for wish in some:
                if not wish.done:
                    wish.end(RuntimeError(f"the write was broken off: {error!r}"))
            raise

    def _share(self, opens: Callable[[], AbstractContextManager[Session]], some: list[_Wish]) -> bool:
        """All in one transaction. False where it broke on a fault of one of them: nothing was written then."""
        outcomes: list[Any] = []
        try:
            with opens() as session:
                outcomes = [self._behind_savepoint(session, wish) for wish in some]
        except StudioError as error:  # the database is busy, or full: so it is for all
            outcomes = [error] * len(some)
        except Exception:
            return False
        for wish, outcome in zip(some, outcomes, strict=True):
            wish.end(outcome)
        return True

    def _behind_savepoint(self, session: Session, wish: _Wish) -> Any:
        before = self._count(session)
        try:
            with session.begin_nested():
                return wish.write.work(session)
        except StudioError as refusal:
            self._drop_after(session, before)
            session.expire_all()
            return refusal

    def _alone(self, opens: Callable[[], AbstractContextManager[Session]], wish: _Wish) -> None:
        try:
            with opens() as session:
                outcome = wish.write.work(session)
        except Exception as error:
            outcome = error
        wish.end(outcome)
