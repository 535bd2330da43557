"""Models ready to make images: checkpoints of this project, and any text-to-image pipeline of diffusers.

Loads torch: only the worker may import this package.
"""

from studio.engines.diffusion import DiffusionEngine
from studio.engines.engine import Engine, Interrupted, Recipe, Wanted
from studio.engines.gan import GanEngine
from studio.engines.loaded import Engines
from studio.engines.placement import choose_device

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
