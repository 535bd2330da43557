"""Teaching the detail network: first by pixels and features, then against a discriminator of patches as well."""

import json
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ecomgan.detail.config import HEIGHT, WIDTH, DetailConfig
from ecomgan.detail.degrade import SCALE, degrade
from ecomgan.detail.figures import quick_figures
from ecomgan.detail.losses import (
    FEATURE_STRIDE,
    colour_loss,
    deceive_loss,
    feature_loss,
    grid_loss,
    pixel_loss,
    telling_loss,
)
from ecomgan.detail.photos import DetailPhotos, open_photos
from ecomgan.detail.state import DetailState, build_state
from ecomgan.errors import CheckpointError, ConfigError, DataError, TrainingError
from ecomgan.networks.detail import DetailNetwork
from ecomgan.training.state import read_checkpoint, to_images, write_atomically
from ecomgan.training.step import update

_LOG_EVERY = 50
_DISCRIMINATOR_LEAD = 200
_MOST_BAD_STEPS = 20
_LEAST_PHOTOS = 2
_PATCHES_OF_A_PHOTO = 2
_TRIES = 4
_LEAST_PRODUCT = 0.15


@dataclass(frozen=True)
class Taught:
    """An averaged network on its way or done."""

    network: DetailNetwork
    config: DetailConfig
    step: int
    seconds: float
    command: str
    """What makes it again; several lines where it began with the networks of another run."""

    @property
    def done(self) -> bool:
        return self.step >= self.config.steps


def teach(
    folder: Path,
    photos: DetailPhotos,
    data: Path,
    changes: dict[str, Any],
    stop: threading.Event,
    init: Path | None = None,
) -> Taught:
    """Teach until done or asked to stop. A run that is in `folder` goes on, to the weights as if it had never stopped.

    data: where `photos` come from, and the photos of the dev split that are looked at. init: folder of a run whose
    networks are taken over, with fresh optimisers.

    Raises DataError for a single photo, ConfigError, CheckpointError; TrainingError where steps are no longer finite.
    """
    if len(photos) < _LEAST_PHOTOS:
        raise DataError(f"{photos.name} holds {len(photos)} photo to teach; at least {_LEAST_PHOTOS} were expected")
    config = _open_run(folder, changes, photos, init)
    state = build_state(config)
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.exists():
        state.load(read_checkpoint(checkpoint))
    elif init is not None:
        state.adopt(read_checkpoint(init / "checkpoint.pt"))
    looked_at = _dev_photos(data) if config.evaluate_photos else None
    bad_in_a_row, clock = 0, time.monotonic()
    saved_at = clock
    while state.step < config.steps and not stop.is_set():
        losses = _step(state, config, *draw_batch(photos, config, state.stream))
        state.step += 1
        bad_in_a_row = 0 if losses["finite"] else bad_in_a_row + 1
        if bad_in_a_row >= _MOST_BAD_STEPS:
            raise TrainingError(
                f"{bad_in_a_row} steps in a row were not finite at step {state.step}; go on with a lower learning_rate"
            )
        now = time.monotonic()
        state.seconds, clock = state.seconds + now - clock, now
        if state.step % _LOG_EVERY == 0:
            _log(folder, state, losses)
        if looked_at is not None and state.step % config.evaluate_every == 0:
            _log(folder, state, quick_figures(state.average, looked_at, config.evaluate_photos))
        if bad_in_a_row == 0 and now - saved_at >= config.checkpoint_seconds:
            write_atomically(state.to_checkpoint(), checkpoint)
            saved_at = now
    if bad_in_a_row == 0:
        write_atomically(state.to_checkpoint(), checkpoint)
    _note(folder, step=state.step)
    return Taught(state.average, config, state.step, state.seconds, _commands(folder, data))


