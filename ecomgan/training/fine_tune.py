"""Teaching a checkpoint a catalogue of its own: a preset's options, what it knew replayed, new words grown."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecomgan.training.adopting import Nearest
from ecomgan.training.config import TrainConfig
from ecomgan.training.loop import start_training
from ecomgan.training.presets import Preset
from ecomgan.training.state import TrainState


def start_fine_tuning(
    folder: Path,
    data: Path,
    init: Path,
    preset: Preset,
    *,
    changes: Mapping[str, Any] | None = None,
    nearest: Nearest | None = None,
    replay: Path | None = None,
) -> TrainState:
    """Teach the checkpoint in `init` the train split of the prepared set `data`; as `start_training` otherwise.

    changes: options that differ from the preset's. nearest: field -> new value -> known value that it starts from,
    where the likeness of their names would mislead. replay: a prepared set of photos that the checkpoint was taught
    on; without one it is shown images of its own.
    """
    config = TrainConfig().with_changes(preset.changes() | dict(changes or {}))
    return start_training(folder, data, config, init, nearest=nearest, replay=replay, preset=preset.name)
