"""The scores that every image gets when it is made."""

import numpy as np
import numpy.typing as npt

from ecomgan.metrics import border_whiteness, centring, colour_difference, fill, palette, sharpness
from ecomgan.metrics.blocking import blocking
from ecomgan.metrics.cropped import cropped
from ecomgan.metrics.foreground import find_foreground
from ecomgan.metrics.noise import noise
from ecomgan.metrics.shadow import shadow


def birth_scores(
    image: npt.NDArray[np.uint8], colour: str | None, category_confidence: float | None = None
) -> dict[str, float | None]:
    """Score one image, uint8 RGB (H, W, 3) of at least 16x16; the keys are those of kind "birth", in the order of
    SCORERS.

    `colour` is the name asked for, as the palette spells it (case does not matter). A score is None when there is
    nothing to measure: no product in the frame, no colour asked for, or one without a single Lab value ("Multi").
    `category_confidence` is what a `Ranker` said of the image, which looks at many at once.
    Raises ImageError for an array of another kind.
    """
    found = find_foreground(image)
    product = found.product
    asked = None if colour is None else palette.lab_of(colour)
    return {
        "sharpness": sharpness.sharpness(image, product),
        "noise": noise(image),
        "blocking": blocking(image, product),
        "border_whiteness": border_whiteness.border_whiteness(image),
        "fill": fill.fill(product),
        "centring": centring.centring(product),
        "cropped": cropped(product),
        "shadow": shadow(found),
        "colour_difference": None if asked is None else colour_difference.colour_difference(product, asked),
        "category_confidence": category_confidence,
    }
