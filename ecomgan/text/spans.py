"""Which stretches of a brief say something: the longest phrases, sizes, negations and parts of things.

The order of the rules: misspelt words are corrected; of overlapping phrases the longest wins; a single Han character
counts only beside another phrase; "watch strap" voids the watch; "not black" voids the black.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from ecomgan.text.folding import Token
from ecomgan.text.lexicon import Lexicon, Role, Sense
from ecomgan.text.words import load_words

HEAD_FIELD = "article_type"
"""The field of the thing itself, of which a brief has one head noun."""

_NO_SENSES: Mapping[str, Sense] = {}
_MEASURE = re.compile(
    r"""\bsize\s*[:#]?\s*(?:\d+(?:[.,]\d+)?(?:\s*(?:uk|us|eu))?|x{0,4}[sl]|m|medium|small|large|free)\b
    | \b(?:uk|us|eu|eur)\s*-?\d+(?:[.,]\d+)?\b
    | \d+(?:[.,]\d+)?\s*(?:ml|cm|mm|kg|g|gb|oz|inch(?:es)?|%)(?![a-z])
    | \b(?:x{0,4}[sl]|m|\d+(?:[.,]\d+)?)\s*(?:码|碼|号|號|寸|岁|歲|毫升)
    """,
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Span:
    """tokens[first:last] and what they say: senses by field, or a role in the sentence.

    similarity is 1.0, or below where a misspelt word was corrected.
    """

    first: int
    last: int
    senses: Mapping[str, Sense]
    role: Role | Literal["measure", "void"] | None = None
    similarity: float = 1.0


@dataclass(frozen=True)
class Sentence:
    """A brief cut up: its tokens, their spelling as understood, and the spans that say something, in order."""

    text: str
    tokens: list[Token]
    words: list[str]
    similarities: list[float]
    spans: list[Span]

    def typed(self, first: int, last: int) -> str:
        """tokens[first:last] exactly as typed."""
        return self.text[self.tokens[first].start : self.tokens[last - 1].end]


def cut(text: str, tokens: list[Token], lexicon: Lexicon) -> Sentence:
    """Find the spans of `text`; they do not overlap."""
    words, similarities = _corrected(tokens, lexicon)
    sentence = Sentence(text, tokens, words, similarities, [])
    spans = _longest([*_phrases(sentence, lexicon), *_measures(text, tokens)], sentence)
    spans = _without_lone_characters(spans, tokens)
    spans = _void_owners_of_parts(spans, tokens)
    return replace(sentence, spans=_void_negated(spans, tokens))


def _corrected(tokens: list[Token], lexicon: Lexicon) -> tuple[list[str], list[float]]:
    words, similarities = [], []
    for token in tokens:
        correction = lexicon.correct(token.folded) if token.kind == "word" else None
        word, similarity = correction or (token.folded, 1.0)
        words.append(word)
        similarities.append(similarity)
    return words, similarities


def _phrases(sentence: Sentence, lexicon: Lexicon) -> Iterator[Span]:
    tokens, words = sentence.tokens, sentence.words
    for first in range(len(tokens)):
        for last in range(first + 1, min(first + lexicon.longest, len(tokens)) + 1):
            if last - first > 1 and not _joins(tokens[last - 2], tokens[last - 1]):
                break
            phrase = tuple(words[first:last])
            senses = lexicon.senses.get(phrase, _NO_SENSES)
            role = lexicon.roles.get(phrase)
            if senses or role:
                yield Span(first, last, senses, role, min(sentence.similarities[first:last]))


def _joins(left: Token, right: Token) -> bool:
    both_han = left.kind == "han" and right.kind == "han"
    return right.gap == "none" or (right.gap == "soft" and not both_han)


def _measures(text: str, tokens: list[Token]) -> Iterator[Span]:
    firsts = {token.start: index for index, token in enumerate(tokens)}
    lasts = {token.end: index + 1 for index, token in enumerate(tokens)}
    for found in _MEASURE.finditer(text):
        first, last = firsts.get(found.start()), lasts.get(found.end())
        if first is not None and last is not None:
            yield Span(first, last, _NO_SENSES, "measure")


def _longest(spans: list[Span], sentence: Sentence) -> list[Span]:
    taken: set[int] = set()
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (-len(sentence.typed(span.first, span.last)), span.first)):
        if taken.isdisjoint(range(span.first, span.last)):
            taken.update(range(span.first, span.last))
            kept.append(span)
    return sorted(kept, key=lambda span: span.first)


def _without_lone_characters(spans: list[Span], tokens: list[Token]) -> list[Span]:
    """Drop a single Han character that is only a piece of an unknown word: the 包 of 包子, the 红 of 红娘.

    A thing (表) and a word of grammar stand between known neighbours, a head (包, 鞋) only before one; a colour (红)
    stands before a thing, a known word such as 条纹, another such colour, or 的. At the ends of a run of characters
    nothing is asked.
    """
    covered = {index for span in spans for index in range(span.first, span.last)}
    kept: dict[int, Span] = {}
    for span in reversed(spans):  # from the end, as a colour asks what stands behind it
        lone = span.last - span.first == 1 and tokens[span.first].kind == "han"
        if not lone or (_has_known_neighbours(span, tokens, covered) and _colours_something(span, tokens, kept)):
            kept[span.first] = span
    return [span for span in spans if span.first in kept]


def _has_known_neighbours(span: Span, tokens: list[Token], covered: set[int]) -> bool:
    character = tokens[span.first]
    if "colour" in span.senses or character.folded == "的":
        return True
    bound_before = character.gap == "none" and character.folded not in load_words().heads
    bound_after = span.last < len(tokens) and tokens[span.last].gap == "none"
    return (not bound_before or span.first - 1 in covered) and (not bound_after or span.last in covered)


def _colours_something(span: Span, tokens: list[Token], behind: Mapping[int, Span]) -> bool:
    if "colour" not in span.senses:
        return True
    if span.last == len(tokens) or tokens[span.last].gap != "none":
        return tokens[span.first].gap != "none"  # the character alone
    after = behind.get(span.last)
    if after is None:
        return False
    return (
        after.role == "name" or bool(after.senses.keys() & {HEAD_FIELD, "colour"}) or tokens[after.first].folded == "的"
    )


def _void_owners_of_parts(spans: list[Span], tokens: list[Token]) -> list[Span]:
    kept: list[Span] = []
    for span in spans:
        owner = kept[-1] if kept else None
        adjacent = owner is not None and owner.last == span.first and tokens[span.first].gap != "hard"
        if owner is not None and adjacent and span.role == "part" and HEAD_FIELD in owner.senses:
            kept[-1] = Span(owner.first, span.last, _NO_SENSES, "void")
        else:
            kept.append(span)
    return kept


def _void_negated(spans: list[Span], tokens: list[Token]) -> list[Span]:
    """A negation voids the next thing said, and the like things that "or" adds; then it ends."""
    starts = {span.first: span for span in spans}
    kept: list[Span] = []
    done = 0
    for span in spans:
        if span.first < done:
            continue
        end = _end_of_negation(span, starts, tokens) if span.role == "negator" else None
        if end is None:
            kept.append(span)
        else:
            kept.append(Span(span.first, end, _NO_SENSES, "void"))
            done = end
    return kept


def _end_of_negation(negator: Span, starts: Mapping[int, Span], tokens: list[Token]) -> int | None:
    at = negator.last
    while (filler := starts.get(at)) is not None and filler.role == "filler" and tokens[at].gap != "hard":
        at = filler.last
    if at >= len(tokens) or tokens[at].gap == "hard":
        return None
    target = starts.get(at)
    if target is None:  # an unknown word, or a run of unknown characters
        end = at + 1
        while end < len(tokens) and end not in starts and tokens[end].gap == "none":
            end += 1
        return end
    end = target.last
    while (joint := starts.get(end)) is not None and joint.role == "alternative":
        more = starts.get(joint.last)
        if more is None or not (more.senses.keys() & target.senses.keys()) or tokens[more.first].gap == "hard":
            break
        end = more.last
    return end
