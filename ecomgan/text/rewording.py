"""The text that a text encoder is to read for a brief: what was typed, as far as nothing beats it."""

import unicodedata
from collections.abc import Mapping

from ecomgan.text.reading import Reading

_PHRASE = ("usage", "colour", "article_type")


def reworded(text: str, reading: Reading, attributes: Mapping[str, str]) -> str:
    """`text` with what `attributes` say in the place of what it says of the same fields.

    "black running shoes" with the colour Red is "Red running shoes"; a field that the text names and `attributes` do
    not is taken out. Encoders of ours know Latin letters: a text in another script becomes a phrase of its attributes.
    """
    if not _is_latin(text):
        return " ".join(attributes[field] for field in _PHRASE if field in attributes)
    first_touched = len(text)
    for match in sorted(reading.matches, key=lambda match: match.start, reverse=True):
        wanted = attributes.get(match.field)
        if wanted != match.value and match.end <= first_touched:
            text = f"{text[: match.start]}{wanted or ''}{text[match.end :]}"
            first_touched = match.start
    return " ".join(text.split())


def _is_latin(text: str) -> bool:
    return all(unicodedata.name(c, "").startswith("LATIN") for c in text if c.isalpha())
