"""Shadow: how much the product darkens the backdrop around it."""

from ecomgan.metrics.foreground import Foreground


def shadow(found: Foreground) -> float | None:
    """Darkening of the backdrop by the product's soft shadow: L* summed over it, by the product's area; None without a
    product."""
    area = int(found.product.mask.sum())
    return float(found.shade.sum() / area) if area else None
