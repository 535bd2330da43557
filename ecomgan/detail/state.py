"""Everything that teaching the detail network changes."""

import copy
import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ecomgan.detail.config import DetailConfig
from ecomgan.errors import CheckpointError
from ecomgan.networks.backbone import Backbone
from ecomgan.networks.detail import DetailNetwork, PatchDiscriminator

_LOWEST_RATE = 0.1
_BETAS = (0.9, 0.99)
_BETAS_DISCRIMINATOR = (0.0, 0.99)


@dataclass
class DetailState:
    """Networks, their average, optimisers, the random stream and how far it is."""

    network: DetailNetwork
    average: DetailNetwork
    discriminator: PatchDiscriminator
    backbone: Backbone
    optimiser: torch.optim.Adam
    discriminator_optimiser: torch.optim.Adam
    stream: np.random.Generator
    step: int = 0
    seconds: float = 0.0

    def set_rate(self, config: DetailConfig) -> None:
        """The network's learning rate at this step."""
        share = (1 + math.cos(math.pi * self.step / config.steps)) / 2
        rate = config.learning_rate * (_LOWEST_RATE + (1 - _LOWEST_RATE) * share)
        self.optimiser.param_groups[0]["lr"] = rate

    @torch.no_grad()
    def update_average(self, decay: float) -> None:
        """Exponential moving average of the network; the decay ramps up over the first steps."""
        decay = min(decay, (1 + self.step) / (10 + self.step))
        for mean, parameter in zip(self.average.parameters(), self.network.parameters(), strict=True):
            mean.lerp_(parameter, 1 - decay)

    def to_checkpoint(self) -> dict[str, Any]:
        """All of it, as tensors and plain values."""
        return {name: part.state_dict() for name, part in self._parts().items()} | {
            "stream": json.dumps(self.stream.bit_generator.state),
            "step": self.step,
            "seconds": self.seconds,
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Continue from what `to_checkpoint` gave; raises CheckpointError where it does not fit."""
        self._fill(saved, list(self._parts()))
        self.stream.bit_generator.state = json.loads(saved["stream"])
        self.step, self.seconds = saved["step"], saved["seconds"]

    def adopt(self, saved: dict[str, Any]) -> None:
        """Take over the networks of another run's checkpoint, and nothing else."""
        self._fill(saved, ["network", "average", "discriminator"])

    def _fill(self, saved: dict[str, Any], names: list[str]) -> None:
        parts = self._parts()
        try:
            for name in names:
                parts[name].load_state_dict(saved[name])
        except (KeyError, RuntimeError, ValueError) as error:
            raise CheckpointError(f"the checkpoint does not fit the networks of this run: {error}") from error

    def _parts(self) -> dict[str, Any]:
        names = ("network", "average", "discriminator", "optimiser", "discriminator_optimiser")
        return {name: getattr(self, name) for name in names}


def build_state(config: DetailConfig) -> DetailState:
    """Fresh networks on the CPU."""
    torch.manual_seed(config.seed)
    network, discriminator = DetailNetwork(config.channels, config.depth), PatchDiscriminator()
    backbone = Backbone("lite0")
    for module in (network, discriminator, backbone):
        # what makes the CPU's bf16 and depthwise kernels fast; torch's stubs do not know the keyword
        module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return DetailState(
        network=network,
        average=copy.deepcopy(network).requires_grad_(False).eval(),
        discriminator=discriminator,
        backbone=backbone,
        optimiser=torch.optim.Adam(network.parameters(), config.learning_rate, _BETAS),
        discriminator_optimiser=torch.optim.Adam(
            discriminator.parameters(), config.learning_rate_discriminator, _BETAS_DISCRIMINATOR
        ),
        stream=np.random.default_rng(config.seed),
    )
