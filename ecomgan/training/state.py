"""Everything that a training changes: networks, averages, optimisers, random streams, counters."""

import copy
import json
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ecomgan.data.prepared import Vocabulary
from ecomgan.errors import CheckpointError, ConfigError
from ecomgan.networks.backbone import Backbone, FeaturePyramid
from ecomgan.networks.conditions import CONDITION_SCHEMA, Grown, Paths
from ecomgan.networks.discriminator import ProjectedDiscriminator
from ecomgan.networks.generator import Generator
from ecomgan.training.config import TrainConfig
from ecomgan.training.processes import ALONE, Processes
from ecomgan.training.watch import Watch

CHECKPOINT_FORMAT = 1
_SCHEMA_WITHOUT_BOTH = 2  # older libraries open what needs no more
_STRIDES = (2, 4, 8, 16)


@dataclass
class Counters:
    """How far a training is. seconds: of wall time, over all resumptions."""

    images: int = 0
    steps: int = 0
    bad_steps: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Best:
    """The networks that are exported, as they were at the best evaluation, in fp16 on the CPU."""

    average: dict[str, Tensor]
    discriminator: dict[str, Tensor]
    counters: Counters


@dataclass
class TrainState:
    """Networks and optimisers on one device, with the random streams (kept on the CPU, so that devices agree)."""

    generator: Generator
    average: Generator
    discriminator: ProjectedDiscriminator
    backbone: Backbone | FeaturePyramid
    """What the heads look through; the pyramid is a part of the discriminator."""
    generator_optimiser: torch.optim.Adam
    discriminator_optimiser: torch.optim.Adam
    device: torch.device
    torch_stream: torch.Generator
    data_stream: np.random.Generator
    counters: Counters = field(default_factory=Counters)
    watch: Watch = field(default_factory=Watch)
    best: Best | None = None
    before: Generator | None = None
    """The generator as training found it, where what it made is to stay; no part of a checkpoint."""
    processes: Processes = ALONE

    def keep_as_best(self) -> None:
        """Remember the networks as they are now."""
        self.best = Best(_halved(self.average), _halved(self.discriminator), replace(self.counters))

    def trained_by_discriminator(self) -> list[nn.Parameter]:
        """Parameters that the discriminator's step changes: the heads, and a pyramid where there is one."""
        return [p for p in self.discriminator.parameters() if p.requires_grad]

    def _optimisers(self) -> tuple[torch.optim.Adam, torch.optim.Adam]:
        return self.generator_optimiser, self.discriminator_optimiser

    @torch.no_grad()
    def update_average(self, decay: float) -> None:
        """Exponential moving average of the generator; the decay ramps up over the first steps."""
        decay = min(decay, (1 + self.counters.steps) / (10 + self.counters.steps))
        for mean, parameter in zip(self.average.parameters(), self.generator.parameters(), strict=True):
            mean.lerp_(parameter, 1 - decay)

    def to_checkpoint(self) -> dict[str, Any]:
        """All of it, as tensors and plain values."""
        return {
            "format": CHECKPOINT_FORMAT,
            "generator": self.generator.state_dict(),
            "average": self.average.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "generator_optimiser": self.generator_optimiser.state_dict(),
            "discriminator_optimiser": self.discriminator_optimiser.state_dict(),
            "torch_stream": self.torch_stream.get_state(),
            "data_stream": json.dumps(self.data_stream.bit_generator.state),
            "counters": asdict(self.counters),
            "watch": asdict(self.watch),
            "best": self.best and vars(self.best) | {"counters": asdict(self.best.counters)},
        }

    def load_checkpoint(self, saved: dict[str, Any]) -> None:
        """Continue from what `to_checkpoint` gave; raises CheckpointError where it does not fit."""
        if saved.get("format") != CHECKPOINT_FORMAT:
            raise CheckpointError(f"checkpoint format {saved.get('format')!r}; {CHECKPOINT_FORMAT} was expected")
        rates = [optimiser.param_groups[0]["lr"] for optimiser in self._optimisers()]
        try:
            self.generator.load_state_dict(saved["generator"])
            self.average.load_state_dict(saved["average"])
            self.discriminator.load_state_dict(saved["discriminator"])
            self.generator_optimiser.load_state_dict(saved["generator_optimiser"])
            self.discriminator_optimiser.load_state_dict(saved["discriminator_optimiser"])
        except (KeyError, RuntimeError, ValueError) as error:
            raise CheckpointError(f"the checkpoint does not fit the networks of this run: {error}") from error
        # The options rule, not the checkpoint: a run may be resumed with a lower learning rate.
        for optimiser, rate in zip(self._optimisers(), rates, strict=True):
            optimiser.param_groups[0]["lr"] = rate
        self.torch_stream.set_state(saved["torch_stream"].cpu())
        self.data_stream.bit_generator.state = json.loads(saved["data_stream"])
        self.counters = Counters(**saved["counters"])
        # Runs that began before figures were watched have neither.
        self.watch = Watch(**saved.get("watch", {}))
        best = saved.get("best")
        self.best = best and Best(best["average"], best["discriminator"], Counters(**best["counters"]))


