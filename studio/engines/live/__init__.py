"""Models ready to make images: checkpoints of this project, and any text-to-image pipeline of diffusers.

Loads torch: only the worker may import this package.
"""

from studio.engines.live.diffusion import DiffusionEngine
from studio.engines.live.engine import Engine, Interrupted, Recipe, Wanted
from studio.engines.live.gan import GanEngine
from studio.engines.live.loaded import Engines
from studio.engines.live.placement import choose_device

__all__ = [
    "DiffusionEngine",
    "Engine",
    "Engines",
    "GanEngine",
    "Interrupted",
    "Recipe",
    "Wanted",
    "choose_device",
]
