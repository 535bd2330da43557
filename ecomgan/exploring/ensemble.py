"""Several checkpoints as one, by the mean of what they make; `ecomgan average` takes that of their weights instead."""

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor

from ecomgan.errors import RequestError
from ecomgan.pipeline import EcomGANPipeline


def averaged_outputs(
    pipes: Sequence[EcomGANPipeline],
    prompt: str | Sequence[str],
    generator: torch.Generator | Sequence[torch.Generator],
    **asked: Any,
) -> Tensor:
    """The mean over checkpoints of the images of the same texts and seeds, float (N, 3, H, W) in [0, 1].

    asked: further arguments of a pipeline's call. What the checkpoints do not agree on becomes blurred: it serves runs
    that began at one taught checkpoint, and costs as many times the work as there are. Raises RequestError for fewer
    than two checkpoints, or images of different sizes.
    """
    if len(pipes) < 2:
        raise RequestError(f"{len(pipes)} checkpoint to average; at least 2 were expected")
    sizes = sorted({pipe.image_shape for pipe in pipes})
    if len(sizes) > 1:
        raise RequestError(f"the checkpoints make images of {sizes} (height, width); one size was expected")
    made = [cast(Tensor, pipe(prompt, generator=generator, output_type="pt", **asked).images) for pipe in pipes]
    return torch.stack(made).mean(dim=0)
