"""The figures of a training over time: one JSON line each, TensorBoard curves, and Weights & Biases where asked for."""

import hashlib
import importlib
import importlib.util
import json
from pathlib import Path
from typing import Any

from torch.utils.tensorboard import SummaryWriter

from ecomgan.errors import CheckpointError, ConfigError
from ecomgan.training.config import TrainConfig


class MetricsLog:
    """metrics.jsonl and TensorBoard of one run folder. Lines past `images` (of a killed run) are cut at opening, with
    a last one that was left half-written, and all of them where it begins anew.

    Raises CheckpointError for any other line that holds no figures.
    """

    def __init__(self, folder: Path, images: int, config: TrainConfig) -> None:
        self._file = folder / "metrics.jsonl"
        if self._file.exists():
            _cut(self._file, images)
        self._board = SummaryWriter(str(folder / "tensorboard"), purge_step=images)
        self._wandb = _open_wandb(folder, config) if config.wandb else None

    def write(self, images: int, figures: dict[str, float]) -> None:
        """One line, and one point in each curve."""
        rounded = {name: float(f"{value:.6g}") for name, value in figures.items()}
        with self._file.open("a", encoding="utf-8") as out:
            out.write(json.dumps({"images": images} | rounded) + "\n")
        for name, value in figures.items():
            self._board.add_scalar(name, value, images)
        if self._wandb is not None:
            self._wandb.log(figures, step=images)

    def close(self) -> None:
        """Flush the curves."""
        self._board.close()
        if self._wandb is not None:
            self._wandb.finish()


def _cut(file: Path, images: int) -> None:
    """Keep the lines up to `images`, none at 0, and none that was torn: a line is whole once it ends."""
    *lines, _torn = file.read_bytes().split(b"\n")
    kept = [line for number, line in enumerate(lines, 1) if 0 < images >= _images_of(line, f"line {number} of {file}")]
    partial = file.with_suffix(".partial")
    partial.write_bytes(b"".join(line + b"\n" for line in kept))
    partial.replace(file)  # killed here, it has lost nothing


def _images_of(line: bytes, name: str) -> int:
    try:
        return int(json.loads(line)["images"])
    except (ValueError, TypeError, KeyError) as error:
        told = line[:80].decode(errors="replace")
        raise CheckpointError(f'{name} is {told!r}; figures such as {{"images": 64}} were expected') from error


def check_wandb(config: TrainConfig) -> None:
    """Raise ConfigError where Weights & Biases is asked for and not installed."""
    if config.wandb and importlib.util.find_spec("wandb") is None:
        raise ConfigError(
            f"wandb is {config.wandb!r}, but Weights & Biases is not installed; install it with: pip install wandb, or "
            "leave the option out"
        )


def _open_wandb(folder: Path, config: TrainConfig) -> Any:
    """A run of the project `config.wandb`; one that is resumed goes on under the same identity."""
    identity = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    return importlib.import_module("wandb").init(
        project=config.wandb, name=folder.name, id=identity, resume="allow", dir=str(folder), config=config.to_json()
    )
