"""What decides an image's bytes besides its brief and its model: machine and libraries. Worker only: it loads torch."""

from __future__ import annotations

import platform

import numpy as np
import PIL
import scipy
import torch

from studio.engines.live import choose_device

Surroundings = dict[str, str | int]
"""Name -> value, such as {"torch": "2.13.0", "device": "CPU AVX512", "threads": 2, "batch": 8, ...}."""


def surroundings(batch: int) -> Surroundings:
    """Those of this process, for an engine that makes `batch` images at a time."""
    return {
        "torch": torch.__version__,
        "device": _device(),
        "threads": torch.get_num_threads(),
        "batch": batch,
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "pillow": PIL.__version__,
    }


def _device() -> str:
    device = choose_device()
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)}, CUDA {torch.version.cuda}"
    return f"CPU {platform.machine()}, {torch.backends.cpu.get_cpu_capability()}"
