"""Centring: how far the product sits from the middle of the frame."""

import math

from ecomgan.metrics.product import Product


def centring(product: Product) -> float | None:
    """Offset 0..1 of the product's box from the frame's middle; None for an empty frame."""
    box = product.box
    if box is None:
        return None
    down, right = box.top + box.bottom - 1, box.left + box.right - 1
    return math.hypot(down, right) / math.sqrt(2)
