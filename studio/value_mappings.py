"""The catalogue's words in the model's words: a category path, a colour or a usage, as people confirmed them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import ValueMapping
from studio.briefs import ARTICLE, COLOUR, USAGE

FIELDS = (ARTICLE, COLOUR, USAGE)
"""What is mapped: the category of a product to a kind of article, its colour, its usage."""


def mapping(session: Session, field: str) -> dict[str, str | None]:
    """What people confirmed of one field: word of the catalogue -> value, None where the model has no word for it.

    A value may be new: not in any model's vocabulary yet, to be taught by fine-tuning.
    """
    rows = sa.select(ValueMapping.source, ValueMapping.value).where(
        ValueMapping.field == field, ValueMapping.confirmed_at.is_not(None)
    )
    return dict(session.execute(rows).all())


def mappings(session: Session) -> dict[str, dict[str, str | None]]:
    """What people confirmed, of all fields."""
    return {field: mapping(session, field) for field in FIELDS}
