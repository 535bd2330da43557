"""The process that trains and judges: `python -m studio.training.child FOLDER train|judge|compare`.

Started and watched by the worker, it runs at the lowest priority, knows no database, and dies with the worker. All it
needs stands in FOLDER/task.json, all it says goes to files of FOLDER, so that another one can go on where it was
killed. Loads torch.
"""

from __future__ import annotations

import csv
import fcntl
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ecomgan.data.splits import SplitBy
from ecomgan.errors import EcomGANError
from studio.errors import StorageError, StudioError
from studio.storage import Storage, write_file
from studio.training.folder import REFUSED, Phase, Task, TrainingFolder
from studio.work.lifeline import hold_lifeline

_LOWEST = 19
_LOCK_SECONDS = 90.0  # how long the process before this one may take to write its last checkpoint
_TOLD_EVERY_SECONDS = 0.5


def main(arguments: list[str]) -> int:
    """Run one phase; returns the exit status: 0, or REFUSED with the reason in the folder's refusal file."""
    hold_lifeline()
    yield_to_everyone()
    folder, phase = TrainingFolder(Path(arguments[0])), Phase(arguments[1])
    try:
        with _alone_in(folder):
            task = folder.read_task()
            if task.threads:
                import torch

                torch.set_num_threads(task.threads)
            _PHASES[phase](folder, task)
    except (EcomGANError, StudioError) as error:
        write_file(folder.refusal, (str(error).splitlines() or [type(error).__name__])[0].encode())
        return REFUSED
    return 0


def yield_to_everyone() -> None:
    """Take the lowest priority: orders' images come out as if nothing trained."""
    os.nice(_LOWEST)
    if sys.platform == "linux":
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def train(folder: TrainingFolder, task: Task) -> None:
    """Prepare the photos where that was not done, then teach the base, from the last checkpoint where there is one."""
    if not folder.prepared.exists():
        _prepare(folder, task)
    from ecomgan.training.fine_tune import start_fine_tuning
    from ecomgan.training.loop import resume_training
    from ecomgan.training.presets import PRESETS

    if folder.has_run():
        resume_training(folder.run, {"images": task.images})
        return
    start_fine_tuning(
        folder.run,
        folder.prepared,
        Path(task.base),
        PRESETS[task.preset],
        changes={"images": task.images},
        nearest=task.nearest,
    )


def judge(folder: TrainingFolder, task: Task) -> None:
    """Export the best networks of the run, and judge them beside the models that they are to be compared with."""
    from ecomgan.training.export import export_run

    state = folder.read_state()
    export_run(folder.run, folder.model, which="last" if state.get("best_images") is None else "best")
    _judge_all(folder, {**task.compared, "": str(folder.model)})


def compare(folder: TrainingFolder, task: Task) -> None:
    """Judge models beside each other on photos that none of them was taught with."""
    if not folder.prepared.exists():
        _prepare(folder, task, split="held_out")
    _judge_all(folder, task.compared)


def _judge_all(folder: TrainingFolder, judged: dict[str, str]) -> None:
    """Write the figures of all, by name, once all are there. judged: name -> checkpoint folder."""
    from ecomgan import EcomGANPipeline
    from ecomgan.evaluation.small_set import small_set_figures

    figures: dict[str, Any] = {}
    for count, (name, model) in enumerate(judged.items()):
        folder.tell({"judged": count, "to_judge": len(judged)})
        pipe = EcomGANPipeline.from_pretrained(Path(model), discriminator=False)
        figures[name] = small_set_figures(pipe, folder.prepared, "validation")
    write_file(folder.figures, json.dumps(figures).encode())


def _prepare(folder: TrainingFolder, task: Task, split: SplitBy = "catalogue") -> None:
    """Fetch the photos from the storage and cache them in the size of the base model, split as told."""
    from ecomgan import EcomGANPipeline
    from ecomgan.data.prepare import prepare

    height, width = EcomGANPipeline.from_pretrained(Path(task.base), discriminator=False).image_shape
    _fetch(folder, task)
    prepare(folder.photos, folder.prepared, height, width, split=split)
    shutil.rmtree(folder.photos)


def _fetch(folder: TrainingFolder, task: Task) -> None:
    """All photos as files beside one CSV. One whose bytes are gone is left out, as damaged ones are."""
    storage = Storage(task.assets_url)
    shutil.rmtree(folder.photos, ignore_errors=True)
    folder.photos.mkdir(parents=True)
    told = 0.0
    with open(folder.photos / "photos.csv", "w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, ["file", "title", "id", "article_type", "colour", "usage", "style", "made"])
        rows.writeheader()
        for count, photo in enumerate(task.photos, start=1):
            try:
                (folder.photos / photo["file"]).write_bytes(storage.get(photo["file"]))
            except StorageError as error:
                sys.stderr.write(f"left out: {error}\n")
            rows.writerow(photo)
            if time.monotonic() - told > _TOLD_EVERY_SECONDS or count == len(task.photos):
                told = time.monotonic()
                folder.tell({"prepared": count, "photos": len(task.photos)})


@contextmanager
def _alone_in(folder: TrainingFolder) -> Iterator[None]:
    """Wait for a process that still works in this folder, such as that of a worker that was killed, to end."""
    deadline = time.monotonic() + _LOCK_SECONDS
    with open(folder.lock, "w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the system lets go of it when the process dies
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise StudioError(
                        f"Another process has trained in {folder.path} for {_LOCK_SECONDS:.0f} s."
                    ) from None
                time.sleep(0.1)
        yield


_PHASES = {Phase.TRAIN: train, Phase.JUDGE: judge, Phase.COMPARE: compare}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
