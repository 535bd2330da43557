"""The one place that knows the words: `words.toml`, and the names of values in other languages."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ValueWords:
    """The words for one value.

    names: language -> name to show ("zh" -> "T恤"); each is also a word for it.
    words: what people write for it.
    also: words that name another value first, and this one where a vocabulary does not hold the other.
    """

    names: Mapping[str, str]
    words: tuple[str, ...]
    also: tuple[str, ...]


@dataclass(frozen=True)
class GeneralWord:
    """Words for several values of a field ("shoes"): `kinds[0]` unless the brief names a usage of `by_usage`."""

    field: str
    words: tuple[str, ...]
    kinds: tuple[str, ...]
    by_usage: Mapping[str, str]


@dataclass(frozen=True)
class Words:
    """`words.toml` as read; its own comments say what each part is for."""

    values: Mapping[str, Mapping[str, ValueWords]]
    general: tuple[GeneralWord, ...]
    near: Mapping[str, tuple[str, ...]]
    fillers: tuple[str, ...]
    joints: tuple[str, ...]
    alternatives: tuple[str, ...]
    heads: frozenset[str]
    negators: tuple[str, ...]
    parts: tuple[str, ...]
    names: tuple[str, ...]
    not_misspelt: frozenset[str]
    spelling: Mapping[str, str]
    han: Mapping[str, str]


@cache
def load_words() -> Words:
    """Read `words.toml`, once a process."""
    table = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    grammar = table["grammar"]
    return Words(
        values={
            field: {value: _value_words(entry) for value, entry in table[field].items()} for field in table["fields"]
        },
        general=tuple(
            GeneralWord(entry["field"], tuple(entry["words"]), tuple(entry["kinds"]), entry.get("by_usage", {}))
            for entry in table["general"]
        ),
        near={word: tuple(values) for word, values in table["near"].items()},
        fillers=tuple(grammar["fillers"]),
        joints=tuple(grammar["joints"]),
        alternatives=tuple(grammar["alternatives"]),
        heads=frozenset(grammar["heads"]),
        negators=tuple(grammar["negators"]),
        parts=tuple(grammar["parts"]),
        names=tuple(table["names"]["phrases"]),
        not_misspelt=frozenset(table["names"]["not_misspelt"]),
        spelling=table["spelling"],
        han=dict(zip(table["han"]["traditional"], table["han"]["simplified"], strict=True)),
    )


def display_name(value: str, language: str) -> str:
    """The name of a vocabulary's value in a language ("zh", "zh-CN", "en"); the value itself where none is known."""
    subtag = language.replace("_", "-").split("-")[0].lower()
    for values in load_words().values.values():
        if value in values:
            return values[value].names.get(subtag, value)
    return value


def _value_words(entry: Mapping[str, Any]) -> ValueWords:
    names = {key: name for key, name in entry.items() if key not in ("words", "also")}
    return ValueWords(names, tuple(entry.get("words", ())), tuple(entry.get("also", ())))
