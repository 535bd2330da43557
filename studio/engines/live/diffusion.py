"""Text-to-image pipelines of diffusers as engines."""

from __future__ import annotations

import gc
import inspect
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import numpy.typing as npt
import torch
import transformers

from studio.engines.folder import read_engine_folder
from studio.engines.live.engine import Engine, Interrupted, Recipe, Wanted, Watch
from studio.engines.live.placement import (
    check_main_memory,
    choose_dtype,
    choose_offload,
    device_name,
    forget_peak,
    is_out_of_memory,
    memory_in_use,
)
from studio.engines.running import Offload, Running
from studio.engines.settings import EngineSettings
from studio.errors import EngineError, StudioError

_log = logging.getLogger(__name__)
_BATCH_ON_GPU = 4
_TIMED_STEPS = (2, 3)  # the difference is one step, the rest is the same for any number of them
_TIMED_TEXT = "a product photo"

Call = dict[str, Any]


class DiffusionEngine(Engine):
    """One diffusers pipeline on one device, opened from safetensors through a list of classes, without foreign code.

    On a CPU images are made one at a time: together they would take as long. Where memory runs out, batches get
    smaller, then attention is worked out in slices, then the weights wait in main memory; the engine stays that way.
    """

    def __init__(self, model_id: int, name: str, folder: Path, settings: EngineSettings, device: torch.device) -> None:
        """Raises EngineError for a folder that may not or cannot be opened, or that is too large for this machine."""
        self.model_id = model_id
        self.batch = 1 if device.type == "cpu" else _BATCH_ON_GPU
        self.seconds_per_image = 0.0
        self._name, self._settings, self._device = name, settings, device
        self._turn = threading.Lock()
        self._watch: Watch | None = None
        self._sliced = False
        self._memory = 0
        self._dtype = choose_dtype(device, settings)
        before = memory_in_use(device)
        self._pipeline = _open(name, folder, settings, self._dtype)
        parts = self._pipeline.components.items()
        self._modules: dict[str, Any] = {name: part for name, part in parts if isinstance(part, torch.nn.Module)}
        self._dtypes = {name: part.dtype for name, part in self._modules.items()}
        self._watch_modules()
        sizes = [sum(value.nbytes for value in part.parameters()) for part in self._modules.values()]
        self._place(choose_offload(device, sum(sizes), max(sizes)))
        self._held_before = before if device.type == "cpu" else 0

    def warm_up(self) -> None:
        """Make two images of few steps, which tells how long all steps would take; says what memory that took."""
        self.trial()

    def trial(self, go_on: Callable[[], bool] = lambda: True) -> npt.NDArray[np.uint8]:
        """As `warm_up`; returns the last image, which is unfinished and good for nothing but a look at its size."""
        forget_peak(self._device)
        wanted = [Wanted({}, seed, _TIMED_TEXT) for seed in range(self.batch)]
        took: list[float] = []
        for steps in _TIMED_STEPS:
            start = time.perf_counter()
            images = self.make(wanted[: self.batch], Recipe(steps=steps), go_on)
            took.append(time.perf_counter() - start)
        step = max(took[1] - took[0], 0.05 * took[1])  # a busy machine may turn them round
        whole = max(took[0] - _TIMED_STEPS[0] * step, 0.0) + self._settings.steps * step
        self.seconds_per_image = whole / self.batch
        self._memory = max(memory_in_use(self._device) - self._held_before, 0)
        return images

    def make(
        self, wanted: Sequence[Wanted], recipe: Recipe, go_on: Callable[[], bool] = lambda: True
    ) -> npt.NDArray[np.uint8]:
        """`go_on` is asked between the layers of the networks, so that even a step of many seconds can be left."""
        left, made = list(wanted), []
        with self._turn:
            self._watch = Watch(go_on)
            try:
                while left:
                    some, left = left[: self.batch], left[self.batch :]
                    try:
                        made += self._batch(some, recipe)
                    except (StudioError, Interrupted):
                        raise
                    except Exception as error:  # a pipeline may fail in any way
                        if not is_out_of_memory(error):
                            raise EngineError(f"The model {self._name} failed while making images: {error}.") from error
                        reason = str(error)
                    else:
                        continue
                    self._need_less(reason)  # out of the handler: a traceback holds on to the memory
                    left = [*some, *left]
            finally:
                self._watch = None
        return np.stack(made)

    def running(self) -> Running:
        """On what it runs now, and the memory that the trial took."""
        return Running(
            device=device_name(self._device),
            dtype=str(self._dtype).removeprefix("torch."),
            offload=self._offload,
            batch=self.batch,
            sliced=self._sliced,
            memory=self._memory,
        )

    def _batch(self, wanted: Sequence[Wanted], recipe: Recipe) -> list[npt.NDArray[np.uint8]]:
        full = [*wanted, *[wanted[-1]] * (self.batch - len(wanted))]
        call = {
            "prompt": [one.text for one in full],
            # On the CPU, whatever the device: so a seed starts from the same noise everywhere.
            "generator": [torch.Generator().manual_seed(one.seed) for one in full],
            "output_type": "np",
            **self._arguments(recipe),
        }
        try:
            output: Any = self._pipeline(**call)
        except Interrupted:
            self._settle()
            raise
        flagged = getattr(output, "nsfw_content_detected", None)
        if isinstance(flagged, list) and any(flagged[: len(wanted)]):
            seeds = [one.seed for one, bad in zip(wanted, flagged, strict=False) if bad]
            raise EngineError(
                f"The safety check inside the model {self._name} held back the image of seed {seeds[0]}. "
                "Use other words or another seed."
            )
        pixels = np.asarray(output.images[: len(wanted)], dtype=np.float32)  # (n, H, W, 3) in 0..1
        if not np.isfinite(pixels).all():
            raise EngineError(
                f"The model {self._name} made an image that holds no colours (NaN) in {self._dtype}; "
                "its weights may be damaged."
            )
        return list((pixels.clip(0, 1) * 255).round().astype(np.uint8))

    def _arguments(self, recipe: Recipe) -> Call:
        settings = self._settings
        call: Call = {
            "num_inference_steps": recipe.steps or settings.steps,
            "height": recipe.height or settings.height,
            "width": recipe.width or settings.width,
        }
        if settings.guidance_scale is not None:
            guidance = recipe.guidance_scale
            call["guidance_scale"] = settings.guidance_scale if guidance is None else guidance
        # Exactly the size that was asked for, and the text as it stands: it was composed here.
        asked = {"use_resolution_binning": False, "clean_caption": False}
        taken = inspect.signature(type(self._pipeline).__call__).parameters
        return call | {name: value for name, value in asked.items() if name in taken}

    def _watch_modules(self) -> None:
        """Look in before every layer of every network."""

        def look(*_: object) -> None:
            if self._watch is not None:
                self._watch.look()

        for part in self._modules.values():
            for layer in part.modules():
                if next(layer.children(), None) is None:
                    layer.register_forward_pre_hook(look)

    def _place(self, offload: Offload) -> None:
        self._offload = offload
        match offload:
            case "none":
                self._pipeline.to(self._device)
            case "model":
                self._pipeline.enable_model_cpu_offload(device=self._device)
            case _:
                self._pipeline.enable_sequential_cpu_offload(device=self._device)

    def _need_less(self, reason: str) -> None:
        """One measure more against running out of memory. Raises EngineError when none is left."""
        self._settle()
        gc.collect()
        if self._device.type == "cuda":
            torch.cuda.empty_cache()
        if self.batch > 1:
            self.batch //= 2
        elif not self._sliced and hasattr(self._pipeline, "enable_attention_slicing"):
            self._pipeline.enable_attention_slicing()
            self._sliced = True
        elif self._device.type == "cuda" and self._offload != "sequential":
            self._place("model" if self._offload == "none" else "sequential")
        else:
            raise EngineError(
                f"The model {self._name} needs more memory for an image than {device_name(self._device)} has, even "
                "one at a time with all savings on. Order a smaller size, or run a worker on a larger device. "
                f"({reason})"
            )
        _log.warning("model %s ran out of memory (%s); from now on: %s", self._name, reason, self.running())

    def _settle(self) -> None:
        """Put right what a pipeline left in the middle may have changed: some raise the precision of the decoder."""
        for name, part in self._modules.items():
            if part.dtype != self._dtypes[name]:
                part.to(dtype=self._dtypes[name])


def _open(name: str, folder: Path, settings: EngineSettings, dtype: torch.dtype) -> Any:
    """The pipeline in main memory."""
    try:
        found = read_engine_folder(folder)
    except StudioError as error:
        raise EngineError(f"The model {name} cannot be opened: {error.message}") from error
    check_main_memory(name, replace(settings, parameters=found.settings.parameters), dtype)
    class_ = getattr(diffusers, found.settings.pipeline)
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    try:
        pipeline = class_.from_pretrained(
            folder,
            dtype=dtype,
            variant=found.settings.variant or None,
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
        )
    except Exception as error:  # a damaged folder may fail in any way
        raise EngineError(f"The model {name} cannot be opened: {error}.") from error
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
