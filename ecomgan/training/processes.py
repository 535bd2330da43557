"""One training in several processes, as `torchrun` starts them: each its slice of the same global batch.

All processes hold the same networks, draw the same random numbers for the whole batch and take the part that is theirs;
gradients are averaged before each step. So the losses are those of one process, but for rounding. The first process
alone writes files.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar, cast

import torch
import torch.distributed as dist
from torch import Tensor, nn

from ecomgan.errors import ConfigError

Made = TypeVar("Made")


@dataclass(frozen=True)
class Processes:
    """The processes of a training, seen from one of them. rank: which of all `count`; local_rank: which of its machine.

    Every method but `mine` is called by all of them, or by none: they wait for one another.
    """

    rank: int = 0
    count: int = 1
    local_rank: int = 0

    @property
    def first(self) -> bool:
        """Whether this is the process that writes."""
        return self.rank == 0

    def mine(self, whole: Tensor) -> Tensor:
        """This process's rows of what is there for the whole batch."""
        if self.count == 1:
            return whole
        each = len(whole) // self.count
        return whole[self.rank * each : (self.rank + 1) * each]

    def mean(self, figures: Sequence[Tensor]) -> list[float]:
        """The mean over all processes of each figure."""
        together = torch.stack([figure.detach().float().cpu() for figure in figures])
        if self.count > 1:
            dist.all_reduce(together)
        return cast(list[float], (together / self.count).tolist())

    def total(self, number: Tensor) -> Tensor:
        """The sum over all processes, without a gradient."""
        if self.count == 1:
            return number.detach()
        summed = number.detach().clone()
        dist.all_reduce(summed)
        return summed

    def any(self, here: bool) -> bool:
        """Whether it holds in one of them at least."""
        return here if self.count == 1 else bool(self.total(torch.tensor(float(here))))

    def average_gradients(self, parameters: Sequence[nn.Parameter], finite: bool) -> None:
        """Put the mean over all processes in the place of each gradient.

        A process whose loss is not `finite` gives NaN, so that all of them leave the step out.
        """
        if self.count == 1:
            return
        parts = [(torch.zeros_like(p) if p.grad is None else p.grad).reshape(-1) for p in parameters]
        together = torch.cat(parts) if finite else torch.full_like(torch.cat(parts), torch.nan)
        dist.all_reduce(together)
        means = (together / self.count).split([len(part) for part in parts])
        for parameter, mean in zip(parameters, means, strict=True):
            if parameter.grad is not None or not finite:
                parameter.grad = mean.view(parameter.shape).to(memory_format=_format_of(parameter))

    def first_then_others(self, make: Callable[[], Made]) -> Made:
        """What `make` gives: called in the first process, then in the others, which find the files it wrote."""
        made = make() if self.first else None
        self.any(False)  # a wait
        return cast(Made, made) if self.first else make()

    def from_first(self, measure: Callable[[], Made]) -> Made:
        """What `measure` gives in the first process, where alone it is called."""
        if self.count == 1:
            return measure()
        told = [measure() if self.first else None]
        dist.broadcast_object_list(told, src=0)
        return cast(Made, told[0])


ALONE = Processes()


@contextmanager
def launched_processes(device: str) -> Iterator[Processes]:
    """The processes that `torchrun` started together with this one; `ALONE` without it.

    device: as `TrainConfig.device`. They talk by gloo, and on GPUs, one each, by nccl.
    Raises ConfigError where a machine has fewer GPUs than processes.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield ALONE
        return
    found = Processes(int(os.environ["RANK"]), count, int(os.environ["LOCAL_RANK"]))
    on_gpus = device != "cpu" and torch.cuda.is_available()
    if on_gpus:
        if found.local_rank >= torch.cuda.device_count():
            raise ConfigError(
                f"process {found.local_rank} of this machine has no GPU: there are {torch.cuda.device_count()}; start "
                "as many with --nproc_per_node, or set device=cpu"
            )
        torch.cuda.set_device(found.local_rank)
    dist.init_process_group("cpu:gloo,cuda:nccl" if on_gpus else "gloo")
    try:
        yield found
    finally:
        dist.destroy_process_group()


def check_divisible(batch: int, group: int, processes: Processes) -> None:
    """Raise ConfigError where the batch cannot be cut into equal slices of whole groups."""
    if batch % (group * processes.count):
        raise ConfigError(
            f"batch is {batch}; it must be a multiple of {group * processes.count}: {processes.count} processes, each "
            f"with whole groups of {group}"
        )


def _format_of(parameter: nn.Parameter) -> torch.memory_format:
    if parameter.dim() == 4 and parameter.is_contiguous(memory_format=torch.channels_last):
        return torch.channels_last
    return torch.contiguous_format
