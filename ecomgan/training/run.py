"""A run folder: what is trained on which data with which options."""

import json
import platform
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from ecomgan.data.prepared import Vocabulary
from ecomgan.errors import CheckpointError, ConfigError
from ecomgan.networks.conditions import Grown, Paths
from ecomgan.training.config import TrainConfig
from ecomgan.training.processes import ALONE, Processes

CHECKPOINT_FILE = "checkpoint.pt"
_RUN_FILE = "run.json"


@dataclass(frozen=True)
class Run:
    """Description of one training; `run.json` holds it, `checkpoint.pt` beside it how far it is.

    data: the prepared set. init: the checkpoint folder that it started from, or None; grown: what the values started
    from that were new to it. replay: a prepared set that shows what it knew before, None where it shows that itself.
    preset: the name of the preset that the options began with, or None. paths: the category paths of its article types;
    text_dim: numbers of a text's vector, 0 where texts are no condition. images_before: what `init` had seen, with what
    it was taught from.
    """

    folder: Path
    data: Path
    config: TrainConfig
    vocabulary: Vocabulary
    init: Path | None = None
    grown: Grown = field(default_factory=dict)
    replay: Path | None = None
    preset: str | None = None
    paths: Paths | None = None
    text_dim: int = 0
    images_before: int = 0
    hardware: str = "not recorded"
    """What it was last trained on."""

    @property
    def checkpoint(self) -> Path:
        """File of the last checkpoint."""
        return self.folder / CHECKPOINT_FILE

    @property
    def lr_factor(self) -> float:
        """By which both learning rates are multiplied: below 1 when taught networks are taught further."""
        return 1.0 if self.init is None else self.config.init_lr_factor

    def start(self, processes: Processes = ALONE) -> None:
        """Make the folder, in the first of the processes; raises ConfigError where there is a run already."""
        if processes.any((self.folder / _RUN_FILE).exists()):
            raise ConfigError(f"{self.folder} holds a run already; continue it with --resume or choose a new folder")
        if processes.first:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.save()

    @classmethod
    def open(cls, folder: Path, changes: dict[str, Any] | None = None) -> "Run":
        """Read the folder of a run that has started, with some options changed."""
        try:
            saved = json.loads((folder / _RUN_FILE).read_text(encoding="utf-8"))
            config = TrainConfig().with_changes(saved["config"])
            data, vocabulary = Path(saved["data"]), saved["vocabulary"]
        except (OSError, KeyError, json.JSONDecodeError) as error:
            raise CheckpointError(f"{folder} is no run folder ({error}); one with {_RUN_FILE} was expected") from error
        return cls(
            folder=folder,
            data=data,
            config=config.resumed_with(changes or {}),
            vocabulary=vocabulary,
            init=_path(saved.get("init")),
            grown=saved.get("grown", {}),
            replay=_path(saved.get("replay")),
            preset=saved.get("preset"),
            paths=saved.get("paths"),
            text_dim=saved.get("text_dim", 0),
            images_before=saved.get("images_before", 0),
            hardware=saved.get("hardware", "not recorded"),
        )

    def save(self) -> None:
        """Write the description, whole or not at all."""
        described = {
            "data": str(self.data),
            "init": self.init and str(self.init),
            "grown": self.grown,
            "replay": self.replay and str(self.replay),
            "preset": self.preset,
            "paths": self.paths,
            "text_dim": self.text_dim,
            "images_before": self.images_before,
            "hardware": self.hardware,
            "config": self.config.to_json(),
            "vocabulary": self.vocabulary,
        }
        partial = self.folder / (_RUN_FILE + ".partial")
        partial.write_text(json.dumps(described, indent=1, ensure_ascii=False), encoding="utf-8")
        partial.replace(self.folder / _RUN_FILE)


def _path(saved: str | None) -> Path | None:
    return Path(saved) if saved else None


def describe_hardware(device: torch.device, processes: int = 1) -> str:
    """In words, for the training record: "AMD EPYC ..., 2 threads" or the name of the GPU, times the processes."""
    times = f"{processes} x " if processes > 1 else ""
    if device.type == "cuda":
        return times + torch.cuda.get_device_name(device)
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():  # Linux names the processor only there
        names = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    threads = torch.get_num_threads()
    return f"{times}{model}, {threads} thread{'s' if threads > 1 else ''}"
