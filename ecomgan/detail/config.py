"""How a detail network is taught."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ecomgan.options import check, check_finite, resumed_with, with_changes

HEIGHT, WIDTH = 320, 256
"""Of the photos that teach and judge, in pixels: four times the starter's images, framed as they are."""

_FIXED_ONCE_STARTED = ("channels", "depth", "seed", "patch")


@dataclass(frozen=True)
class DetailConfig:
    """Options of one training. Everything that decides the weights, beside the data, is here."""

    steps: int = 6_000
    batch: int = 8
    """Patches a step."""
    patch: int = 32
    """Side of a patch in input pixels."""
    seed: int = 0
    channels: int = 48
    depth: int = 10
    learning_rate: float = 6e-4
    """Of the network; falls to a tenth over the steps by a half cosine."""
    learning_rate_discriminator: float = 2e-4
    ema: float = 0.995
    pixel_weight: float = 1.0
    colour_weight: float = 1.0
    grid_weight: float = 0.0
    """Of the loss against checkerboards, which the adversarial one brings with it."""
    feature_weight: float = 0.1
    adversarial_weight: float = 0.02
    adversarial_from: int = 2_000
    """Step from which the adversarial loss is on; the discriminator is taught from 200 steps earlier."""
    checkpoint_seconds: float = 120.0
    evaluate_every: int = 1_000
    evaluate_photos: int = 64
    """Photos of the dev split that are looked at on the way; 0: none."""

    def __post_init__(self) -> None:
        check_finite(self)
        check("depth", self.depth, "an even number of at least 2", self.depth >= 2 and self.depth % 2 == 0)
        for name in ("steps", "batch", "channels", "evaluate_every"):
            check(name, getattr(self, name), "at least 1", getattr(self, name) >= 1)
        check("patch", self.patch, "from 8 to 64, and divisible by 4", 8 <= self.patch <= 64 and self.patch % 4 == 0)
        for name in ("learning_rate", "learning_rate_discriminator", "checkpoint_seconds"):
            check(name, getattr(self, name), "above 0", getattr(self, name) > 0)
        check("ema", self.ema, "in [0, 1)", 0 <= self.ema < 1)
        for name in ("pixel_weight", "colour_weight", "grid_weight", "feature_weight", "adversarial_weight",
                     "adversarial_from", "evaluate_photos", "seed"):  # fmt: skip
            check(name, getattr(self, name), "at least 0", getattr(self, name) >= 0)

    def with_changes(self, changes: Mapping[str, Any]) -> "DetailConfig":
        """The same with some options changed; raises ConfigError for unknown ones and values of another kind."""
        return with_changes(self, changes)

    def resumed_with(self, changes: Mapping[str, Any]) -> "DetailConfig":
        """As `with_changes`, for a run that has started: what shapes it can no longer change."""
        return resumed_with(self, changes, _FIXED_ONCE_STARTED)

    def to_json(self) -> dict[str, Any]:
        """All options, as JSON holds them."""
        return asdict(self)
