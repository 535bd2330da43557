"""`state.json` of a run folder: how far a training is, for whoever looks at it from outside."""

import json
import time
from pathlib import Path
from typing import Any

from ecomgan.data.prepared import PreparedSet
from ecomgan.training.config import TrainConfig
from ecomgan.training.state import TrainState
from ecomgan.training.watch import End

STATE_FILE = "state.json"

_EVERY_SECONDS = 1.0


class Progress:
    """Writes the state about once a second, whole or not at all.

    held_out: the photos that figures are measured on, or None.
    """

    def __init__(self, folder: Path, config: TrainConfig, state: TrainState, held_out: PreparedSet | None) -> None:
        self._file = folder / STATE_FILE
        self._config = config
        self._held_out = held_out
        self._started, self._images_before = time.monotonic(), state.counters.images
        self._written = 0.0

    def tell(self, state: TrainState) -> None:
        """Write unless that was done a moment ago."""
        if time.monotonic() - self._written >= _EVERY_SECONDS:
            self.write(state, None)

    def write(self, state: TrainState, ended: End | None) -> None:
        """Write now. ended: why training is over, None while it goes on."""
        images = state.counters.images
        if images == self._images_before:
            self._started = time.monotonic()  # looking at the base first is not training
        speed = (images - self._images_before) / max(time.monotonic() - self._started, 1e-9)
        left = max(self._config.images - images, 0)
        described: dict[str, Any] = {
            "images": images,
            "target": self._config.images,
            "images_per_second": round(speed, 2),
            "seconds_left": 0.0 if ended else round(left / speed, 1) if speed else None,
            "best_images": state.watch.best_images,
            "alarm": state.watch.alarm(self._config),
            "ended": ended,
            "held_out_split": self._held_out and self._held_out.columns["split"][0],
            "held_out_photos": len(self._held_out or ()),
        }
        partial = self._file.with_suffix(".partial")
        partial.write_text(json.dumps(described), encoding="utf-8")
        partial.replace(self._file)
        self._written = time.monotonic()
