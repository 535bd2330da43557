"""The embedding of conditions, shared in kind (not in weights) by generator and discriminator."""

import math
import re
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from ecomgan.errors import ConditionError

CONDITION_SCHEMA = 2
"""Version of what a generator's configuration says of its conditions; `condition_schema` holds it, missing means 1.

1: `vocabulary`, field -> values, in the order of the embedding tables; index 0 of each is the null token.
2: as 1, and values may have been appended since the first training. Old indices never move; `grown` says what the
   row of each appended value started from.
"""

Grown = dict[str, dict[str, str | None]]
"""Field -> appended value -> the known value that its row started from; None: from "unknown", the null row."""

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
    """One embedding table a field; index 0 is the null token.

    sizes: number of values of each field, without the null token.
    Output: (N, len(sizes) * dim), scaled to unit second moment, so that it weighs as much as a normalised latent.
    """

    def __init__(self, sizes: list[int], dim: int) -> None:
        super().__init__()
        self.tables = nn.ModuleList(_table(size + 1, dim) for size in sizes)
        self.output_dim = len(sizes) * dim

    def forward(self, conditions: Tensor) -> Tensor:
        """conditions: int64 (N, number of fields)."""
        parts = [table(conditions[:, field]) for field, table in enumerate(self.tables)]
        return unit_moment(torch.cat(parts, dim=1))


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
