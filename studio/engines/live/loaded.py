"""The engines that this process holds."""

from __future__ import annotations

import gc
import threading
from collections import OrderedDict, defaultdict

import torch

from studio.bootstrap import Studio
from studio.engines.live.diffusion import DiffusionEngine
from studio.engines.live.engine import Engine
from studio.engines.live.gan import GanEngine
from studio.engines.settings import DIFFUSERS, EngineSettings
from studio.models.in_use import ModelView
from studio.models.registry import local_folder

_KEPT = 2  # checkpoints of this studio in memory: the champion, and one that older briefs still name
_KEPT_LARGE = 1  # diffusers engines


class Engines:
    """The engines of this process, by the digest of their model; those longest unused are let go."""

    def __init__(self, studio: Studio, device: torch.device) -> None:
        self._studio, self._device = studio, device
        self._lock = threading.Lock()
        self._opening: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._loaded: OrderedDict[str, Engine] = OrderedDict()

    def get(self, model: ModelView) -> Engine:
        """The engine of this model version, loaded when it is not; others can be had meanwhile. Raises EngineError."""
        with self._lock:
            opening = self._opening[model.digest]
        with opening:
            with self._lock:
                if model.digest in self._loaded:
                    self._loaded.move_to_end(model.digest)
                    return self._loaded[model.digest]
                if model.engine == DIFFUSERS:  # two large ones at once may not fit
                    self._let_go(DiffusionEngine, _KEPT_LARGE - 1)
            engine = self._open(model)
            with self._lock:
                self._loaded[model.digest] = engine
                self._let_go(GanEngine, _KEPT)
                self._let_go(DiffusionEngine, _KEPT_LARGE)
            return engine

    def holds(self, model: ModelView) -> bool:
        """Whether this model version is loaded."""
        with self._lock:
            return model.digest in self._loaded

    def _open(self, model: ModelView) -> Engine:
        folder = local_folder(self._studio, model)
        if model.engine == DIFFUSERS:
            settings = EngineSettings.from_json(model.settings)
            return DiffusionEngine(model.id, model.name, folder, settings, self._device)
        return GanEngine(model, folder, self._device)

    def _let_go(self, kind: type[Engine], kept: int) -> None:
        of_kind = [digest for digest, engine in self._loaded.items() if isinstance(engine, kind)]
        gone = of_kind[: max(len(of_kind) - kept, 0)]
        for digest in gone:
            del self._loaded[digest]
        if gone:
            gc.collect()
            if self._device.type == "cuda":
                torch.cuda.empty_cache()
