"""What the evaluations of a training say so far: the best one, and whether it is time to end."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ecomgan.training.config import TrainConfig

End = Literal["target", "early_stop", "alarm", "stopped"]

KD = "held_out/kd_x1000"
"""Kernel distance x1000 to held-out photos in the space of the training's own backbone: it flatters, since training
matches this very space. For watching one run and choosing its best moment, never to compare models."""
KD_WITH_TEXTS = "held_out/kd_x1000_with_titles"
"""The same of images that were made for the photos' titles as well as their attributes."""
RATIO = "copying/ratio"
"""Median distance of made images to their nearest train photo, over the same of held-out photos."""

_ALARMS_TO_END = 2


@dataclass
class Watch:
    """best_images: images seen at the best evaluation; since_best: evaluations after it; ratios: the last two."""

    best_kd: float | None = None
    best_images: int | None = None
    since_best: int = 0
    ratios: list[float] = field(default_factory=list)

    def note(self, images: int, figures: Mapping[str, float], config: TrainConfig) -> bool:
        """Take in one evaluation; True where it is the best so far. One with an alarm never is."""
        if RATIO in figures:
            self.ratios = [*self.ratios, figures[RATIO]][-_ALARMS_TO_END:]
        if KD not in figures:
            return False
        # What is no number would never be beaten.
        better = math.isfinite(figures[KD]) and (self.best_kd is None or figures[KD] < self.best_kd)
        if not better or self.alarm(config):
            self.since_best += 1
            return False
        self.best_kd, self.best_images, self.since_best = figures[KD], images, 0
        return True

    def alarm(self, config: TrainConfig) -> str | None:
        """Why the last evaluation should be looked at, in words; None where nothing is wrong."""
        if not self.ratios or self.ratios[-1] >= config.copying_alarm:
            return None
        return (
            f"Images come close to training photos: their distance is {self.ratios[-1]:.2f} of what held-out photos "
            f"keep, below the limit of {config.copying_alarm:.2f}. They may be copies."
        )

    def end(self, images: int, config: TrainConfig) -> End | None:
        """Why training ends now, or None."""
        if images >= config.images:
            return "target"
        if len(self.ratios) == _ALARMS_TO_END and max(self.ratios) < config.copying_alarm:
            return "alarm"
        return "early_stop" if 0 < config.patience <= self.since_best else None
