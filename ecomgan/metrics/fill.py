"""Fill: how much of the frame the product takes."""

from ecomgan.metrics.product import Product
from ecomgan.metrics.scorer import Scorer

SCORER = Scorer(
    key="fill",
    name="Fill",
    version=1,
    unit="%",
    low=0.0,
    high=100.0,
    better="near",
    target=85.0,
    meaning="How much of the frame's height or width the product spans, whichever is more; channels ask for 75 to 90.",
    source="Larger of box height / frame height and box width / frame width of the product mask. Amazon: at least "
    "85 % of the frame; Google Merchant: 75 to 90 %. A side and not the area, because no frame lets a belt fill "
    "85 % of its area.",
)


def fill(product: Product) -> float:
    """Fill in % of the frame; 0 for an empty frame."""
    box = product.box
    return 0.0 if box is None else 100 * max(box.height, box.width)
