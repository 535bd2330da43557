"""Fill: how much of the frame the product takes."""

from ecomgan.metrics.product import Product


def fill(product: Product) -> float:
    """Fill in % of the frame; 0 for an empty frame."""
    box = product.box
    return 0.0 if box is None else 100 * max(box.height, box.width)
