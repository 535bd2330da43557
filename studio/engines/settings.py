"""How a diffusers engine runs: the pipelines that are let in, and the steps, guidance and size of each engine."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from studio.errors import InputError

DIFFUSERS = "diffusers"
"""The word for such an engine in `ModelVersion.engine`."""

Dtype = Literal["float32", "float16", "bfloat16"]

STEPS = (1, 150)
GUIDANCE = (0.0, 20.0)
SIZE = (64, 2048)
SIZE_MULTIPLE = 8
DEFAULT_SUFFIX = "product photo on a plain white background"
_LONGEST_SUFFIX = 200


@dataclass(frozen=True)
class PipelineClass:
    """What a diffusers class is asked with where nobody says otherwise; guidance None: it takes none."""

    steps: int
    guidance_scale: float | None


PIPELINES: Mapping[str, PipelineClass] = {
    "AuraFlowPipeline": PipelineClass(50, 3.5),
    "ChromaPipeline": PipelineClass(35, 5.0),
    "CogView3PlusPipeline": PipelineClass(50, 5.0),
    "CogView4Pipeline": PipelineClass(50, 5.0),
    "FluxPipeline": PipelineClass(28, 3.5),
    "HunyuanDiTPipeline": PipelineClass(50, 5.0),
    "Kandinsky3Pipeline": PipelineClass(25, 3.0),
    "LatentConsistencyModelPipeline": PipelineClass(4, 8.5),
    "Lumina2Pipeline": PipelineClass(30, 4.0),
    "LuminaPipeline": PipelineClass(30, 4.0),
    "PixArtAlphaPipeline": PipelineClass(20, 4.5),
    "PixArtSigmaPipeline": PipelineClass(20, 4.5),
    "QwenImagePipeline": PipelineClass(50, None),
    "SanaPipeline": PipelineClass(20, 4.5),
    "StableDiffusion3Pipeline": PipelineClass(28, 7.0),
    "StableDiffusionPipeline": PipelineClass(50, 7.5),
    "StableDiffusionXLPipeline": PipelineClass(50, 5.0),
    "ZImagePipeline": PipelineClass(50, 5.0),
}
"""The text-to-image classes of diffusers that make an image from a text alone, with the defaults of their calls."""


@dataclass(frozen=True)
class EngineSettings:
    """One engine's settings, kept with its model version. Sizes in pixels; guidance None: the pipeline takes none.

    suffix: words that follow every text. saved_as: how the weights lie in the files; parameters: their number.
    variant: "fp16" where the files are named so. Raises InputError for what no such pipeline can do.
    """

    pipeline: str
    steps: int
    guidance_scale: float | None
    height: int
    width: int
    suffix: str = DEFAULT_SUFFIX
    saved_as: Dtype = "float32"
    variant: str = ""
    parameters: int = 0

    def __post_init__(self) -> None:
        if self.pipeline not in PIPELINES:
            raise InputError(f"{self.pipeline} is no text-to-image pipeline that is let in here.")
        if len(self.suffix) > _LONGEST_SUFFIX:
            raise InputError(
                f"The words that follow every text are at most {_LONGEST_SUFFIX} letters, got {len(self.suffix)}."
            )
        check_run(self.steps, self.guidance_scale, self.height, self.width)

    def as_json(self) -> dict[str, Any]:
        """As `ModelVersion.settings` keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, settings: Mapping[str, Any]) -> EngineSettings:
        """Read what `as_json` wrote; keys of other parts are passed over."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in settings.items() if name in known})


def check_run(steps: int, guidance_scale: float | None, height: int, width: int) -> None:
    """Raise InputError for steps, guidance or a size (pixels) that no engine of this kind takes."""
    if not STEPS[0] <= steps <= STEPS[1]:
        raise InputError(f"Steps are a whole number from {STEPS[0]} to {STEPS[1]}, got {steps}.")
    low, high = GUIDANCE
    if guidance_scale is not None and not (math.isfinite(guidance_scale) and low <= guidance_scale <= high):
        raise InputError(f"Guidance is a number from {low:g} to {high:g}, got {guidance_scale:g}.")
    for name, value in (("height", height), ("width", width)):
        if not SIZE[0] <= value <= SIZE[1] or value % SIZE_MULTIPLE:
            raise InputError(
                f"The {name} is a multiple of {SIZE_MULTIPLE} from {SIZE[0]} to {SIZE[1]} pixels, got {value}."
            )


def work_of(settings: Mapping[str, Any]) -> float:
    """How much one image of a brief is to make, in steps x megapixels; 1 for a brief without such settings."""
    if "steps" not in settings:
        return 1.0
    return float(settings["steps"] * settings["height"] * settings["width"]) / 1e6
