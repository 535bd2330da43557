"""What was understood of a brief."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from ecomgan.text.folding import fold
from ecomgan.text.lexicon import lexicon_of
from ecomgan.text.spans import HEAD_FIELD
from ecomgan.text.vocabulary import Vocabulary
from ecomgan.text.words import load_words

_MOST_SUGGESTIONS = 5
_MOST_ASKED = 20  # unknown words of a long text for which something close is looked up
_CLOSE_ENOUGH = 80.0  # likeness (0-100) from which on a value is worth offering


@dataclass(frozen=True, slots=True)
class Match:
    """Words that named a value.

    words: `text[start:end]`, exactly as typed. Matches of two fields may overlap: in "running shoes" the whole names
    the article, "running" also the usage.
    score: 0-1; 1.0 for listed words, the similarity for misspelt ones, halved for a word of several kinds ("shoes")
    that was read as the commonest of them.
    how: "exact" for the value's own name, "synonym" for other wordings, "fuzzy" for a misspelling of either.
    """

    field: str
    value: str
    words: str
    start: int
    end: int
    score: float
    how: Literal["exact", "synonym", "fuzzy"]


@dataclass(frozen=True)
class Reading:
    """A brief as attributes of a vocabulary.

    attributes: field -> value, at most one a field; every value is in the vocabulary.
    matches: what named them, in the order of the text.
    unknown: everything else that might have meant something, as typed and in order: brands, sizes, second colours,
        negated words ("not black"), and names of values that this vocabulary does not hold.
    vocabulary: what the brief was read against.
    kinds: the other values that the word for the thing may mean ("shoes"); empty where it was plain.
    """

    attributes: dict[str, str]
    matches: tuple[Match, ...]
    unknown: tuple[str, ...]
    vocabulary: Vocabulary = field(repr=False)
    kinds: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing known was named: ask back, do not guess."""
        return not self.attributes

    @property
    def suggestions(self) -> tuple[str, ...]:
        """Up to five article types to offer as "did you mean"; none where the article was plainly named."""
        if HEAD_FIELD in self.attributes or HEAD_FIELD not in self.vocabulary:
            return self.kinds[:_MOST_SUGGESTIONS]
        asked = self.unknown[:_MOST_ASKED]
        offered = dict.fromkeys(value for item in asked for value in _close_articles(item, self.vocabulary))
        return tuple(offered)[:_MOST_SUGGESTIONS]


def _close_articles(item: str, vocabulary: Vocabulary) -> Iterator[str]:
    folded = fold(item)
    for phrase, values in _near().items():
        if any(folded[i : i + len(phrase)] == phrase for i in range(len(folded) - len(phrase) + 1)):
            yield from (value for value in values if value in vocabulary[HEAD_FIELD])
    if lexicon_of(vocabulary).roles.get(folded) != "name":  # a brand or set phrase is not close to a value
        yield from (value for value, likeness in vocabulary.ranked(HEAD_FIELD, item)[:2] if likeness >= _CLOSE_ENOUGH)


@cache
def _near() -> dict[tuple[str, ...], tuple[str, ...]]:
    near = {fold(phrase): values for phrase, values in load_words().near.items()}
    return dict(sorted(near.items(), key=lambda item: -len(item[0])))
