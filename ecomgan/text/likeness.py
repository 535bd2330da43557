"""What a value that a checkpoint has yet to be taught is most like among those it knows."""

from ecomgan.text.brief import read_brief
from ecomgan.text.vocabulary import Vocabulary

_LIKE = 75.0  # of 100: below it, likeness is an accident of letters


def nearest_known(vocabulary: Vocabulary, field: str, value: str) -> str | None:
    """The value of `field` that a new `value` is most like; None for none like it.

    What it starts from when it is taught, and what stands in for it until then: "Hoodies" for one that knows
    "Sweatshirts". Read as a brief is, then by likeness of all names and words. Raises ConditionError for a field that
    the vocabulary does not have.
    """
    ranked = vocabulary.nearest(field, value, 1) and vocabulary.ranked(field, value)
    if not ranked:
        return None
    read = read_brief(value, vocabulary).attributes.get(field)
    name, likeness = ranked[0]
    return read or (name if likeness >= _LIKE else None)
