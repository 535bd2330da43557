"""All scores of one image, declared apart from their code: pages read them without loading it."""

from ecomgan.metrics.scorer import Kind, Scorer
from ecomgan.metrics.scorers_birth import BIRTH
from ecomgan.metrics.scorers_identity import IDENTITY
from ecomgan.metrics.scorers_later import LATER

SCORERS: dict[str, Scorer] = {scorer.key: scorer for scorer in (*BIRTH, *LATER, *IDENTITY)}
"""By key, in the order in which they are shown."""


def keys_of(kind: Kind) -> tuple[str, ...]:
    """Keys of the scores of one kind, in the order of SCORERS."""
    return tuple(key for key, scorer in SCORERS.items() if scorer.kind == kind)
