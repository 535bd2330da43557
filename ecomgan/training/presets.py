"""How a checkpoint is taught a catalogue of so many photos. Loads no torch: pages read it too."""

from dataclasses import dataclass
from typing import Any

from ecomgan.data.splits import LEAST_PHOTOS
from ecomgan.errors import ConfigError

IMAGES_PER_SECOND = 40.0
"""What two CPU cores train; for estimates before the first measurement on the machine itself."""


@dataclass(frozen=True)
class Preset:
    """Options that belong together. "Images" counts what the discriminator has seen, replayed ones included.

    images: when to stop; with few photos most of what can be learned is learned early. lr_factor: times the options'
    learning rates. ema: decay of the averaged generator, lower for short trainings. frozen_blocks: lowest blocks of
    the generator whose convolutions stay as taught. replay: share of each batch that shows what the checkpoint knew
    before, so that it is not forgotten. alignment: how strongly that share is held to the very images of before.
    patience: evaluations without a better held-out figure until the end (0: never). copying_alarm: the copying ratio
    below which the alarm is raised. most_photos: up to how many photos of a catalogue the preset is meant for (None:
    any number).
    """

    name: str
    most_photos: int | None
    images: int
    batch: int
    lr_factor: float
    ema: float
    frozen_blocks: int
    replay: float
    evaluate_every: int
    patience: int
    alignment: float = 200.0
    copying_alarm: float = 0.6

    def changes(self) -> dict[str, Any]:
        """The options of a training (`TrainConfig`) that the preset sets."""
        return {
            "images": self.images,
            "batch": self.batch,
            "init_lr_factor": self.lr_factor,
            "ema": self.ema,
            "frozen_blocks": self.frozen_blocks,
            "replay": self.replay,
            "alignment": self.alignment,
            "evaluate_every": self.evaluate_every,
            "evaluate_images": _HELD_OUT_AT_MOST,
            "grid_every": self.evaluate_every // 2,
            "patience": self.patience,
            "copying_alarm": self.copying_alarm,
            "smallest_count": 1,
            "checkpoint_seconds": _CHECKPOINT_SECONDS,
        }

    def seconds(self, images_per_second: float = IMAGES_PER_SECOND) -> float:
        """How long it takes at most; an early stop comes sooner."""
        return self.images / images_per_second


_HELD_OUT_AT_MOST = 200
_CHECKPOINT_SECONDS = 20.0

PRESETS = {
    preset.name: preset
    for preset in (
        Preset("quick", 150, 4_800, 16, 1.0, 0.99, 2, 0.5, 2_400, patience=0),
        Preset("small", 150, 24_000, 16, 0.5, 0.99, 2, 0.5, 2_400, patience=4),
        Preset("medium", 500, 48_000, 32, 0.5, 0.995, 1, 0.5, 3_200, patience=5),
        Preset("large", None, 121_600, 64, 0.5, 0.995, 0, 0.5, 6_400, patience=6),
    )
}


def preset_for(photos: int) -> Preset:
    """The preset for a catalogue of so many photos; raises ConfigError for fewer than can be learned and judged."""
    if photos < LEAST_PHOTOS:
        raise ConfigError(f"{photos} photos cannot teach a checkpoint; at least {LEAST_PHOTOS} were expected")
    fitting = (preset for name, preset in PRESETS.items() if name != "quick")
    return next(preset for preset in fitting if preset.most_photos is None or photos <= preset.most_photos)


def preset_named(name: str) -> Preset:
    """The preset of that name; raises ConfigError for an unknown one."""
    if name not in PRESETS:
        raise ConfigError(f"unknown preset {name!r}; known are {', '.join(PRESETS)}")
    return PRESETS[name]
