"""Read what an editor asks for, in English or Chinese, as attributes of a checkpoint's vocabulary."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ecomgan.errors import BriefError
from ecomgan.text.folding import tokenize
from ecomgan.text.lexicon import Lexicon, Sense, lexicon_of
from ecomgan.text.reading import Match, Reading
from ecomgan.text.spans import HEAD_FIELD, Sentence, Span, cut
from ecomgan.text.vocabulary import Vocabulary

LONGEST_BRIEF = 2000
"""Characters."""

_USAGE = "usage"
_SILENT = frozenset({"filler", "joint", "alternative"})
_SURENESS_OF_GENERAL_WORD = 0.5


class _Claim(NamedTuple):
    """tokens[first:last] name a value."""

    first: int
    last: int
    sense: Sense
    similarity: float


def read_brief(text: str, vocabulary: Vocabulary) -> Reading:
    """Find the article, colour, usage and whatever else of `vocabulary` a free text names, in English or Chinese.

    Nothing is guessed: what is not plainly named stays out of the attributes and in `unknown`.
    - The article is the head noun: the last one before a "with", "for", "and", 和, comma and the like
      ("laptop bag for women", 带腰带的连衣裙).
    - Of two colours or usages the first named holds ("red or blue" is red); the other is listed in `unknown`.
    - A usage inside the article's name counts where no other is named: "running shoes" are for Sports.
    - A word of several kinds ("shoes") goes by the usage named, else it is the commonest kind with score 0.5.

    Raises BriefError for a text of more than 2,000 characters, with control characters, or that is no text.
    """
    _check(text)
    lexicon = lexicon_of(vocabulary)
    sentence = cut(text, tokenize(text), lexicon)
    claims = [
        _Claim(span.first, span.last, sense, span.similarity)
        for span in sentence.spans
        for sense in span.senses.values()
        if not (sense.field == _USAGE and HEAD_FIELD in span.senses)  # comes with the nested ones
    ]
    claims += _nested_usages(sentence, lexicon)
    heard: dict[str, _Claim] = {}
    for name in {claim.sense.field for claim in claims} - {HEAD_FIELD}:
        known = (claim for claim in claims if claim.sense.field == name and claim.sense.known)
        if (first := next(known, None)) is not None:
            heard[name] = first
    head = _head([claim for claim in claims if claim.sense.field == HEAD_FIELD], sentence)
    if head is not None and head.sense.known:
        heard[HEAD_FIELD] = head
    return _reading(sentence, claims, heard, vocabulary)


def _check(text: str) -> None:
    if not isinstance(text, str):
        raise BriefError(f"a brief is a text, got {type(text).__name__}")
    if len(text) > LONGEST_BRIEF:
        raise BriefError(f"the text has {len(text):,} characters; at most {LONGEST_BRIEF:,} are allowed")
    for position, character in enumerate(text):
        if character not in "\t\n\r" and unicodedata.category(character) in ("Cc", "Cs"):
            raise BriefError(
                f"the text holds U+{ord(character):04X} at position {position + 1}, which is no readable character"
            )


def _nested_usages(sentence: Sentence, lexicon: Lexicon) -> Iterator[_Claim]:
    """Usages named by the longest words inside the name of an article ("sports shoes", 运动鞋)."""
    for span in sentence.spans:
        if HEAD_FIELD not in span.senses:
            continue
        stretches = (
            (first, last) for first in range(span.first, span.last) for last in range(first + 1, span.last + 1)
        )
        for first, last in sorted(stretches, key=lambda stretch: stretch[0] - stretch[1]):
            sense = lexicon.senses.get(tuple(sentence.words[first:last]), {}).get(_USAGE)
            if sense is not None and sense.known:
                yield _Claim(first, last, sense, min(sentence.similarities[first:last]))
                break


def _head(articles: list[_Claim], sentence: Sentence) -> _Claim | None:
    """The last article of the first clause that names one; a general word yields to one of its kinds beside it."""
    if not articles:
        return None
    breaks = sorted(
        {index for index, token in enumerate(sentence.tokens) if token.gap == "hard"}
        | {span.first for span in sentence.spans if span.role in ("joint", "alternative")}
    )
    end = next((index for index in breaks if index > articles[0].first), len(sentence.tokens))
    clause = [claim for claim in articles if claim.first < end]
    head = clause[-1]
    if head.sense.general is not None:
        kinds = [claim for claim in clause if claim.sense.known and claim.sense.value in head.sense.general.kinds]
        return next((claim for claim in reversed(kinds) if claim.sense.general is None), head)
    return head


def _reading(sentence: Sentence, claims: list[_Claim], heard: Mapping[str, _Claim], vocabulary: Vocabulary) -> Reading:
    usage = heard[_USAGE].sense.value if _USAGE in heard else None
    attributes: dict[str, str] = {}
    matches: list[Match] = []
    kinds: tuple[str, ...] = ()
    for name in (name for name in vocabulary if name in heard):
        claim = heard[name]
        value, score = claim.sense.value, claim.similarity
        if (general := claim.sense.general) is not None:
            by_usage = general.by_usage.get(usage) if usage is not None else None
            if by_usage in vocabulary[name]:
                value = by_usage
            else:
                score *= _SURENESS_OF_GENERAL_WORD
                kinds = tuple(kind for kind in general.kinds if kind in vocabulary[name] and kind != value)
        attributes[name] = value
        start, end = sentence.tokens[claim.first].start, sentence.tokens[claim.last - 1].end
        how = "fuzzy" if claim.similarity < 1 else claim.sense.how
        matches.append(Match(name, value, sentence.text[start:end], start, end, score, how))
    matches.sort(key=lambda match: (match.start, -match.end))
    unknown = dict.fromkeys(_unknown(sentence, claims, heard, attributes))
    return Reading(attributes, tuple(matches), tuple(unknown), vocabulary, kinds)


def _unknown(
    sentence: Sentence, claims: list[_Claim], heard: Mapping[str, _Claim], attributes: Mapping[str, str]
) -> Iterator[str]:
    """What named nothing that was heard, as typed, in order."""
    understood = {
        (claim.first, claim.last)
        for claim in claims
        if claim is heard.get(claim.sense.field) or _agrees(claim.sense, attributes)
    }
    starts = {span.first: span for span in sentence.spans}
    at = 0
    while at < len(sentence.tokens):
        span = starts.get(at)
        end = span.last if span is not None else _end_of_unknown_word(at, starts, sentence)
        if span is None or (span.role not in _SILENT and (span.first, span.last) not in understood):
            yield sentence.typed(at, end)
        at = end


def _agrees(sense: Sense, attributes: Mapping[str, str]) -> bool:
    said = attributes.get(sense.field)
    return (
        sense.known
        and said is not None
        and (said == sense.value or (sense.general is not None and said in sense.general.kinds))
    )


def _end_of_unknown_word(first: int, starts: Mapping[int, Span], sentence: Sentence) -> int:
    """Characters of a Chinese word, and what hyphens hold together, stay in one piece."""
    tokens = sentence.tokens
    end = first + 1
    while end < len(tokens) and end not in starts and tokens[end].gap != "hard":
        between = sentence.text[tokens[end - 1].end : tokens[end].start]
        if any(character.isspace() for character in between) or "symbol" in (tokens[end - 1].kind, tokens[end].kind):
            break
        end += 1
    return end