def build_state(
    config: TrainConfig,
    vocabulary: Vocabulary,
    height: int,
    width: int,
    lr_factor: float = 1.0,
    grown: Grown | None = None,
    paths: Paths | None = None,
    text_dim: int = 0,
    processes: Processes = ALONE,
) -> TrainState:
    """Fresh networks for images of height x width; both learning rates are multiplied by `lr_factor`.

    grown, paths, text_dim: what the networks say of their conditions, see `ecomgan.networks.conditions`. processes:
    those that train together.

    Raises ConfigError if the size cannot be halved often enough.
    """
    device = choose_device(config.device, processes.local_rank)
    torch.manual_seed(config.seed)
    halvings = len(config.channels) - 1
    if height % 2**halvings or width % 2**halvings:
        raise ConfigError(
            f"{len(config.channels)} channel sizes need an image size divisible by {2**halvings}; "
            f"the set is {height}x{width} (height x width)"
        )
    generator = Generator(
        vocabulary=vocabulary,
        condition_schema=CONDITION_SCHEMA if paths or text_dim else _SCHEMA_WITHOUT_BOTH,
        base_height=height >> halvings,
        base_width=width >> halvings,
        channels=config.channels,
        latent_dim=config.latent_dim,
        embedding_dim=config.embedding_dim,
        style_dim=config.style_dim,
        attention=config.attention,
        refinements=config.refinements,
        grown=grown,
        paths=paths,
        text_dim=text_dim,
    )
    generator.freeze_low_blocks(config.frozen_blocks)
    pretrained = None if config.backbone == "none" else Backbone("lite0")
    channels = FeaturePyramid.channels if pretrained is None else pretrained.channels
    discriminator = ProjectedDiscriminator(
        vocabulary=vocabulary,
        backbone=config.backbone,
        feature_channels=tuple(channels[stride] for stride in _STRIDES),
        embedding_dim=config.embedding_dim,
        paths=paths,
        text_dim=text_dim,
    )
    backbone = pretrained or discriminator.pyramid
    modules: list[nn.Module] = [generator, discriminator, backbone]
    for module in modules:
        # channels_last is what makes the CPU's bf16 and depthwise kernels fast
        module.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    betas = (0.0, config.beta2)
    learned = [p for p in discriminator.parameters() if p.requires_grad]
    made_by = [p for p in generator.parameters() if p.requires_grad]
    return TrainState(
        generator=generator,
        average=copy.deepcopy(generator).requires_grad_(False).eval(),
        discriminator=discriminator,
        backbone=backbone,
        generator_optimiser=torch.optim.Adam(made_by, config.lr_generator * lr_factor, betas),
        discriminator_optimiser=torch.optim.Adam(learned, config.lr_discriminator * lr_factor, betas),
        device=device,
        torch_stream=torch.Generator().manual_seed(config.seed),
        data_stream=np.random.default_rng(config.seed),
        processes=processes,
    )


def _halved(network: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().to("cpu", torch.float16) for name, tensor in network.state_dict().items()}


def choose_device(name: str, number: int = 0) -> torch.device:
    """`auto`: CUDA where there is one, and of several the one of that number.

    Raises ConfigError when CUDA is asked for and missing.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("device is 'cuda', but no CUDA device is available; use 'auto' or 'cpu'")
    return torch.device("cuda", number) if name != "cpu" and torch.cuda.is_available() else torch.device("cpu")


def write_atomically(saved: dict[str, Any], file: Path) -> None:
    """torch.save to a file that is whole at every moment, also after a power cut."""
    partial = file.with_suffix(".partial")
    with partial.open("wb") as out:
        torch.save(saved, out)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(file)


def read_checkpoint(file: Path) -> dict[str, Any]:
    """The checkpoint of a run; tensors and plain values only, no code is run."""
    if not file.is_file():
        raise CheckpointError(f"{file} does not exist; a run folder with a checkpoint was expected")
    try:
        loaded = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # the unpickler raises many kinds on damaged bytes
        raise CheckpointError(f"{file} is damaged: {error}") from error
    if not isinstance(loaded, dict):
        raise CheckpointError(f"{file} holds a {type(loaded).__name__}; a checkpoint was expected")
    return loaded


def to_images(pixels: np.ndarray, device: torch.device) -> Tensor:
    """uint8 (N, H, W, 3) -> float (N, 3, H, W) in [-1, 1], channels last in memory."""
    return torch.from_numpy(pixels).to(device).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
