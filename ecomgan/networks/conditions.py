"""The embedding of conditions, shared in kind (not in weights) by generator and discriminator."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn

from ecomgan.errors import ConditionError

CONDITION_SCHEMA = 3
"""Version of what a generator's configuration says of its conditions; `condition_schema` holds it, missing means 1.

1: `vocabulary`, field -> values, in the order of the embedding tables; index 0 of each is the null token.
2: as 1, and values may have been appended since the first training. Old indices never move; `grown` says what the
   row of each appended value started from.
3: as 2, and an article may have a `paths` entry, the category path above it, and `text_dim` above 0 says that a text
   vector is a condition too. Both count nothing until they are learned: what is taught on from 1 or 2 starts as it was.
"""

Grown = dict[str, dict[str, str | None]]
"""Field -> appended value -> the known value that its row started from; None: from "unknown", the null row."""

Paths = dict[str, list[str]]
"""Article type -> the categories above it, from the widest down: "Sports Shoes" -> ["Footwear", "Shoes"]."""

_NEW_PARTS = re.compile(r"(?:^|\.)embedding\.(?:path|text)\.weight$|^attend\.")
_TABLE = re.compile(r"(?:^|\.)embedding\.tables\.(\d+)\.weight$")


def unit_moment(x: Tensor) -> Tensor:
    """Scale each row of x (N, C) to a mean square of one."""
    return x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + 1e-8)


def unit_linear(inputs: int, outputs: int, gain: float = 1.0) -> nn.Linear:
    """Linear layer that keeps the second moment at the start (torch's default shrinks it to a third)."""
    layer = nn.Linear(inputs, outputs)
    nn.init.normal_(layer.weight, std=gain / math.sqrt(inputs))
    nn.init.zeros_(layer.bias)
    return layer


class ConditionEmbedding(nn.Module):
    """One embedding table a field; index 0 is the null token. The first field's values may have a category path, whose
    levels are added to theirs, and a text vector may be added to the whole.

    vocabulary: field -> values, without the null token. paths: see `Paths`; text_dim: numbers of a text vector, 0 for
    none.
    Output: (N, fields * dim), scaled to unit second moment, so that it weighs as much as a normalised latent.
    """

    def __init__(
        self, vocabulary: Mapping[str, Sequence[str]], dim: int, paths: Paths | None = None, text_dim: int = 0
    ) -> None:
        super().__init__()
        self.tables = nn.ModuleList(_table(len(values) + 1, dim) for values in vocabulary.values())
        self.output_dim = len(vocabulary) * dim
        self.text_dim = text_dim
        self.path: nn.Embedding | None = None
        self.nodes: Tensor
        if paths:
            nodes = category_nodes(vocabulary, paths)
            self.path = nn.Embedding(int(nodes.max()) + 1, dim, padding_idx=0)
            nn.init.zeros_(self.path.weight)
            self.register_buffer("nodes", nodes, persistent=False)
        if text_dim:
            self.text = nn.Linear(text_dim, self.output_dim, bias=False)
            nn.init.zeros_(self.text.weight)

    def forward(self, conditions: Tensor, text: Tensor | None = None) -> Tensor:
        """conditions: int64 (N, fields). text: unit vectors (N, text_dim), zeros for none; None: none at all."""
        parts = [table(conditions[:, field]) for field, table in enumerate(self.tables)]
        if self.path is not None:
            parts[0] = parts[0] + self.path(self.nodes[conditions[:, 0]]).sum(dim=1)
        embedded = unit_moment(torch.cat(parts, dim=1))
        if text is None:
            return embedded
        if not self.text_dim:
            raise ValueError("these conditions have no text; None was expected")
        # Numbers of a unit vector are small; scaled, their second moment is one, as that of all inputs.
        return embedded + cast(Tensor, self.text(text * math.sqrt(self.text_dim)))


def category_nodes(vocabulary: Mapping[str, Sequence[str]], paths: Paths) -> Tensor:
    """int64 (values of the first field + 1, levels): the number of each level's category, 0 for none.

    Two categories of one name under different ones are two. Numbers follow the order of the values, so that values
    appended later leave them as they are.
    """
    values = next(iter(vocabulary.values()), ())
    levels = max(map(len, paths.values()))
    numbers: dict[tuple[str, ...], int] = {}
    nodes = torch.zeros(len(values) + 1, levels, dtype=torch.int64)
    for row, value in enumerate(values, start=1):
        path = paths.get(value, [])
        for level in range(len(path)):
            nodes[row, level] = numbers.setdefault(tuple(path[: level + 1]), len(numbers) + 1)
    return nodes


def _table(rows: int, dim: int) -> nn.Embedding:
    """What it gives is normalised, so a small start only means that Adam turns the vectors faster."""
    table = nn.Embedding(rows, dim)
    nn.init.normal_(table.weight, std=0.1)
    return table


def check_grown(grown: Grown, vocabulary: Mapping[str, Sequence[str]], schema: int) -> None:
    """Raise ConditionError where `grown` names what the vocabulary does not hold, or the schema knows none of it."""
    if grown and schema < 2:
        raise ConditionError(f"condition schema {schema} has no grown values, got {grown}; schema 2 was expected")
    for field, values in grown.items():
        known = vocabulary.get(field, ())
        absent = [v for pair in values.items() for v in pair if v is not None and v not in known]
        if absent:
            raise ConditionError(f"grown values name {absent[0]!r}, which the vocabulary's {field!r} does not hold")


def check_newer_parts(vocabulary: Mapping[str, Sequence[str]], paths: Paths | None, text_dim: int, schema: int) -> None:
    """Raise ConditionError where there are paths or texts that the schema knows none of, or paths of unknown values."""
    if schema < 3 and (paths or text_dim):
        raise ConditionError(
            f"condition schema {schema} has no category paths and no texts, got {len(paths or ())} paths and text_dim "
            f"{text_dim}; schema 3 was expected"
        )
    absent = [value for value in paths or () if value not in next(iter(vocabulary.values()), ())]
    if absent:
        raise ConditionError(f"paths name {absent[0]!r}, which the vocabulary does not hold")


def with_new_parts(taught: Mapping[str, Tensor], fresh: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights of a network taught without category paths, texts or attention, with these as a fresh network has
    them: without effect.
    """
    return dict(taught) | {k: v for k, v in fresh.items() if k not in taught and _NEW_PARTS.search(k)}


def widen_tables(weights: Mapping[str, Tensor], sources: Sequence[Sequence[int]]) -> dict[str, Tensor]:
    """The weights of a network with rows appended to its condition embeddings.

    sources: for each field, in order, the rows that the new rows start as copies of.
    """
    widened = dict(weights)
    for name, table in weights.items():
        found = _TABLE.search(name)
        if found is not None:
            widened[name] = torch.cat([table, table[list(sources[int(found.group(1))])]])
    return widened
