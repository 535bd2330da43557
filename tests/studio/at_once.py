"""The steps of a job, run here and now, as the queue would run them in a worker."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from studio.errors import StudioError
from studio.work.queue import StepFailed


class AtOnce:
    """Runs each step at once; `before` may look at its name, and raise."""

    stopping = False

    def __init__(self, before: Callable[[str], object] = lambda name: None) -> None:
        self._before = before

    def run(self, name: str, function: Callable[..., Any], *args: Any) -> Any:
        self._before(name)
        try:
            return json.loads(json.dumps(function(*args)))
        except StudioError as error:
            raise StepFailed(error.message) from error
