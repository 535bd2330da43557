"""From a brief to the words that an engine of free texts is told, and the words that such a brief is read by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import ModelAlias, ModelVersion
from ecomgan.errors import BriefError
from ecomgan.text import Match, Vocabulary, read_brief
from studio.making.briefs import ARTICLE, COLOUR
from studio.models.aliases import CHAMPION
from studio.models.in_use import vocabulary
from studio.models.views import ECOMGAN, ModelView, model_view

if TYPE_CHECKING:
    from studio.bootstrap import Studio

_CHINESE = re.compile(r"[\u3400-\u9fff]")


def reading_vocabulary(studio: Studio) -> Vocabulary:
    """The words by which briefs of engines without a vocabulary are read: those of the checkpoint of this studio that
    was last in production, else of the newest one; empty while there is none.
    """
    with studio.reading() as session:
        model = _last_taught(session)
    return Vocabulary({}) if model is None else vocabulary(model)


def compose(text: str, attributes: Mapping[str, str], words: Vocabulary, suffix: str) -> str:
    """What an engine is told: the text, with the words that were corrected replaced, what was added in front or behind,
    and `suffix` at the end. Chinese words for known values become English, which more text encoders know.
    """
    try:
        matches = read_brief(text, words).matches
    except BriefError:
        matches = ()
    told, named = text, {match.field for match in matches}
    for match in reversed(list(_apart(matches))):
        wanted = attributes.get(match.field, "")
        if wanted != match.value or _CHINESE.search(match.words):
            # The spaces part words of a script that has none.
            told = f"{told[: match.start]} {wanted} {told[match.end :]}"
    if COLOUR in attributes and COLOUR not in named:
        told = f"{attributes[COLOUR]} {told}"
    added = [value for field, value in attributes.items() if field not in named and field != COLOUR]
    kind_first = sorted(added, key=lambda value: value != attributes.get(ARTICLE))
    parts = [told, *kind_first, suffix]
    return ", ".join(part for part in (" ".join(part.split()).strip(" ,") for part in parts) if part)


def _apart(matches: tuple[Match, ...]) -> Iterator[Match]:
    """The matches that do not lie within another: in "running shoes" the usage lies within the article."""
    end = 0
    for match in sorted(matches, key=lambda one: (one.start, -one.end)):
        if match.start >= end:
            yield match
            end = match.end


def _last_taught(session: Session) -> ModelView | None:
    taught = sa.select(ModelVersion).where(ModelVersion.engine == ECOMGAN)
    in_production = taught.join(ModelAlias, ModelAlias.model_version_id == ModelVersion.id)
    row = session.scalar(in_production.where(ModelAlias.alias == CHAMPION).order_by(ModelAlias.id.desc()).limit(1))
    row = row or session.scalar(taught.order_by(ModelVersion.id.desc()).limit(1))
    return None if row is None else model_view(row)
