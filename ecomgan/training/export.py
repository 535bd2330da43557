"""From a run to a checkpoint folder that `EcomGANPipeline.from_pretrained` opens."""

import json
import shutil
from pathlib import Path
from typing import Any, Literal

import torch

from ecomgan.checkpoint_folder import load_text_encoder
from ecomgan.checksums import write_checksums
from ecomgan.data.prepared import REPORT_FILE, open_prepared
from ecomgan.errors import CheckpointError
from ecomgan.networks.backbone import Backbone
from ecomgan.pipeline import EcomGANPipeline
from ecomgan.training.adopting import keep_of
from ecomgan.training.run import Run
from ecomgan.training.state import TrainState, build_state, read_checkpoint

RECORD_FILE = "training.json"

Which = Literal["last", "best"]


def export_run(run_folder: Path, out: Path, which: Which = "last") -> dict[str, Any]:
    """Write a run's networks as fp16 safetensors: averaged generator, heads, training record, checksums.

    which: as they are at the last checkpoint, or as they were at the best held-out figure (in training's own space).
    A checkpoint folder of ours that is already there is replaced at once when the new one is whole; its other files
    (a card, pictures) stay. Returns the training record. Raises CheckpointError where `out` holds something else, or
    the best is asked for of a run without held-out figures.
    """
    run = Run.open(run_folder)
    if out.exists() and any(out.iterdir()) and not (out / "model_index.json").is_file():
        raise CheckpointError(f"{out} holds other files and no checkpoint; choose a new or empty folder")
    train = open_prepared(run.data, "train")
    state = build_state(
        run.config, run.vocabulary, train.height, train.width, grown=run.grown, paths=run.paths, text_dim=run.text_dim
    )
    state.load_checkpoint(read_checkpoint(run.checkpoint))
    if which == "best":
        _turn_back(state, run_folder)
    if run.config.keep:
        _keep(run, state)
    record = _record(run, state, len(train)) | {"chosen": which}
    partial = out.with_name(out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    for network in (state.average, state.discriminator):
        network.half()  # type: ignore[no-untyped-call]
    text_encoder, tokenizer = load_text_encoder(run_folder) if run.text_dim else (None, None)
    if text_encoder is not None:
        text_encoder.half()  # type: ignore[no-untyped-call]
    pipe = EcomGANPipeline(state.average, state.discriminator, text_encoder, tokenizer)
    try:
        pipe.save_pretrained(partial)
        (partial / RECORD_FILE).write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        write_checksums(partial)
        EcomGANPipeline.from_pretrained(partial)  # what cannot be opened must not replace what can
        _replace(out, partial)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return record


def images_seen_by(folder: Path) -> int:
    """What a checkpoint folder has seen, with what it was taught from; 0 where it keeps no record."""
    file = folder / RECORD_FILE
    if not file.is_file():
        return 0
    record = json.loads(file.read_text(encoding="utf-8"))
    return int(record.get("images_seen", 0)) + int(record.get("images_before", 0))


def _keep(run: Run, state: TrainState) -> None:
    """Mix in what the run started from."""
    assert run.init is not None  # refused at the start
    keep_of(EcomGANPipeline.from_pretrained(run.init, discriminator=False), state.average, run.config.keep)


def _turn_back(state: TrainState, run_folder: Path) -> None:
    """Make the networks what they were at the best evaluation."""
    if state.best is None:
        raise CheckpointError(
            f"{run_folder} has no held-out figures to tell its best networks by; export the last ones"
        )
    state.average.load_state_dict(state.best.average)
    state.discriminator.load_state_dict(state.best.discriminator)
    state.counters = state.best.counters


def _replace(out: Path, partial: Path) -> None:
    """Put `partial` in the place of `out`, keeping the files of `out` that `partial` does not have."""
    if not out.exists():
        out.parent.mkdir(parents=True, exist_ok=True)
        partial.rename(out)
        return
    for kept in out.iterdir():
        if not (partial / kept.name).exists():
            (shutil.copytree if kept.is_dir() else shutil.copy2)(kept, partial / kept.name)
    write_checksums(partial)  # figures beside a card are JSON as well, and a folder with unlisted JSON does not open
    old = out.with_name(out.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    out.rename(old)
    partial.rename(out)
    shutil.rmtree(old)


def _record(run: Run, state: TrainState, photos: int) -> dict[str, Any]:
    counters = state.counters
    report = json.loads((run.data / REPORT_FILE).read_text(encoding="utf-8"))
    backbone = state.backbone
    pretrained = {"name": run.config.backbone}
    if isinstance(backbone, Backbone):
        pretrained["sha256"] = backbone.weights_sha256
    return {
        "images_seen": counters.images,
        "images_before": run.images_before,
        "steps": counters.steps,
        "non_finite_steps": counters.bad_steps,
        "wall_seconds": round(counters.seconds),
        "hardware": run.hardware,
        "torch": torch.__version__,
        "data": {
            "name": report["source"],
            "split": "train",
            "photos": photos,
            "height": report["height"],
            "width": report["width"],
        },
        "init": None if run.init is None else run.init.name,
        "preset": run.preset,
        "grown": run.grown,
        "text_dim": run.text_dim,
        "best_images": state.watch.best_images,
        "backbone": pretrained,
        "config": run.config.to_json(),
    }
