"""Loaded checkpoints, ready to make images. Loads torch: only the worker may import this module."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ecomgan import EcomGANPipeline
from ecomgan.errors import EcomGANError
from studio.errors import EngineError
from studio.models import ModelView, folder_digest

_KEPT = 2  # engines in memory: the champion, and one that older briefs still name
_TIMED_BATCHES = 3


@dataclass(frozen=True)
class Wanted:
    """One image to make. `attributes`: field -> value, in the words of the model; what they leave out stays open."""

    attributes: dict[str, str]
    seed: int


class Engine:
    """One checkpoint on one device. `batch` is the number of images it makes at a time; threads take turns.

    Every batch is filled up to the same size, because a network's last bits depend on it: so the same seed gives the
    same bytes, alone or among others.
    """

    def __init__(self, model: ModelView, device: torch.device) -> None:
        """Raises EngineError for a folder that is missing, damaged or of another kind."""
        self.model_id = model.id
        self.batch = 8 if device.type == "cpu" else 32
        self.seconds_per_image = 0.0
        """Of a full batch after warming up; 0 before."""
        self._turn = threading.Lock()
        try:
            self._pipeline = EcomGANPipeline.from_pretrained(model.folder, discriminator=False, device=device)
        except EcomGANError as error:
            raise EngineError(f"The model {model.name} cannot be opened: {error}.") from error
        found = folder_digest(Path(model.folder))
        if found != model.digest:
            raise EngineError(
                f"The folder of model {model.name} holds another version now: {model.folder} has the digest "
                f"{found[:12]}, {model.digest[:12]} was registered. Put that version back, or order anew."
            )

    def warm_up(self, attributes: dict[str, str]) -> None:
        """Make a few images and throw them away, so that the first order is fast; measures the speed."""
        wanted = [Wanted(attributes, seed) for seed in range(self.batch)]
        self.make(wanted)
        start = time.perf_counter()
        for _ in range(_TIMED_BATCHES):
            self.make(wanted)
        self.seconds_per_image = (time.perf_counter() - start) / (_TIMED_BATCHES * self.batch)

    def make(
        self, wanted: Sequence[Wanted], *, truncation: float = 1.0, guidance_scale: float = 1.0
    ) -> npt.NDArray[np.uint8]:
        """One batch of images, uint8 RGB (len(wanted), H, W, 3); `wanted` has 1 to `batch` entries.

        Raises EngineError when the model refuses or fails.
        """
        full = [*wanted, *[wanted[-1]] * (self.batch - len(wanted))]
        try:
            with self._turn:
                output: Any = self._pipeline(
                    [""] * len(full),  # texts were read when they were ordered
                    attributes=[one.attributes for one in full],
                    generator=[torch.Generator().manual_seed(one.seed) for one in full],
                    truncation=truncation,
                    guidance_scale=guidance_scale,
                    output_type="np",
                )
        except (EcomGANError, RuntimeError) as error:
            raise EngineError(f"The model failed while making images: {error}.") from error
        images: npt.NDArray[np.uint8] = output.images[: len(wanted)]
        return images


class Engines:
    """The engines of this process, by the digest of their checkpoint; those longest unused are let go."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._lock = threading.Lock()
        self._loaded: OrderedDict[str, Engine] = OrderedDict()

    def get(self, model: ModelView) -> Engine:
        """The engine of this model version, loaded when it is not. Raises EngineError."""
        with self._lock:
            engine = self._loaded.get(model.digest)
            if engine is None:
                engine = Engine(model, self._device)
                self._loaded[model.digest] = engine
            self._loaded.move_to_end(model.digest)
            while len(self._loaded) > _KEPT:
                self._loaded.popitem(last=False)
            return engine

    def holds(self, model: ModelView) -> bool:
        """Whether this model version is loaded."""
        with self._lock:
            return model.digest in self._loaded


def choose_device() -> torch.device:
    """The first GPU that this process sees, else the CPU."""
    return torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")
