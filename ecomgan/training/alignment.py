"""Holding what a checkpoint made before, image by image, while it is taught something else."""

import torch
from torch import Tensor

from ecomgan.networks.generator import Generator
from ecomgan.training.processes import ALONE, Processes


def replay_alignment(
    before: Generator | None,
    replayed: Tensor,
    made: Tensor,
    latent: Tensor,
    conditions: Tensor,
    noises: list[Tensor],
    text: Tensor | None,
    processes: Processes = ALONE,
) -> Tensor:
    """Mean squared distance of replayed images to those of the generator `before`; 0 where there is none.

    replayed: bool (N,), the rows that count, maybe none; those of all `processes` count alike. made: (N, 3, H, W) in
    [-1, 1], from latents, conditions, noises and text vectors as `Generator` takes them. Wu et al. 2018, "Memory
    Replay GANs: learning to generate images from new categories without forgetting", replay alignment.
    """
    if before is None:
        return torch.zeros(())
    rows = replayed.nonzero()[:, 0].to(made.device)
    count = float(processes.total(torch.tensor(float(len(rows)))).clamp(min=1))
    if len(rows) == 0:
        return torch.zeros(())
    with torch.no_grad():
        target: Tensor = before(latent[rows], conditions[rows], [noise[rows] for noise in noises], _rows_of(text, rows))
    distances: Tensor = (made[rows] - target).float().square().mean(dim=(1, 2, 3))
    return distances.sum() * (processes.count / count)


def _rows_of(text: Tensor | None, rows: Tensor) -> Tensor | None:
    return None if text is None else text[rows]
