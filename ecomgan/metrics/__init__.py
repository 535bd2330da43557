"""Measurements of images.

Of one image, declared in `SCORERS`: at its birth `birth_scores`; by a job `later.LaterScores`, where a real photo is
known also against that photo. Of sets of images: `kernel_distance`, `frechet_distance`, `precision_recall`, `variety`;
these modules are imported by name. Importing this package loads neither torch nor scipy, so that pages may read the
declarations: only `birth_scores` needs scipy, only `later`, `features` and `judge` torch.
"""

from typing import TYPE_CHECKING, Any

from ecomgan.metrics.scorer import Scorer
from ecomgan.metrics.scorers import SCORERS, keys_of

if TYPE_CHECKING:
    from ecomgan.metrics.birth import birth_scores

__all__ = ["SCORERS", "Scorer", "birth_scores", "keys_of"]


def __getattr__(name: str) -> Any:
    if name == "birth_scores":
        from ecomgan.metrics.birth import birth_scores

        return birth_scores
    raise AttributeError(f"module 'ecomgan.metrics' has no attribute {name!r}")
