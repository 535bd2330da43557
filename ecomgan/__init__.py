"""EcomGAN: product images from texts, on a generator that a shop's own catalogue teaches.

The package is lazy: importing `ecomgan.text` loads no torch. `from ecomgan import EcomGANPipeline` loads the rest.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecomgan.pipeline import EcomGANPipeline

__all__ = ["EcomGANPipeline"]


def __getattr__(name: str) -> Any:
    if name == "EcomGANPipeline":
        from ecomgan.pipeline import EcomGANPipeline

        return EcomGANPipeline
    raise AttributeError(f"module 'ecomgan' has no attribute {name!r}")
