"""What is asked of a checkpoint, held against what it knows: texts, attributes and numbers of a call."""

from collections.abc import Mapping, Sequence
from numbers import Integral, Real

from ecomgan.errors import BriefError, ConditionError, RequestError
from ecomgan.text import Vocabulary, read_brief

Attributes = Mapping[str, str | None]
"""Field -> value; None drops what the text says of it."""

_HIGHEST_GUIDANCE = 5.0


def asked_for(vocabulary: Vocabulary, text: str, attributes: Attributes | None = None) -> dict[str, str]:
    """The attributes that a text and a table ask for together; the table beats the text key by key.

    Raises BriefError where nothing known is named, ConditionError for an unknown attribute or value.
    """
    given = dict(attributes or {})
    for name, value in given.items():
        _check_attribute(vocabulary, name, value)
    said = read_brief(text, vocabulary).attributes if text.strip() else {}
    merged = {name: value for name, value in ({**said, **given}).items() if value is not None}
    if not merged:
        raise BriefError(
            f"{text!r} names nothing that this checkpoint knows; name an article type, such as "
            f"{', '.join(vocabulary['article_type'][:5])}"
        )
    return merged


def _check_attribute(vocabulary: Vocabulary, name: str, value: str | None) -> None:
    if name not in vocabulary:
        raise ConditionError(f"unknown attribute {name!r}; known are {', '.join(vocabulary)}")
    if value is not None and value not in vocabulary[name]:
        nearest = ", ".join(repr(near) for near in vocabulary.nearest(name, str(value), 3))
        raise ConditionError(f"unknown {name} {value!r}; the nearest known are {nearest}")


def check_request(prompts: list[str], count: int, truncation: float, guidance: float) -> None:
    """Raise RequestError for what is no text, and for numbers out of range."""
    if not prompts or not all(isinstance(text, str) for text in prompts):
        raise RequestError(f"prompt is {prompts!r}; a text or a list of at least one text was expected")
    if not isinstance(count, Integral) or count < 1:
        raise RequestError(f"num_images_per_prompt is {count!r}; at least 1, a whole number, was expected")
    for name, value, most in (("truncation", truncation, 1.0), ("guidance_scale", guidance, _HIGHEST_GUIDANCE)):
        if not isinstance(value, Real) or not 0 <= value <= most:
            raise RequestError(f"{name} is {value!r}; a number from 0 to {most:g} was expected")


def per_prompt(
    attributes: Attributes | Sequence[Attributes | None] | None, prompts: int
) -> Sequence[Attributes | None]:
    """One table a prompt; raises RequestError for another number of them."""
    if attributes is None or isinstance(attributes, Mapping):
        return [attributes] * prompts
    if len(attributes) != prompts:
        raise RequestError(f"{len(attributes)} attribute tables for {prompts} prompts; one, or one a prompt, expected")
    return attributes
