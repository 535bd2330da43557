"""Checkpoints of this project as engines."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ecomgan import EcomGANPipeline
from ecomgan.errors import EcomGANError
from studio.engines.live.engine import Engine, Interrupted, Recipe, Wanted
from studio.engines.live.placement import device_name
from studio.engines.running import Running
from studio.errors import EngineError
from studio.making.briefs import ARTICLE
from studio.models.in_use import ModelView, vocabulary

_TIMED_BATCHES = 3


class GanEngine(Engine):
    """One checkpoint on one device."""

    def __init__(self, model: ModelView, folder: Path, device: torch.device) -> None:
        """Raises EngineError for a folder that is missing, damaged or of another kind."""
        self.model_id = model.id
        self.batch = 8 if device.type == "cpu" else 32
        self.seconds_per_image = 0.0
        self._device = device
        self._sample = {ARTICLE: vocabulary(model)[ARTICLE][0]}
        self._turn = threading.Lock()
        try:
            self._pipeline = EcomGANPipeline.from_pretrained(folder, discriminator=False, device=device)
        except EcomGANError as error:
            raise EngineError(f"The model {model.name} cannot be opened: {error}.") from error

    def warm_up(self) -> None:
        """Make a few batches of the first thing that it was taught."""
        wanted = [Wanted(self._sample, seed) for seed in range(self.batch)]
        self.make(wanted, Recipe())
        start = time.perf_counter()
        for _ in range(_TIMED_BATCHES):
            self.make(wanted, Recipe())
        self.seconds_per_image = (time.perf_counter() - start) / (_TIMED_BATCHES * self.batch)

    def make(
        self, wanted: Sequence[Wanted], recipe: Recipe, go_on: Callable[[], bool] = lambda: True
    ) -> npt.NDArray[np.uint8]:
        """A batch takes a fraction of a second, so `go_on` is asked before each."""
        made = []
        for start in range(0, len(wanted), self.batch):
            if not go_on():
                raise Interrupted
            made.append(self._batch(wanted[start : start + self.batch], recipe))
        return np.concatenate(made)

    def _batch(self, wanted: Sequence[Wanted], recipe: Recipe) -> npt.NDArray[np.uint8]:
        full = [*wanted, *[wanted[-1]] * (self.batch - len(wanted))]
        # Texts were read when they were ordered: what they say beyond that counts as a condition, no attribute of it.
        unread: dict[str, str | None] = dict.fromkeys(self._pipeline.vocabulary)
        try:
            with self._turn:
                output: Any = self._pipeline(
                    [one.text for one in full],
                    attributes=[unread | dict(one.attributes) for one in full],
                    generator=[torch.Generator().manual_seed(one.seed) for one in full],
                    truncation=recipe.truncation,
                    guidance_scale=1.0 if recipe.guidance_scale is None else recipe.guidance_scale,
                    output_type="np",
                )
        except (EcomGANError, RuntimeError) as error:
            raise EngineError(f"The model failed while making images: {error}.") from error
        images: npt.NDArray[np.uint8] = output.images[: len(wanted)]
        return images

    def running(self) -> Running:
        """The pipeline chooses its number format by the device."""
        dtype = str(self._pipeline.dtype).removeprefix("torch.")
        return Running(device_name(self._device), dtype, batch=self.batch)
