"""Cropped product: how much of the frame's edges the product runs into."""

from ecomgan.metrics.product import Product

SIDES = ("top", "right", "bottom", "left")


def contact(product: Product) -> dict[str, float]:
    """Share of each side of the frame that the product touches, in % of its length, by SIDES."""
    mask = product.mask
    edges = {"top": mask[0], "right": mask[:, -1], "bottom": mask[-1], "left": mask[:, 0]}
    return {side: float(100 * edges[side].mean()) for side in SIDES}


def cropped(product: Product) -> float:
    """The largest share of a side that the product touches, in %; 0 where it stands free."""
    return max(contact(product).values())
