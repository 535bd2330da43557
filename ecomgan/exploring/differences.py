"""What each attribute of a brief does to its image: the same seed again without it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from ecomgan.asking import Attributes
from ecomgan.pipeline import EcomGANPipeline

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Difference:
    """An image uint8 (H, W, 3) made without one attribute. change: mean absolute difference of its pixels to the whole
    brief's, 0 to 255; picture: uint8 (H, W), where it differs, white for the most of all attributes.
    """

    without: str
    value: str
    image: Pixels
    change: float
    picture: Pixels


def differences(
    pipe: EcomGANPipeline, prompt: str, attributes: Attributes | None = None, seed: int = 0
) -> tuple[Pixels, list[Difference]]:
    """The image of a brief, and what it looks like without each of its attributes, the strongest first.

    A brief of one attribute has nothing that could be left out. Raises as a call of the pipeline does.
    """
    named = pipe.read(prompt, attributes)
    whole: dict[str, str | None] = {name: named.get(name) for name in pipe.vocabulary}
    left_out = list(named) if len(named) > 1 else []
    asked = [whole, *(whole | {name: None} for name in left_out)]
    generators = [torch.Generator().manual_seed(seed) for _ in asked]
    images: Pixels = np.asarray(pipe([prompt] * len(asked), asked, generator=generators, output_type="np").images)
    apart = np.abs(images[1:].astype(np.int16) - images[0]).astype(np.float64).mean(axis=3)
    brightest = max(float(apart.max(initial=0.0)), 1.0)
    found = [
        Difference(
            without=name,
            value=named[name],
            image=image,
            change=float(map_.mean()),
            picture=(map_ * (255 / brightest)).round().astype(np.uint8),
        )
        for name, image, map_ in zip(left_out, images[1:], apart, strict=True)
    ]
    return images[0], sorted(found, key=lambda one: -one.change)
