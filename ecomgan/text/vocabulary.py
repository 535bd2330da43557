"""The attributes and values that a checkpoint was taught."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from rapidfuzz import fuzz, process

from ecomgan.errors import CheckpointError, ConditionError
from ecomgan.text.words import load_words


class Vocabulary(Mapping[str, tuple[str, ...]]):
    """Field ("article_type", "colour", "usage", ...) -> the names of its values, in the checkpoint's order.

    A frozen, hashable mapping. Raises ConditionError for a field without a name, or a value that is empty, no text
    or listed twice.
    """

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        for field, values in fields.items():
            if not isinstance(field, str) or not field.strip():
                raise ConditionError(f"a field of a vocabulary needs a name, got {field!r}")
            if isinstance(values, str) or not isinstance(values, Sequence):
                raise ConditionError(f"field {field!r} takes a list of names, got {values!r}")
            _check_values(field, values)
        self._fields = {field: tuple(values) for field, values in fields.items()}

    @classmethod
    def from_checkpoint(cls, folder: str | Path) -> "Vocabulary":
        """Read the vocabulary of a checkpoint folder, from `generator/config.json`.

        Raises CheckpointError where that file is missing, no JSON, or holds no vocabulary.
        """
        path = Path(folder) / "generator" / "config.json"
        try:
            config = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise CheckpointError(f"no checkpoint in {folder}: {path} cannot be read ({error.strerror})") from error
        except ValueError as error:
            raise CheckpointError(f"{path} is damaged: no JSON text ({error})") from error
        fields = config.get("vocabulary") if isinstance(config, dict) else None
        if not isinstance(fields, dict):
            raise CheckpointError(f"{path} holds no vocabulary: expected an object of lists, got {fields!r}")
        try:
            return cls(fields)
        except ConditionError as error:
            raise CheckpointError(f"{path} holds a damaged vocabulary: {error}") from error

    def nearest(self, field: str, value: str, n: int = 3) -> tuple[str, ...]:
        """The up to `n` values of `field` closest to `value`, best first, by all their names in all languages.

        For "did you mean": something is always named while the field has values. Raises ConditionError for a field
        that the vocabulary does not have.
        """
        if field not in self._fields:
            raise ConditionError(f"no field {field!r} in this vocabulary; it has {', '.join(self._fields) or 'none'}")
        return tuple(name for name, _ in self.ranked(field, value)[:n])

    def ranked(self, field: str, value: str) -> list[tuple[str, float]]:
        """All values of `field` with their likeness to `value` (0-100), best first."""
        han = load_words().han
        asked = "".join(han.get(character, character) for character in value.casefold())
        scores = dict.fromkeys(self._fields[field], 0.0)
        wordings = _wordings(self, field)
        for wording, score, _ in process.extract(asked, wordings.keys(), scorer=fuzz.ratio, limit=None):
            for place, name in enumerate(wordings[wording]):
                scores[name] = max(scores[name], score - place)  # of the kinds of a general word the first is closest
        return sorted(scores.items(), key=lambda scored: -scored[1])

    def __getitem__(self, field: str) -> tuple[str, ...]:
        return self._fields[field]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __hash__(self) -> int:
        return hash(frozenset(self._fields.items()))

    def __repr__(self) -> str:
        return f"Vocabulary({', '.join(f'{field}: {len(values)}' for field, values in self._fields.items())})"


def _check_values(field: str, values: Sequence[str]) -> None:
    for value in values:
        if not isinstance(value, str) or not value.strip():
            raise ConditionError(f"a value of {field!r} is a name, got {value!r}")
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        raise ConditionError(f"field {field!r} lists {', '.join(map(repr, twice))} more than once")


@lru_cache(maxsize=64)
def _wordings(vocabulary: Vocabulary, field: str) -> dict[str, list[str]]:
    """All that is said for the values of `field`, and the values each may mean."""
    words = load_words()
    wordings: dict[str, list[str]] = {}
    for name in vocabulary[field]:
        entry = words.values.get(field, {}).get(name)
        for wording in (name, *((*entry.names.values(), *entry.words, *entry.also) if entry else ())):
            wordings.setdefault(wording.casefold(), []).append(name)
    for general in words.general:
        if general.field == field:
            kinds = [kind for kind in general.kinds if kind in vocabulary[field]]
            wordings.update((word, kinds) for word in general.words)
    return wordings
