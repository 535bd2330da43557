"""Hinge losses over several heads, with conditions that do not fit as a further negative."""

import torch
import torch.nn.functional as F
from torch import Tensor

from ecomgan.data.prepared import NULL


def discriminator_hinge(real: list[Tensor], fake: list[Tensor]) -> Tensor:
    """Sum over heads of E[max(0, 1 - D(x))] + E[max(0, 1 + D(G(z)))]."""
    losses = [F.relu(1 - r.float()).mean() + F.relu(1 + f.float()).mean() for r, f in zip(real, fake, strict=True)]
    return torch.stack(losses).sum()


def mismatch_hinge(logits: list[Tensor], fits_not: Tensor) -> Tensor:
    """Sum over heads of E[max(0, 1 + D(x, wrong condition))] over the rows where fits_not (bool, N) holds."""
    weight = fits_not.float() / fits_not.float().sum().clamp(min=1)
    losses = [(F.relu(1 + head.float()).mean(dim=(1, 2, 3)) * weight).sum() for head in logits]
    return torch.stack(losses).sum()


def generator_hinge(fake: list[Tensor]) -> Tensor:
    """Sum over heads of -E[D(G(z))]."""
    return torch.stack([-head.float().mean() for head in fake]).sum()


def mismatched(
    conditions: Tensor, sizes: list[int], hard_share: float, source: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Conditions that do not fit their photo: int64 (N, fields), and where they truly do not (bool, N).

    A share `hard_share` of the rows changes in one field only (the same article in another colour, or the same
    colour on another article); the others take the conditions of another row. A row whose change would fall on a
    dropped field, or on an equal value, is not a mismatch.
    """
    count = len(conditions)
    device = conditions.device
    shift = int(torch.randint(1, count, (), generator=source)) if count > 1 else 0
    other = conditions.roll(shift, dims=0)
    changed = torch.stack([_another(conditions[:, f], sizes[f], source) for f in range(2)], dim=1)
    field = torch.randint(0, 2, (count,), generator=source).to(device)
    hard = conditions.clone()
    rows = torch.arange(count, device=device)
    hard[rows, field] = changed[rows, field]
    use_hard = (torch.rand(count, generator=source) < hard_share).to(device)[:, None]
    result = torch.where(use_hard, hard, other)
    differs = (result != conditions) & (result != NULL) & (conditions != NULL)
    return result, differs.any(dim=1)


def _another(values: Tensor, size: int, source: torch.Generator) -> Tensor:
    """A uniformly drawn other value of the field for each row; null stays null."""
    if size < 2:
        return values
    step = torch.randint(1, size, values.shape, generator=source).to(values.device)
    return torch.where(values == NULL, values, (values - 1 + step) % size + 1)
