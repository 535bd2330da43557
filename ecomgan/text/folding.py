"""Cut a text into tokens that can be compared: one case, one width, no accents, simplified Chinese.

A token keeps where it stood in the text as typed, so that a match can be shown in the editor's own words.
Every Han character is a token of its own, because Chinese writes no spaces; a Latin word is one token.
"""

import unicodedata
from functools import lru_cache
from typing import Literal, NamedTuple

from ecomgan.text.words import load_words

Gap = Literal["none", "soft", "hard"]

_HAN = ((0x3400, 0x9FFF), (0x20000, 0x3FFFF))
_APOSTROPHES = frozenset("'’‘ʼ`´")
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_SIGNS_OF_TRADE = frozenset("©®™°")
_ZERO_WIDTH_SPACE = "\u200b"
_CLASSES = {"L": "word", "N": "word", "M": "skip", "Z": "space", "P": "break", "S": "break"}


class Token(NamedTuple):
    """One comparable piece of a text; `text[start:end]` is how it was typed.

    `kind` is word, han, symbol (a run of emoji and the like) or ampersand.
    `gap` is what stands before it: nothing, spaces or one hyphen (soft), or punctuation or the beginning (hard).
    """

    folded: str
    start: int
    end: int
    kind: str
    gap: Gap


def tokenize(text: str) -> list[Token]:
    """The tokens of `text`, in order. Punctuation makes no token."""
    tokens: list[Token] = []
    gap: Gap = "hard"
    for index, character in enumerate(text):
        kind, folded = _read(character)
        last = tokens[-1] if tokens and tokens[-1].end == index else None
        if kind == "apostrophe":
            inside = last is not None and last.kind == "word" and _kind_at(text, index + 1) == "word"
            kind = "skip" if inside else "break"  # men's is one word, mens
        if kind == "skip" or (last and last.kind == kind and kind in ("word", "symbol")):
            if last:
                tokens[-1] = Token(last.folded + folded, last.start, index + 1, last.kind, last.gap)
        elif kind in ("word", "han", "symbol", "ampersand"):
            tokens.append(Token(folded, index, index + 1, kind, gap))
            gap = "none"
        elif kind in ("space", "dot") or (kind == "hyphen" and gap == "none"):
            gap = "hard" if gap == "hard" else "soft"  # U.S. Polo Assn. Co.
        else:
            gap = "hard"  # " - " is a dash: it parts
    spelling = load_words().spelling
    return [token._replace(folded=spelling[token.folded]) if token.folded in spelling else token for token in tokens]


def fold(phrase: str) -> tuple[str, ...]:
    """The folded tokens of a phrase of the vocabulary or of the word list."""
    return tuple(token.folded for token in tokenize(phrase))


def _kind_at(text: str, index: int) -> str:
    return _read(text[index])[0] if index < len(text) else "break"


@lru_cache(maxsize=8192)
def _read(character: str) -> tuple[str, str]:
    """What a character is (a token's kind, space, hyphen, dot, apostrophe, break or skip), and its folded form."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", character).casefold())
    folded = unicodedata.normalize("NFC", "".join(c for c in folded if not unicodedata.category(c).startswith("M")))
    first = folded[:1] or character
    category = unicodedata.category(first)
    if character in _SIGNS_OF_TRADE or (category == "Cf" and character != _ZERO_WIDTH_SPACE):
        return "skip", ""
    if category == "So" or ord(first) in _SKIN_TONES or category in ("Co", "Cn"):
        return "symbol", folded
    if first in _APOSTROPHES:
        return "apostrophe", ""
    if first in "&+":
        return "ampersand", "and"
    if first == ".":
        return "dot", ""
    if category == "Pd" or first == "_":
        return "hyphen", ""
    if any(low <= ord(first) <= high for low, high in _HAN):
        return "han", "".join(load_words().han.get(c, c) for c in folded)
    kind = _CLASSES.get(category[0], "space")  # what is left of C are line breaks and tabs
    return kind, folded if kind == "word" else ""
