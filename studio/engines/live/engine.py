"""What every engine can do, whatever made it. Loads torch: only the worker may import this package."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studio.engines.running import Running

_LOOK_SECONDS = 0.2  # how often an engine asks whether to go on


class Interrupted(Exception):
    """The images in the making are no longer wanted."""


@dataclass(frozen=True)
class Wanted:
    """One image to make. `attributes`: field -> value, in the words of the model; what they leave out stays open.
    `text`: what an engine of free texts is told.
    """

    attributes: dict[str, str]
    seed: int
    text: str = ""


@dataclass(frozen=True)
class Recipe:
    """How images are made. `truncation` is for checkpoints of this studio; the last three are for diffusers engines.

    Sizes in pixels. None: as the engine is set up.
    """

    truncation: float = 1.0
    guidance_scale: float | None = None
    steps: int | None = None
    height: int | None = None
    width: int | None = None


class Engine(ABC):
    """One model on one device. `batch` is the number of images it makes at a time; threads take turns.

    Every batch is filled up to the same size, because a network's last bits depend on it: so the same seed gives the
    same bytes, alone or among others.
    """

    model_id: int
    batch: int
    seconds_per_image: float
    """Of a full batch as the engine is set up; 0 before it was measured."""

    @abstractmethod
    def warm_up(self) -> None:
        """Make a few images and throw them away, so that the first order is fast; measures the speed."""

    @abstractmethod
    def make(
        self, wanted: Sequence[Wanted], recipe: Recipe, go_on: Callable[[], bool] = lambda: True
    ) -> npt.NDArray[np.uint8]:
        """Images, uint8 RGB (len(wanted), H, W, 3), for at least one that is wanted.

        Raises EngineError when the model refuses or fails, Interrupted once `go_on` says no.
        """

    @abstractmethod
    def running(self) -> Running:
        """On what it runs, and how."""


class Watch:
    """Asks `go_on` now and then, from wherever an engine looks in."""

    def __init__(self, go_on: Callable[[], bool]) -> None:
        self._go_on = go_on
        self._next = 0.0

    def look(self) -> None:
        """Raises Interrupted once the answer is no."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _LOOK_SECONDS
            if not self._go_on():
                raise Interrupted