def draw_batch(photos: DetailPhotos, config: DetailConfig, draw: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Patches of photos (N, 3, 4P, 4P) and their degraded copies (N, 3, P, P), both in [-1, 1]; half are mirrored."""
    small, large = [], []
    for row in draw.integers(len(photos), size=-(-config.batch // _PATCHES_OF_A_PHOTO)):
        photo = photos.pixels(int(row))
        for _ in range(_PATCHES_OF_A_PHOTO):
            patch = _patch(photo, SCALE * config.patch, draw)
            patch = np.ascontiguousarray(patch[:, ::-1] if draw.random() < 0.5 else patch)
            large.append(patch)
            small.append(degrade(patch, draw))
    stacked = np.stack(large[: config.batch]), np.stack(small[: config.batch])
    cpu = torch.device("cpu")
    return to_images(stacked[1], cpu), to_images(stacked[0], cpu)


def _patch(photo: np.ndarray, side: int, draw: np.random.Generator) -> np.ndarray:
    """A square of the photo, mostly one that shows some of the product."""
    for attempt in range(_TRIES):
        top, left = draw.integers(0, HEIGHT - side + 1), draw.integers(0, WIDTH - side + 1)
        patch: np.ndarray = photo[top : top + side, left : left + side]
        if (patch < 230).any(axis=2).mean() >= _LEAST_PRODUCT or attempt == _TRIES - 1:
            break
    return patch


def _step(state: DetailState, config: DetailConfig, small: Tensor, photo: Tensor) -> dict[str, float]:
    adversarial = config.adversarial_weight > 0 and state.step >= config.adversarial_from
    judged = config.adversarial_weight > 0 and state.step >= config.adversarial_from - _DISCRIMINATOR_LEAD
    state.set_rate(config)
    with torch.autocast("cpu", torch.bfloat16):
        made = state.network(small)
    figures: dict[str, float] = {}
    finite = True
    if judged:
        with torch.autocast("cpu", torch.bfloat16):
            real, fake = state.discriminator(photo), state.discriminator(made.detach())
        loss = telling_loss(real, fake)
        finite = update(state.discriminator_optimiser, list(state.discriminator.parameters()), loss)
        figures |= {"discriminator": loss.item()}
    parts = {
        "pixel": pixel_loss(made, photo) * config.pixel_weight,
        "colour": colour_loss(made, photo) * config.colour_weight,
    }
    if config.grid_weight > 0:
        parts["grid"] = grid_loss(made, photo) * config.grid_weight
    if config.feature_weight > 0:
        with torch.no_grad():
            wanted = state.backbone.features(photo, FEATURE_STRIDE)
        found = state.backbone.features(made, FEATURE_STRIDE)
        parts["feature"] = feature_loss(found, wanted) * config.feature_weight
    if adversarial:
        state.discriminator.requires_grad_(False)
        with torch.autocast("cpu", torch.bfloat16):
            logits = state.discriminator(made)
        state.discriminator.requires_grad_(True)
        parts["adversarial"] = deceive_loss(logits) * config.adversarial_weight
    total = torch.stack(list(parts.values())).sum()
    finite = update(state.optimiser, list(state.network.parameters()), total) and finite
    if finite:
        state.update_average(config.ema)
    return figures | {name: part.item() for name, part in parts.items()} | {"finite": float(finite)}


def _open_run(folder: Path, changes: dict[str, Any], photos: DetailPhotos, init: Path | None) -> DetailConfig:
    """The options of the run in `folder`, which is started if there is none."""
    file = folder / "run.json"
    if file.exists():
        try:
            saved = json.loads(file.read_text(encoding="utf-8"))
            config = DetailConfig().with_changes(saved["config"]).resumed_with(changes)
            sha256 = saved["photos_sha256"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            if isinstance(error, ConfigError):
                raise
            raise CheckpointError(f"{file} cannot be read ({error}); start a new run") from error
        if sha256 != photos.sha256:
            raise DataError(f"{folder} was taught by other photos than those of {photos.name}; start a new run")
    else:
        config = DetailConfig().with_changes(changes)
        if init is not None and not (init / "checkpoint.pt").is_file():
            raise CheckpointError(f"{init} holds no checkpoint.pt; the folder of a run of train-detail was expected")
        folder.mkdir(parents=True, exist_ok=True)
        began = None if init is None else str(init)
        _note(folder, init=began, photos_sha256=photos.sha256, step=0, config=config.to_json())
    _note(folder, config=config.to_json())
    return config


def _note(folder: Path, **changes: Any) -> None:
    """Change the description of a run."""
    file = folder / "run.json"
    described = (json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}) | changes
    file.write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")


def _commands(folder: Path, data: Path) -> str:
    """The commands that teach a run, and before it the one that it began with; options as they are in the end."""
    saved = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    usual = DetailConfig().to_json()
    options = "".join(f" --set {name}={value}" for name, value in saved["config"].items() if value != usual[name])
    init = saved["init"]
    stopped = f"  # stopped at step {saved['step']}" if saved["step"] < saved["config"]["steps"] else ""
    before, start = (f"{_commands(Path(init), data)}\n", f" --init {init}") if init else ("", "")
    return f"{before}python -m ecomgan train-detail {folder} --data {data}{start}{options}{stopped}"


def _dev_photos(data: Path) -> DetailPhotos | None:
    try:
        return open_photos(data, "dev")
    except DataError:
        return None  # a small set may have none: nothing is looked at then


def _log(folder: Path, state: DetailState, figures: dict[str, float]) -> None:
    rounded = {name: float(f"{value:.5g}") for name, value in figures.items()}
    line = json.dumps({"step": state.step, "seconds": round(state.seconds)} | rounded)
    with (folder / "metrics.jsonl").open("a", encoding="utf-8") as out:
        out.write(line + "\n")
