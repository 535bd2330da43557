"""Centring: how far the product sits from the middle of the frame."""

import math

from ecomgan.metrics.product import Product
from ecomgan.metrics.scorer import Scorer

SCORER = Scorer(
    key="centring",
    name="Off centre",
    version=1,
    unit="",
    low=0.0,
    high=1.0,
    better="lower",
    meaning="How far the product's box lies from the middle of the frame; 0 is the middle, 1 a corner.",
    source="Distance between the centres of box and frame, each axis as a share of half the frame, over sqrt(2).",
)


def centring(product: Product) -> float | None:
    """Offset 0..1 of the product's box from the frame's middle; None for an empty frame."""
    box = product.box
    if box is None:
        return None
    down, right = box.top + box.bottom - 1, box.left + box.right - 1
    return math.hypot(down, right) / math.sqrt(2)
