"""From words and products to what a model understands: attributes, each with a value that it was taught."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from ecomgan.errors import BriefError
from ecomgan.text import Match, Reading, Vocabulary, read_brief
from studio.errors import InputError

ARTICLE, COLOUR, USAGE = "article_type", "colour", "usage"
UNCATEGORISED = "Uncategorised"
"""The category of an image whose text names no kind of product that is known here."""

Attributes = dict[str, str]

Confirmed = Mapping[str, Mapping[str, str | None]]
"""field -> word of the catalogue (a category path, a colour, a usage) -> the model's word for it, as a person confirmed
it. None: the model has no word for this."""


@dataclass(frozen=True)
class ProductText:
    """What a product says of itself. `category` is a path such as "Apparel > Topwear > Tshirts"."""

    title: str
    category: str
    colour: str | None
    usage: str | None


def read_text(text: str, vocabulary: Vocabulary) -> Reading:
    """What the model understands of a free text. Raises InputError for one that is empty, too long or no text."""
    if not text.strip():
        raise InputError("Say what to make, for example: red dress, mens black formal shoes, 白色运动鞋.")
    try:
        return read_brief(text, vocabulary)
    except BriefError as error:
        raise InputError(f"This text cannot be read: {error}.") from error


def attributes_of_text(
    text: str, overrides: Mapping[str, str], vocabulary: Vocabulary, *, free: bool = False
) -> Attributes:
    """The attributes that a text names, with the corrections of `overrides` on top.

    Raises InputError with suggestions when no kind of product is named: nothing is guessed. Not for engines that make
    anything (`free`).
    """
    reading = read_text(text, vocabulary)
    attributes = _corrected(reading.attributes, overrides)
    if ARTICLE not in attributes and not free:
        offered = reading.suggestions or vocabulary[ARTICLE][:5]
        heard = f" It names only {', '.join(attributes.values())}." if attributes else ""
        raise InputError(
            f"“{_short(text)}” names no kind of product that this model knows.{heard} "
            f"Did you mean one of these: {', '.join(offered)}?"
        )
    return attributes


def attributes_of_product(
    product: ProductText,
    overrides: Mapping[str, str],
    vocabulary: Vocabulary,
    confirmed: Confirmed | None = None,
    *,
    new_words: bool = False,
) -> Attributes | None:
    """The attributes of a product by its own fields, `overrides` on top; None when the model knows no such thing.

    What a person confirmed comes first. Else the kind of product comes from the end of the category path; where that
    is general ("Shoes") or unknown, the title may say it. Misspellings are not guessed at: a catalogue of other things
    must not turn into ours. new_words: confirmed words that the model is still to be taught count too.
    """
    attributes: Attributes = {}
    settled = _settled(product, vocabulary, confirmed or {}, new_words=new_words)
    article = settled[ARTICLE] if ARTICLE in settled else _article(product, vocabulary)
    if article:
        attributes[ARTICLE] = article
    for field, text in ((COLOUR, product.colour), (USAGE, product.usage)):
        value = settled[field] if field in settled else values_named(text or product.title, vocabulary).get(field)
        if value:
            attributes[field] = value
    attributes = _corrected(attributes, overrides)
    return attributes if ARTICLE in attributes else None


def _settled(
    product: ProductText, vocabulary: Vocabulary, confirmed: Confirmed, *, new_words: bool
) -> dict[str, str | None]:
    """What people confirmed of this product's words; without `new_words`, only what the model can act on."""
    found: dict[str, str | None] = {}
    for field, text in ((ARTICLE, product.category), (COLOUR, product.colour), (USAGE, product.usage)):
        known = confirmed.get(field, {})
        if text is not None and text in known:
            value = known[text]
            if value is None or new_words or value in vocabulary.get(field, ()):
                found[field] = value
    return found


def check_overrides(overrides: Mapping[str, str], vocabulary: Vocabulary) -> None:
    """Raise InputError for a field or value that the model was not taught; an empty value means "leave it open"."""
    for field, value in overrides.items():
        if field not in vocabulary:
            raise InputError(f"This model knows no attribute {field!r}; it knows {', '.join(vocabulary)}.")
        if value and value not in vocabulary[field]:
            nearest = ", ".join(vocabulary.nearest(field, value))
            raise InputError(
                f"This model knows no {field.replace('_', ' ')} {value!r}. The nearest it knows: {nearest}."
            )


def _corrected(attributes: Mapping[str, str], overrides: Mapping[str, str]) -> Attributes:
    return {field: value for field, value in {**attributes, **overrides}.items() if value}


def _article(product: ProductText, vocabulary: Vocabulary) -> str | None:
    category, title = product.category.split(">")[-1].strip(), product.title
    if category in vocabulary[ARTICLE]:
        return category
    named, general = articles_named(category, vocabulary)
    return named or articles_named(title, vocabulary)[0] or general


@lru_cache(maxsize=16_384)
def articles_named(text: str, vocabulary: Vocabulary) -> tuple[str | None, str | None]:
    """The kind of product that a text names plainly, and the one that it names by a general word."""
    for match in _matches(text, vocabulary):
        if match.field == ARTICLE:
            return (match.value, None) if match.score == 1 else (None, match.value)
    return None, None


@lru_cache(maxsize=16_384)
def values_named(text: str, vocabulary: Vocabulary) -> Mapping[str, str]:
    """Field -> the value that a text names, in whatever wording but a misspelt one."""
    return {match.field: match.value for match in _matches(text, vocabulary)}


def _matches(text: str, vocabulary: Vocabulary) -> list[Match]:
    try:
        return [match for match in read_brief(text, vocabulary).matches if match.how != "fuzzy"]
    except BriefError:
        return []  # an odd field of a product is no reason to refuse it: another field may say the same


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"
