"""Which device, in which number format, and where the weights of a large pipeline lie."""

from __future__ import annotations

import psutil
import torch

from studio.engines.running import Offload
from studio.engines.settings import EngineSettings
from studio.errors import EngineError

_BYTES = {torch.float32: 4, torch.float16: 2, torch.bfloat16: 2}
_SPARE = 1.1  # main memory beyond the weights: what opening them takes
_WORKING_ROOM = 3 << 30  # bytes of device memory for everything but the weights, at sizes of 1024 px


def choose_device() -> torch.device:
    """The first GPU that this process sees, else the CPU."""
    return torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")


def device_name(device: torch.device) -> str:
    """The name that people know a device by."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"


def choose_dtype(device: torch.device, settings: EngineSettings) -> torch.dtype:
    """fp32 on a CPU. On a GPU half precision of the kind that the weights were saved in; bf16 for fp32 weights, since
    its range is theirs; fp16 where the GPU knows no bf16.
    """
    if device.type == "cpu":
        return torch.float32
    if settings.saved_as == "float16" or not torch.cuda.is_bf16_supported():
        return torch.float16
    return torch.bfloat16


def check_main_memory(name: str, settings: EngineSettings, dtype: torch.dtype) -> None:
    """Raise EngineError before the weights would fill the machine's memory, which would take everything down."""
    needed = int(settings.parameters * _BYTES[dtype] * _SPARE)
    free = psutil.virtual_memory().available
    if needed > free:
        raise EngineError(
            f"The model {name} needs {_gigabytes(needed)} of main memory to open, and {_gigabytes(free)} are free on "
            "this machine. Close something, or run a worker on a larger one."
        )


def choose_offload(device: torch.device, weights: int, largest: int) -> Offload:
    """By the free memory of the device, for `weights` bytes in all, the `largest` part of them at once."""
    if device.type == "cpu":
        return "none"
    free, _ = torch.cuda.mem_get_info(device)
    if weights + _WORKING_ROOM <= free:
        return "none"
    return "model" if largest + _WORKING_ROOM <= free else "sequential"


def is_out_of_memory(error: Exception) -> bool:
    """Whether a fault of torch says that memory ran out, on a GPU or a CPU."""
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "allocate memory" in str(error)


def memory_in_use(device: torch.device) -> int:
    """Bytes: on a GPU the most that was taken since `forget_peak`, on a CPU what this process holds now."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    return int(psutil.Process().memory_info().rss)


def forget_peak(device: torch.device) -> None:
    """Begin to measure anew."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
