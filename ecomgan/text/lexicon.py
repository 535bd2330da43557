"""Every phrase that a brief may hold, and what it says, for one vocabulary."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from typing import Literal

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ecomgan.text.folding import fold
from ecomgan.text.vocabulary import Vocabulary
from ecomgan.text.words import GeneralWord, ValueWords, load_words

Phrase = tuple[str, ...]
Role = Literal["filler", "joint", "alternative", "negator", "part", "name"]

SHORTEST_CORRECTED = 5  # letters; shorter words are one slip from too many others ("cat", "cap")
_LONG_WORD = 10  # letters from which on two slips may be corrected


@dataclass(frozen=True, slots=True)
class Sense:
    """What a phrase says of a field.

    value: the vocabulary's spelling, or the word list's where `known` is False: the vocabulary does not hold it.
    how: "exact" for the value's own name in any number and case, or for one side of its "and"; "synonym" for others.
    general: set for a word of several kinds ("shoes"); value is then the first kind that the vocabulary holds.
    """

    field: str
    value: str
    how: Literal["exact", "synonym"]
    known: bool = True
    general: GeneralWord | None = None


@dataclass(frozen=True)
class Lexicon:
    """Phrases of folded tokens -> their senses by field, and the phrases that only shape a sentence."""

    senses: Mapping[Phrase, Mapping[str, Sense]]
    roles: Mapping[Phrase, Role]
    longest: int
    correctable: Mapping[str, tuple[str, ...]]  # first letter -> words that a misspelt word may stand for
    tokens: frozenset[str]

    def correct(self, word: str) -> tuple[str, float] | None:
        """The word of the lexicon that `word` misspells and their similarity (0-1), or None where it is not plain.

        One slip (two from 10 letters on) by optimal string alignment. The first letter must be right, and the last
        unless letters only changed places: "creamy" is not cream, "dressed" no dress. In a word of 5 letters none may
        be replaced, so that "blakc" is read as black and "blank" is not.
        """
        if not _is_correctable(word) or word in self.tokens or word in load_words().not_misspelt:
            return None
        slips = 2 if len(word) >= _LONG_WORD else 1
        near = process.extract(
            word, self.correctable.get(word[0], ()), scorer=OSA.distance, score_cutoff=slips, limit=None
        )
        found = [(candidate, distance) for candidate, distance, _ in near if _is_slip(word, candidate)]
        best = [candidate for candidate, distance in found if distance == min(slip for _, slip in found)]
        meanings = [{sense.value for sense in self.senses.get((candidate,), {}).values()} for candidate in best]
        if not best or any(meaning != meanings[0] for meaning in meanings):
            return None
        return best[0], OSA.normalized_similarity(word, best[0])


@lru_cache(maxsize=16)
def lexicon_of(vocabulary: Vocabulary) -> Lexicon:
    """The lexicon of a vocabulary; built once for each, some milliseconds."""
    words = load_words()
    ranked: dict[Phrase, dict[str, tuple[int, Sense]]] = {}
    correctable = set()
    for rank, phrase, sense in _all_senses(vocabulary):
        forms = _forms(phrase, sense)
        correctable |= {form[0] for form in forms if len(form) == 1 and _is_correctable(form[0])}
        for form in forms | _joined(forms):
            known = ranked.setdefault(form, {}).get(sense.field)
            if known is None or rank < known[0]:
                ranked[form][sense.field] = (rank, sense)
    senses = {phrase: {field: sense for field, (_, sense) in by_field.items()} for phrase, by_field in ranked.items()}
    roles = dict(_roles())
    own_names = {fold(value) for values in vocabulary.values() for value in values}
    for both in roles.keys() & senses.keys():
        if both in own_names:
            del roles[both]
        elif roles[both] == "name":
            del senses[both]  # a set phrase is listed because its words mislead
    tokens = {token for phrases in (senses, roles) for phrase in phrases for token in phrase}
    return Lexicon(
        senses=senses,
        roles=roles,
        longest=max(map(len, (*senses, *roles))),
        correctable={letter: tuple(group) for letter, group in groupby(sorted(correctable), key=lambda word: word[0])},
        tokens=frozenset(tokens | words.near.keys()),
    )


def _all_senses(vocabulary: Vocabulary) -> Iterator[tuple[int, str, Sense]]:
    """(rank, phrase, sense); of two senses of a phrase in one field the lower rank holds."""
    words = load_words()
    for field in {**words.values, **vocabulary}:
        own = {fold(value): value for value in vocabulary.get(field, ())}
        for value in own.values():
            yield 0, value, Sense(field, value, "exact")
            if " and " in (joined := value.replace("&", " and ")):
                for part in joined.split(" and "):
                    yield 4, part, Sense(field, value, "exact")
        for listed, entry in words.values.get(field, {}).items():
            yield from _listed_senses(field, listed, own.get(fold(listed)), entry)
    for general in words.general:
        held = [kind for kind in general.kinds if kind in vocabulary.get(general.field, ())]
        sense = Sense(general.field, (held or general.kinds)[0], "synonym", bool(held), general)
        for phrase in general.words:
            yield 1, phrase, sense


def _listed_senses(field: str, listed: str, value: str | None, entry: ValueWords) -> Iterator[tuple[int, str, Sense]]:
    if value is None:
        absent = Sense(field, listed, "synonym", known=False)
        yield from ((5, phrase, absent) for phrase in (listed, *entry.names.values(), *entry.words))
        return
    yield from ((0, name, Sense(field, value, "exact")) for name in entry.names.values())
    synonym = Sense(field, value, "synonym")
    yield from ((1, phrase, synonym) for phrase in entry.words)
    yield from ((3, phrase, synonym) for phrase in entry.also)


def _roles() -> Iterator[tuple[Phrase, Role]]:
    grammar = load_words()
    groups: tuple[tuple[Role, tuple[str, ...]], ...] = (
        ("filler", grammar.fillers),
        ("joint", grammar.joints),
        ("alternative", grammar.alternatives),
        ("negator", grammar.negators),
        ("name", grammar.names),
    )
    for role, phrases in groups:
        yield from ((fold(phrase), role) for phrase in phrases)
    for part in grammar.parts:
        yield from ((form, "part") for form in _in_both_numbers(fold(part), may_be_plural=False))


def _forms(phrase: str, sense: Sense) -> set[Phrase]:
    """The phrase as it may be written: in both numbers; a Chinese colour (深蓝色, not 咖啡色) without its last 色."""
    tokens = fold(phrase)
    if not tokens:
        return set()
    if sense.field == "colour":
        spoken_short = tokens[-1] == "色" and tokens[-2:-1] in _colour_characters()
        return {tokens, tokens[:-1]} if spoken_short else {tokens}
    if sense.field == "usage":
        return {tokens}
    return _in_both_numbers(tokens, may_be_plural=sense.how == "exact")


@cache
def _colour_characters() -> frozenset[Phrase]:
    listed = (fold(word) for entry in load_words().values["colour"].values() for word in entry.words)
    return frozenset(phrase for phrase in listed if len(phrase) == 1 and len(phrase[0]) == 1)


def _joined(forms: set[Phrase]) -> set[Phrase]:
    """English phrases of two or three words written as one ("navyblue")."""
    joined = {"".join(form) for form in forms if 1 < len(form) < 4}
    return {(word,) for word in joined if word.isascii() and len(word) > SHORTEST_CORRECTED}


def _in_both_numbers(tokens: Phrase, *, may_be_plural: bool) -> set[Phrase]:
    other = _other_number(tokens[-1], may_be_plural)
    return {tokens} if other is None else {tokens, (*tokens[:-1], other)}


def _other_number(word: str, may_be_plural: bool) -> str | None:
    if not (word.isascii() and word.isalpha()) or len(word) < 3:
        return None
    if word.endswith("s") and not word.endswith("ss"):
        return _singular(word) if may_be_plural else None
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("ss", "sh", "ch", "x")) else "s")


def _singular(plural: str) -> str:
    if plural.endswith("ies") and len(plural) > 7:  # accessories, but ties and booties
        return plural[:-3] + "y"
    return plural[:-2] if plural.endswith(("sses", "shes", "ches", "xes")) else plural[:-1]


def _is_correctable(word: str) -> bool:
    return len(word) >= SHORTEST_CORRECTED and word.isascii() and word.isalpha()


def _is_slip(word: str, candidate: str) -> bool:
    if sorted(word) == sorted(candidate):
        return True
    return word[-1] == candidate[-1] and (len(word) > SHORTEST_CORRECTED or len(word) != len(candidate))
