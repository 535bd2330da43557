"""The scores that every image gets when it is made."""

import numpy as np
import numpy.typing as npt

from ecomgan.metrics import border_whiteness, centring, colour_difference, fill, palette, sharpness
from ecomgan.metrics.product import find_product


def birth_scores(
    image: npt.NDArray[np.uint8], colour: str | None, category_confidence: float | None = None
) -> dict[str, float | None]:
    """Score one image, uint8 RGB (H, W, 3) of at least 16x16; the keys are those of kind "birth",
    in the order of SCORERS.

    `colour` is the name asked for, as the palette spells it (case does not matter). A score is None when there is
    nothing to measure: no product in the frame, no colour asked for, or one without a single Lab value ("Multi").
    `category_confidence` is what a `Ranker` said of the image, which looks at many at once.
    Raises ImageError for an array of another kind.
    """
    product = find_product(image)
    asked = None if colour is None else palette.lab_of(colour)
    return {
        "sharpness": sharpness.sharpness(image, product),
        "border_whiteness": border_whiteness.border_whiteness(image),
        "fill": fill.fill(product),
        "centring": centring.centring(product),
        "colour_difference": None if asked is None else colour_difference.colour_difference(product, asked),
        "category_confidence": category_confidence,
    }
