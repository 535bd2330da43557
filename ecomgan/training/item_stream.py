"""Random numbers for the items of a batch: an item gets the same ones in however many processes it is trained."""

from dataclasses import dataclass

import torch
from torch import Tensor

from ecomgan.training.processes import ALONE, Processes


@dataclass(frozen=True)
class ItemStream:
    """Draws on the CPU, so that devices agree too. `count` is the number of this process's items."""

    source: torch.Generator
    processes: Processes = ALONE

    def rand(self, count: int, *shape: int) -> Tensor:
        """Uniform in [0, 1), (count, *shape)."""
        return self.processes.mine(torch.rand(count * self.processes.count, *shape, generator=self.source))

    def randn(self, count: int, *shape: int) -> Tensor:
        """Normal, (count, *shape)."""
        return self.processes.mine(torch.randn(count * self.processes.count, *shape, generator=self.source))

    def randint(self, low: int, high: int, count: int, *shape: int) -> Tensor:
        """Whole numbers from low to below high, (count, *shape)."""
        drawn = torch.randint(low, high, (count * self.processes.count, *shape), generator=self.source)
        return self.processes.mine(drawn)
