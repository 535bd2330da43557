"""The colours that have names, each with one CIELAB value.

The values in `palette.json` were measured with `measure` on the train split of the Fashion Product Images (Small)
set, so that "Blue" means what this shop's photos of blue products show, not the pure blue of a screen; `photos` tells
how many photos stand behind a value. Names that are no single colour have none.
"""

import functools
import json
from collections.abc import Sequence
from importlib import resources

import numpy as np
import numpy.typing as npt
from skimage.color import deltaE_ciede2000

from ecomgan.metrics.colour_difference import MATCHING_SHARE, product_pixels
from ecomgan.metrics.product import find_product

Lab = tuple[float, float, float]

NOT_ONE_COLOUR = frozenset({"Multi", "Metallic"})
_PIXELS_PER_PHOTO = 128
_ROUNDS = 4


def lab_of(name: str) -> Lab | None:
    """CIELAB (D65, L 0..100) of the colour called `name`, in any case; None if it has no single value here."""
    return _by_folded_name().get(name.casefold())


def names() -> list[str]:
    """All colours that have a Lab value, in alphabetical order."""
    return sorted(_table())


@functools.cache
def _table() -> dict[str, Lab]:
    content = json.loads(resources.files("ecomgan.metrics").joinpath("palette.json").read_text(encoding="utf-8"))
    return {name: (entry["lab"][0], entry["lab"][1], entry["lab"][2]) for name, entry in content["colours"].items()}


@functools.cache
def _by_folded_name() -> dict[str, Lab]:
    return {name.casefold(): lab for name, lab in _table().items()}


def measure(images: Sequence[npt.NDArray[np.uint8]], colours: Sequence[str]) -> dict[str, tuple[Lab, int]]:
    """Measure a palette on photos: colour name -> (Lab, number of photos).

    A name's value starts as the median over all its photos' product pixels, then is moved a few times to the median
    of each photo's best-matching 30 %, the part that `colour_difference` looks at: skin, soles and dials drop out.
    """
    samples: dict[str, list[npt.NDArray[np.float64]]] = {}
    draw = np.random.default_rng(0)
    for image, colour in zip(images, colours, strict=True):
        pixels = product_pixels(find_product(image))
        if colour not in NOT_ONE_COLOUR and pixels is not None:
            lab, weights = pixels
            samples.setdefault(colour, []).append(lab[draw.choice(len(lab), _PIXELS_PER_PHOTO, p=weights)])
    return {name: (_main_colour(np.stack(pixels)), len(pixels)) for name, pixels in sorted(samples.items())}


def _main_colour(pixels: npt.NDArray[np.float64]) -> Lab:
    """Main Lab colour of photos given by samples of their pixels, (photos, pixels, 3)."""
    centre = np.median(np.median(pixels, axis=1), axis=0)
    matching = round(MATCHING_SHARE * pixels.shape[1])
    for _ in range(_ROUNDS):
        nearest = np.argsort(deltaE_ciede2000(pixels, centre[None, None]), axis=1)[:, :matching, None]
        centre = np.median(np.take_along_axis(pixels, nearest, axis=1).mean(axis=1), axis=0)
    lightness, a, b = (round(float(value), 1) for value in centre)
    return lightness, a, b
