"""What two models are asked for side by side: what neither was taught with, then the catalogue, then any words."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Product, Training, TrainingPhoto
from ecomgan.text import Vocabulary
from studio.catalogue.value_mappings import mappings
from studio.errors import Conflict
from studio.making.briefs import ARTICLE, COLOUR, USAGE, Attributes, ProductText, attributes_of_product
from studio.models.views import ModelView

_HELD_OUT = ("dev", "validation")
_PRODUCTS_LOOKED_AT = 500
_LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True)
class PairBrief:
    """One brief for both: attributes in words that both know, the same as a text, and the seed."""

    prompt: str
    attributes: Attributes
    seed: int


def pair_briefs(
    session: Session, champion: ModelView, challenger: ModelView, pairs: int, dice: random.Random
) -> list[PairBrief]:
    """`pairs` briefs that both models know all words of, as different as can be. Raises Conflict where no word is
    common to both.
    """
    words = common_words(champion, challenger)
    if not words.get(ARTICLE):
        raise Conflict(f"{champion.name} and {challenger.name} have no kind of product in common to be compared by.")
    found: list[Attributes] = []
    for source in (_held_out(session, challenger), _catalogue(session, words, dice)):
        fresh = [some for some in _different(source, words) if some not in found]
        dice.shuffle(fresh)
        found += fresh[: pairs - len(found)]
    any_words = _any_words(words, dice)
    tries = 0
    while len(found) < pairs:
        some, tries = next(any_words), tries + 1
        if some not in found or tries > 20 * pairs:  # a small vocabulary may not have so many
            found.append(some)
    dice.shuffle(found)
    return [PairBrief(text_of(some), some, dice.randrange(_LARGEST_SEED)) for some in found]


def text_of(attributes: Mapping[str, str]) -> str:
    """The attributes as a text that any engine reads: "Blue Casual Tshirts"."""
    return " ".join(attributes[name] for name in (COLOUR, USAGE, ARTICLE) if name in attributes)


def common_words(one: ModelView, other: ModelView) -> Vocabulary:
    """The words that both models know, in the order of the first; an engine of free texts knows all."""
    if not (one.words and other.words):
        return Vocabulary(one.words or other.words)
    both = {
        name: [value for value in values if value in other.words[name]]
        for name, values in one.words.items()
        if name in other.words
    }
    return Vocabulary(both)


def _held_out(session: Session, challenger: ModelView) -> Iterator[Attributes]:
    query = (
        sa.select(TrainingPhoto.attributes)
        .join(Training, Training.id == TrainingPhoto.training_id)
        .where(Training.model_version_id == challenger.id, TrainingPhoto.split.in_(_HELD_OUT))
        .order_by(TrainingPhoto.photo_id)
    )
    yield from session.scalars(query)


def _catalogue(session: Session, words: Vocabulary, dice: random.Random) -> Iterator[Attributes]:
    ids = list(session.scalars(sa.select(Product.id).order_by(Product.id)))
    some = dice.sample(ids, min(len(ids), _PRODUCTS_LOOKED_AT))
    confirmed = mappings(session)
    for row in session.scalars(sa.select(Product).where(Product.id.in_(some)).order_by(Product.id)):
        text = ProductText(row.title, row.category, row.colour, row.usage)
        yield attributes_of_product(text, {}, words, confirmed) or {}


def _different(source: Iterable[Mapping[str, str | None]], words: Vocabulary) -> list[Attributes]:
    """Each once, without what one of the models does not know; those whose kind it does not know are left out."""
    found: list[Attributes] = []
    for given in source:
        known = {name: value for name, value in given.items() if value and value in words.get(name, ())}
        if ARTICLE in known and known not in found:
            found.append(known)
    return found


def _any_words(words: Vocabulary, dice: random.Random) -> Iterator[Attributes]:
    """Kinds of products in turn, each with any colour."""
    while True:
        for article in words[ARTICLE]:
            colours = words.get(COLOUR, ())
            yield {ARTICLE: article, **({COLOUR: dice.choice(colours)} if colours else {})}
