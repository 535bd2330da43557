"""What stops the steps of all workflows of a worker, so that they go on elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Stopped(BaseException):
    """The worker is stopping; the workflow goes on elsewhere. Not an Exception: no body may take it for a failure."""


class Gate:
    """Counts the steps that are running; once closed, holds back every further one until the end."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._running = 0
        self._closed = False
        self._end = threading.Event()

    @contextmanager
    def step(self) -> Iterator[None]:
        """One step that runs. Raises Stopped, once the end is there, where the gate was closed before it began."""
        with self._change:
            closed = self._closed
            self._running += not closed
        if closed:
            # Raising now would record the workflow as failed; it is raised when this is no longer its executor.
            self._end.wait()
            raise Stopped
        try:
            yield
        finally:
            with self._change:
                self._running -= 1
                self._change.notify_all()

    @property
    def closed(self) -> bool:
        """Whether steps are held back."""
        return self._closed

    def close(self, patience_seconds: float) -> bool:
        """Hold back every further step; returns whether those that run ended in time."""
        with self._change:
            self._closed = True
            return self._change.wait_for(lambda: self._running == 0, timeout=patience_seconds)

    def release(self) -> None:
        """The end: what was held back is over."""
        self._end.set()
