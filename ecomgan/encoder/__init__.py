"""Product texts and photos in one space: `open_encoder(folder)` gives vectors of both, and how well they fit.

The shipped encoder is small and taught on the catalogue's own photos; any CLIP or SigLIP folder of transformers opens
by the same call. `open_portable(folder)` gives the same vectors without torch, from graphs that `export-encoder` wrote.
Importing this package loads no torch: `open_encoder` does.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecomgan.encoder.dual_encoder import DualEncoder
    from ecomgan.encoder.opening import open_encoder
    from ecomgan.encoder.portable import PortableEncoder, open_portable

__all__ = ["SHIPPED", "DualEncoder", "PortableEncoder", "open_encoder", "open_portable"]

SHIPPED = Path(__file__).resolve().parents[2] / "models" / "encoder"


def __getattr__(name: str) -> Any:
    if name == "open_encoder":
        from ecomgan.encoder.opening import open_encoder

        return open_encoder
    if name == "DualEncoder":
        from ecomgan.encoder.dual_encoder import DualEncoder

        return DualEncoder
    if name in ("PortableEncoder", "open_portable"):
        from ecomgan.encoder import portable

        return getattr(portable, name)
    raise AttributeError(f"module 'ecomgan.encoder' has no attribute {name!r}")
