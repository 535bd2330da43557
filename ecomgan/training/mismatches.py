"""Conditions that do not fit their photo: a further negative, from which the heads learn to read them."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ecomgan.data.prepared import NULL
from ecomgan.training.processes import ALONE, Processes

_SAME_TEXT = 0.8
"""Cosine from which on two noisy vectors pass for one text; of one text with noise of length 0.25 it is about 0.94."""


def mismatch_hinge(logits: list[Tensor], fits_not: Tensor, processes: Processes = ALONE) -> Tensor:
    """Sum over heads of E[max(0, 1 + D(x, wrong condition))] over the rows where fits_not (bool, N) holds; those of all
    processes count alike.
    """
    weight = fits_not.float() * processes.count / processes.total(fits_not.float().sum()).clamp(min=1)
    losses = [(F.relu(1 + head.float()).mean(dim=(1, 2, 3)) * weight).sum() for head in logits]
    return torch.stack(losses).sum()


@dataclass(frozen=True)
class Mismatch:
    """Conditions int64 (N, fields), text vectors (N, text_dim) or None, and where they truly do not fit (bool, N)."""

    conditions: Tensor
    text: Tensor | None
    fits_not: Tensor

    def of(self, processes: Processes) -> "Mismatch":
        """The rows of this process."""
        text = None if self.text is None else processes.mine(self.text)
        return Mismatch(processes.mine(self.conditions), text, processes.mine(self.fits_not))


def mismatched(
    conditions: Tensor,
    sizes: list[int],
    hard_share: float,
    source: torch.Generator,
    text: Tensor | None = None,
    group: int = 1,
) -> Mismatch:
    """Conditions that do not fit their photo.

    A share `hard_share` of the rows changes in one field only (the same article in another colour, or the same
    colour on another article); the others take the conditions of another row. A row whose change would fall on a
    dropped field, or on an equal value, is not a mismatch.
    With texts, another share `hard_share` keeps its conditions and takes the text of a neighbour in its group of
    `group`, which shares them (in groups of one: of another row). Where one field has changed the text is left out:
    it would contradict the conditions, whatever the photo shows.
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
    fits_not = differs.any(dim=1)
    if text is None:
        return Mismatch(result, None, fits_not)
    wrong_text = torch.where(use_hard, 0.0, text.roll(shift, dims=0))
    of_mate = (
        text.reshape(-1, group, text.shape[1]).roll(1, dims=1).flatten(0, 1) if group > 1 else text.roll(1, dims=0)
    )
    only_text = (torch.rand(count, generator=source) < hard_share / max(1 - hard_share, 1e-8)).to(device)[:, None]
    only_text = only_text & ~use_hard
    result = torch.where(only_text, conditions, result)
    wrong_text = torch.where(only_text, of_mate, wrong_text)
    fits_not = torch.where(only_text[:, 0], False, fits_not) | text_differs(text, wrong_text)
    return Mismatch(result, wrong_text, fits_not)


def text_differs(one: Tensor, other: Tensor) -> Tensor:
    """bool (N,): where both rows of vectors (N, D) are of a text, and not of the same one under its noise."""
    said = one.any(dim=1) & other.any(dim=1)
    return said & (torch.cosine_similarity(one, other, dim=1) < _SAME_TEXT)


def _another(values: Tensor, size: int, source: torch.Generator) -> Tensor:
    """A uniformly drawn other value of the field for each row; null stays null."""
    if size < 2:
        return values
    step = torch.randint(1, size, values.shape, generator=source).to(values.device)
    return torch.where(values == NULL, values, (values - 1 + step) % size + 1)
