"""What every version of a family is asked for with the same seeds, so that their pictures stand side by side."""

from __future__ import annotations

from sqlalchemy.orm import Session

from studio.making.briefs import ARTICLE
from studio.models.licences import lineage

SEEDS = tuple(range(6))
"""One column each, in every picture."""

_FIRST_WORDS = 6
_NEW_WORDS = 4


def showcase(session: Session, model_id: int) -> tuple[str, ...]:
    """The kinds of products in the picture of a version, a row each: those that the first of its family knew best,
    then those that it was taught itself.
    """
    family = lineage(session, model_id)
    first, own = family[-1].vocabulary.get(ARTICLE, []), family[0].vocabulary.get(ARTICLE, [])
    new = [word for word in own if word not in first]
    return (*first[:_FIRST_WORDS], *new[-_NEW_WORDS:])
