"""How high the detail of an image reaches that was made small and finished large; its size tells only of pixels."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ecomgan.errors import CheckpointError

SHIPPED = Path(__file__).resolve().parents[2] / "models" / "detail"
"""The detail network that the step `detail` works with."""

_FIGURES = "evaluation.json"


def effective_height(made: int, height: int, steps: Sequence[Mapping[str, Any]], network: Path = SHIPPED) -> int | None:
    """The height in pixels, at most `height`, of a photo that holds as much true detail as a finished image.

    made: height of the image as its generator made it; height: that of the finished one; steps: its finishing.
    network: folder of the network that the steps `detail` used; None comes back where it was not measured.

    Measured by `evaluate-detail` on held-out photos that were brought down and damaged as generated images are: a
    result explains half of its photo's power up to some share of the input's height, with the network and without it.
    Enlarging by Lanczos, a second pass, frames and exports do not raise it (docs/experiments.md, D4). In a frame it is
    that of the picture before it was framed.
    """
    shares = _agreeing_shares(network)
    if shares is None:
        return None
    share, tall, most = shares["bicubic"], made, float(height)
    for step in steps:
        factor = step.get("factor", 4)
        if step["step"] == "detail":
            share = shares["finished"]
            most = min(most, tall / 2) if factor == 1 else most  # it is brought down by two first
        if step["step"] in ("detail", "resize"):
            tall *= factor
    return max(1, round(min(share * made, most)))


@cache
def _agreeing_shares(network: Path) -> dict[str, float] | None:
    """Of the input's height, for what was enlarged plainly ("bicubic") and by the network ("finished")."""
    file = network / _FIGURES
    if not file.exists():
        return None
    try:
        found = json.loads(file.read_text(encoding="utf-8"))["degraded"]
        return {name: found[name]["agreeing_height"] / found["input_height"] for name in ("bicubic", "finished")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{file} cannot be read ({error!r}); evaluate-detail --write-card writes it") from error
