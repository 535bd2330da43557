"""Measurements of images.

Of one image, at its birth: `birth_scores`, declared in `SCORERS`. Of sets of images: `kernel_distance`,
`frechet_distance`, `precision_recall`, `variety`; these modules are imported by name. Importing this package loads no
torch: only `features` and `judge` need it.
"""

from ecomgan.metrics.birth import SCORERS, birth_scores
from ecomgan.metrics.scorer import Scorer

__all__ = ["SCORERS", "Scorer", "birth_scores"]
