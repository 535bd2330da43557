"""The steps by name, from JSON to a finished image."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, get_type_hints, overload

import numpy as np
import numpy.typing as npt
from PIL import Image

from ecomgan.errors import FinishingError
from ecomgan.finishing.detail import Detail
from ecomgan.finishing.pad import Pad
from ecomgan.finishing.reframe import Reframe
from ecomgan.finishing.resize import Resize
from ecomgan.finishing.sharpen import Sharpen
from ecomgan.finishing.white_background import WhiteBackground
from ecomgan.metrics.product import check_image

Picture = npt.NDArray[np.uint8]


class Step(Protocol):
    """One finishing step with its parameters set: maps uint8 RGB (H, W, 3) to the same kind, in any size."""

    def __call__(self, image: Picture) -> Picture: ...


STEPS: dict[str, type[WhiteBackground] | type[Sharpen] | type[Detail] | type[Resize] | type[Pad] | type[Reframe]] = {
    "white_background": WhiteBackground,
    "sharpen": Sharpen,
    "detail": Detail,
    "resize": Resize,
    "pad": Pad,
    "reframe": Reframe,
}


def parse_steps(steps: Sequence[Mapping[str, Any]]) -> list[Step]:
    """Check steps as a brief holds them (see the package); raises FinishingError for the first that is not right."""
    return [_parse(position, step) for position, step in enumerate(steps, start=1)]


@overload
def apply(image: Image.Image, steps: Sequence[Mapping[str, Any]]) -> Image.Image: ...
@overload
def apply(image: Picture, steps: Sequence[Mapping[str, Any]]) -> Picture: ...
def apply(image: Picture | Image.Image, steps: Sequence[Mapping[str, Any]]) -> Picture | Image.Image:
    """Do `steps` in their order on one image and give back the same kind: uint8 RGB (H, W, 3) or a Pillow image.

    All steps are checked before the first is done. Raises FinishingError for a step that does not exist, has a wrong
    parameter or cannot be done on this image, ImageError for an array of another kind.
    """
    parsed = parse_steps(steps)
    picture = np.asarray(image.convert("RGB")) if isinstance(image, Image.Image) else image
    check_image(picture)
    for step in parsed:
        picture = step(picture)
    return Image.fromarray(picture) if isinstance(image, Image.Image) else picture


def _parse(position: int, step: Mapping[str, Any]) -> Step:
    if not isinstance(step, Mapping) or "step" not in step:
        raise FinishingError(f'finishing step {position} must be an object such as {{"step": "resize"}}; got {step!r}')
    name = step["step"]
    if not isinstance(name, str) or name not in STEPS:
        raise FinishingError(f"finishing step {position}: unknown step {name!r}; allowed are {', '.join(STEPS)}")
    kind = STEPS[name]
    given = {key: value for key, value in step.items() if key != "step"}
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for unknown in given.keys() - fields.keys():
        allowed = f"it takes {', '.join(fields)}" if fields else "it takes none"
        raise FinishingError(f"finishing step {position} ({name}): unknown parameter {unknown!r}; {allowed}")
    missing = [key for key, field in fields.items() if field.default is dataclasses.MISSING and key not in given]
    if missing:
        raise FinishingError(f"finishing step {position} ({name}): parameter {', '.join(missing)} is missing")
    hints = get_type_hints(kind)
    for key, value in given.items():
        wanted = (int,) if hints[key] is int else (int, float)
        if isinstance(value, bool) or not isinstance(value, wanted):
            called = "a whole number" if hints[key] is int else "a number"
            raise FinishingError(f"finishing step {position} ({name}): {key} must be {called}; got {value!r}")
    return kind(**given)
