"""The embedding of conditions, shared in kind (not in weights) by generator and discriminator."""

import math

import torch
from torch import Tensor, nn


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
