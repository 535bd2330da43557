"""From latents and conditions to styles: guided by what is asked for, and pulled towards the usual."""

import numpy as np
import torch
from torch import Tensor

from ecomgan.networks.generator import Generator

_MEAN_LATENTS = 1024
_MEAN_SEED = 1


def styles(
    generator: Generator,
    latents: Tensor,
    conditions: Tensor,
    truncation: float,
    guidance: float,
    text: Tensor | None = None,
) -> Tensor:
    """Styles (N, W) on the generator's device: guided away from the null condition, then pulled towards the mean of
    their condition (truncation, Karras et al. 2019, appendix B).

    latents (N, latent_dim), conditions int64 (N, fields), text vectors (N, text_dim) or None. truncation: 0 (the mean)
    to 1; guidance: 0 (the null condition), 1 (as taught) or more.
    """
    device = generator.device
    conditions = conditions.to(device)
    style = _guided(generator, latents.to(device), conditions, text, guidance)
    if truncation == 1.0:
        return style
    # Rows that ask for the same have one mean.
    asked = conditions if text is None else torch.cat([conditions, text], dim=1)
    _, first, row = np.unique(asked.cpu().numpy(), axis=0, return_index=True, return_inverse=True)
    means = [_mean(generator, conditions[i], None if text is None else text[i], guidance) for i in first.tolist()]
    return torch.lerp(torch.stack(means)[torch.from_numpy(row.ravel())], style, truncation)


def _guided(generator: Generator, latents: Tensor, conditions: Tensor, text: Tensor | None, guidance: float) -> Tensor:
    style: Tensor = generator.mapping(latents, conditions, text)
    if guidance == 1.0:
        return style
    null: Tensor = generator.mapping(latents, torch.zeros_like(conditions))
    return torch.lerp(null, style, guidance)


def _mean(generator: Generator, condition: Tensor, text: Tensor | None, guidance: float) -> Tensor:
    """Mean style over fixed latents of one condition (fields,) and one text vector (text_dim,)."""
    source = torch.Generator().manual_seed(_MEAN_SEED)
    latents = torch.randn(_MEAN_LATENTS, generator.config["latent_dim"], generator=source).to(generator.device)
    conditions = condition.expand(_MEAN_LATENTS, -1)
    same = None if text is None else text.expand(_MEAN_LATENTS, -1)
    return _guided(generator, latents, conditions, same, guidance).mean(dim=0)
