"""The folder in which one training works, on the disk of its worker: what worker and training process tell each other.

task.json       what to do: worker -> process
photos/         photos on their way into the prepared set; gone when it stands
set/            the prepared set
run/            the run of `ecomgan.training`: checkpoint, metrics, samples, state
model/          the exported checkpoint folder
figures.json    what came of judging: name of a compared model, or "" for the taught one -> figures
telling.json    numbers on the way, while there is no run to look at
refusal.txt     why the process gave up
process.log     all that it printed
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from studio.errors import StudioError
from studio.storage import write_file

REFUSED = 3
"""Exit status of a training process that says in refusal.txt why it cannot go on."""


class Phase(StrEnum):
    """What a training process is started for."""

    TRAIN = "train"
    JUDGE = "judge"
    COMPARE = "compare"  # nothing is taught: models are judged on photos that none of them saw


@dataclass(frozen=True)
class Task:
    """What a training process needs to know. base and compared (name -> folder) are checkpoint folders on this disk.

    photos: rows with file (the SHA-256), title, id, article_type, colour, usage, style; approved images come after the
    photos, with `made`.
    """

    assets_url: str
    base: str
    preset: str
    images: int
    nearest: dict[str, dict[str, str]]
    photos: list[dict[str, str]]
    compared: dict[str, str]
    threads: int


@dataclass(frozen=True)
class TrainingFolder:
    """The paths of one training."""

    path: Path

    @property
    def photos(self) -> Path:
        return self.path / "photos"

    @property
    def prepared(self) -> Path:
        return self.path / "set"

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def model(self) -> Path:
        return self.path / "model"

    @property
    def figures(self) -> Path:
        return self.path / "figures.json"

    @property
    def refusal(self) -> Path:
        return self.path / "refusal.txt"

    @property
    def log(self) -> Path:
        return self.path / "process.log"

    @property
    def lock(self) -> Path:
        return self.path / "lock"

    def has_run(self) -> bool:
        """Whether a training has begun here."""
        return (self.run / "run.json").exists()

    def has_checkpoint(self) -> bool:
        """Whether something was learnt that can be gone on from, or kept."""
        return (self.run / "checkpoint.pt").exists()

    def write_task(self, task: Task) -> None:
        """Say what to do; what an earlier process said of its end is removed."""
        self.path.mkdir(parents=True, exist_ok=True)
        for file in (self.refusal, self.path / "telling.json"):
            file.unlink(missing_ok=True)
        write_file(self.path / "task.json", json.dumps(asdict(task), ensure_ascii=False).encode())

    def read_task(self) -> Task:
        """What to do. Raises StudioError where nothing was said."""
        try:
            return Task(**json.loads((self.path / "task.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise StudioError(f"{self.path} holds no task of a training: {error}") from error

    def read_state(self) -> dict[str, Any]:
        """What the run says of itself; empty before its first word."""
        return _read(self.run / "state.json")

    def read_rows(self) -> list[dict[str, str]]:
        """What each row of a sample grid shows; empty before the first grid."""
        return list(_read_json(self.run / "samples" / "rows.json") or [])

    def tell(self, numbers: Mapping[str, int]) -> None:
        """Say how far it is while there is no run to look at."""
        write_file(self.path / "telling.json", json.dumps(numbers).encode())

    def read_telling(self) -> dict[str, Any]:
        """The numbers told last."""
        return _read(self.path / "telling.json")

    def read_figures(self) -> dict[str, dict[str, Any]]:
        """What came of judging; empty before."""
        return _read(self.figures)

    def read_refusal(self) -> str:
        """Why the process gave up; empty where it did not."""
        return self.refusal.read_text(encoding="utf-8") if self.refusal.exists() else ""

    def clear(self) -> None:
        """Remove what is no longer needed once the model is registered, or the training thrown away; the log stays."""
        for folder in (self.photos, self.prepared, self.run, self.model):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self.path / "task.json", self.path / "telling.json", self.figures):
            file.unlink(missing_ok=True)


def training_folder(home: Path, training_id: int) -> TrainingFolder:
    """The folder of a training below the home of the studio."""
    return TrainingFolder(home / "trainings" / str(training_id))


def _read(file: Path) -> dict[str, Any]:
    content = _read_json(file)
    return content if isinstance(content, dict) else {}


def _read_json(file: Path) -> Any:
    """What the file holds; None where it is not there yet, or is still being written."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
