"""Product texts and photos in one space: `open_encoder(folder)` gives vectors of both, and how well they fit.

The shipped encoder is small and taught on the catalogue's own photos; any CLIP or SigLIP folder of transformers opens
by the same call. `open_portable(folder)` gives the same vectors without torch, from graphs that `export-encoder` wrote.
Importing this package loads no torch: `open_encoder` does.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecomgan.encoder.dual_encoder import DualEncoder
    from ecomgan.encoder.opening import open_encoder
    from ecomgan.encoder.portable import PortableEncoder, open_portable

__all__ = ["SHIPPED", "DualEncoder", "PortableEncoder", "open_encoder", "open_portable"]

SHIPPED = Path(__file__).resolve().parents[2] / "models" / "encoder"


_HOMES = {
    "DualEncoder": "dual_encoder",
    "open_encoder": "opening",
    "PortableEncoder": "portable",
    "open_portable": "portable",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
