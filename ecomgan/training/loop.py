"""The training loop: start, resume, log, evaluate, checkpoint, end."""

import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from ecomgan.data.prepared import PreparedSet, build_vocabulary, category_paths, open_prepared
from ecomgan.errors import ConfigError, TrainingError
from ecomgan.pipeline import EcomGANPipeline
from ecomgan.training.adopting import Nearest, adopt, config_like, growth, joint_paths, joint_vocabulary
from ecomgan.training.batches import Batches
from ecomgan.training.config import TrainConfig
from ecomgan.training.export import images_seen_by
from ecomgan.training.held_out import HeldOutFigures, held_out_figures
from ecomgan.training.metrics_log import MetricsLog
from ecomgan.training.monitor import Monitor
from ecomgan.training.progress import Progress
from ecomgan.training.replay import open_replay
from ecomgan.training.run import Run, describe_hardware
from ecomgan.training.state import TrainState, build_state, read_checkpoint, to_images, write_atomically
from ecomgan.training.step import StepResult, train_step
from ecomgan.training.stopping import stop_on_signals
from ecomgan.training.texts import choose_text_encoder, keep_text_encoder, photo_texts
from ecomgan.training.watch import End, Watch

_LOG_EVERY_STEPS = 10


def start_training(
    folder: Path,
    data: Path,
    config: TrainConfig,
    init: Path | None = None,
    *,
    nearest: Nearest | None = None,
    replay: Path | None = None,
    preset: str | None = None,
) -> TrainState:
    """Train on the train split of a prepared set; returns when done or asked to stop.

    init: a checkpoint folder whose networks are taught further, with fresh optimisers; None: fresh networks.
    nearest, replay: see `ecomgan.training.fine_tune`. preset: a name to record.
    """
    with stop_on_signals() as stop:
        photos = open_prepared(data, "train")
        vocabulary = build_vocabulary(photos, config.smallest_count)
        run = Run(folder, data.resolve(), config, vocabulary, replay=replay and replay.resolve(), preset=preset)
        paths = category_paths(photos, vocabulary, config.category_levels)
        pipe = None
        if init is None and config.grow:
            raise ConfigError(
                f"grow is {config.grow}, but there is no checkpoint to grow from; give --init, or channels"
            )
        if config.grow and config.replay and replay is None:
            raise ConfigError(
                f"replay needs photos of {photos.height}x{photos.width} where a checkpoint grows: its own images are "
                "smaller; give --replay SET, or replay=0"
            )
        if init is not None:
            pipe = EcomGANPipeline.from_pretrained(init)
            vocabulary = joint_vocabulary(pipe.generator.config["vocabulary"], vocabulary)
            grown = growth(pipe, vocabulary, nearest or {})
            paths = joint_paths(pipe, grown, category_paths(photos, vocabulary, config.category_levels))
            run = replace(
                run,
                config=config_like(config, pipe, (photos.height, photos.width)),
                vocabulary=vocabulary,
                init=init.resolve(),
                grown=grown,
                images_before=images_seen_by(init),
            )
        tower = choose_text_encoder(config, pipe)
        text_dim = tower[0].config.embedding_dim if tower else 0
        run = replace(run, paths=paths or None, text_dim=text_dim)
        state = _first_state(run, photos, pipe)
        run = replace(run, hardware=describe_hardware(state.device))
        run.start()
        if tower is not None:
            keep_text_encoder(tower, run.folder)
        _train(run, state, photos, stop)
    return state


def resume_training(folder: Path, changes: dict[str, Any] | None = None) -> TrainState:
    """Continue a run from its last checkpoint, to the same losses as if it had never stopped.

    One that was killed before its first checkpoint begins again; one that has ended, and is not given more images or
    patience by `changes`, returns at once.
    """
    with stop_on_signals() as stop:
        run = Run.open(folder, changes)
        photos = open_prepared(run.data, "train")
        if run.checkpoint.exists():
            state = _empty_state(run, photos)
            state.load_checkpoint(read_checkpoint(run.checkpoint))
        else:
            state = _first_state(run, photos, None if run.init is None else EcomGANPipeline.from_pretrained(run.init))
        run = replace(run, hardware=describe_hardware(state.device))
        run.save()
        _train(run, state, photos, stop)
    return state


def _empty_state(run: Run, photos: PreparedSet) -> TrainState:
    size = photos.height, photos.width
    return build_state(run.config, run.vocabulary, *size, run.lr_factor, run.grown, run.paths, run.text_dim)


def _first_state(run: Run, photos: PreparedSet, pipe: EcomGANPipeline | None) -> TrainState:
    state = _empty_state(run, photos)
    if pipe is not None:
        adopt(state, pipe)
    return state


@dataclass(frozen=True)
class _Observers:
    """All that looks at a training without changing it."""

    monitor: Monitor
    held_out: HeldOutFigures | None
    log: MetricsLog
    progress: Progress


def _train(run: Run, state: TrainState, photos: PreparedSet, stop: threading.Event) -> None:
    config = run.config
    batches = Batches(config, run.vocabulary, photos, open_replay(run, photos), photo_texts(photos, run))
    held_out = held_out_figures(run, state, photos)
    observers = _Observers(
        Monitor(config, run.vocabulary, photos),
        held_out,
        MetricsLog(run.folder, state.counters.images),
        Progress(run.folder, config, state, None if held_out is None else held_out.photos),
    )
    observers.progress.write(state, None)
    try:
        if state.counters.images == 0 and run.init is not None:
            state.watch = Watch()
            _evaluate(run, state, observers)
            _show(run, state, observers)
        ended = _loop(run, state, batches, observers, stop)
        observers.progress.write(state, ended)
    finally:
        observers.log.close()


def _loop(run: Run, state: TrainState, batches: Batches, observers: _Observers, stop: threading.Event) -> End:
    """Steps until there is a reason to end; ends with a checkpoint."""
    config, counters = run.config, state.counters
    bad_in_a_row = 0
    clock = saved_at = time.monotonic()
    with tqdm(total=config.images, initial=counters.images, unit="img", desc="train", smoothing=0.05) as bar:
        while not (ended := state.watch.end(counters.images, config)) and not stop.is_set():
            batch = batches.draw(state.data_stream)
            real = to_images(batch.pixels, state.device)
            conditions = torch.from_numpy(batch.conditions).to(state.device)
            texts = None if batch.texts is None else torch.from_numpy(batch.texts).to(state.device)
            result = train_step(state, config, real, conditions, texts)
            counters.images += config.batch
            counters.steps += 1
            state.update_average(config.ema)
            counters.bad_steps += not result.finite
            bad_in_a_row = 0 if result.finite else bad_in_a_row + 1
            if bad_in_a_row >= config.most_bad_steps:
                raise TrainingError(
                    f"{bad_in_a_row} steps in a row were not finite at {counters.images} images; the last checkpoint "
                    f"is kept in {run.folder}: resume it with a lower lr_generator and lr_discriminator"
                )
            now = time.monotonic()
            counters.seconds += now - clock
            clock = now
            if counters.steps % _LOG_EVERY_STEPS == 0:
                observers.log.write(counters.images, _figures(result, state))
            bar.update(config.batch)
            _look(run, state, observers)
            if bad_in_a_row == 0 and time.monotonic() - saved_at >= config.checkpoint_seconds:
                write_atomically(state.to_checkpoint(), run.checkpoint)
                saved_at = time.monotonic()
    if bad_in_a_row == 0:
        write_atomically(state.to_checkpoint(), run.checkpoint)
    return ended or "stopped"


def _look(run: Run, state: TrainState, observers: _Observers) -> None:
    """Grid and held-out figures whenever another stretch of images is full."""
    config, images = run.config, state.counters.images
    if images % config.grid_every < config.batch:
        _show(run, state, observers)
    if images % config.evaluate_every < config.batch:
        _evaluate(run, state, observers)
    observers.progress.tell(state)


def _show(run: Run, state: TrainState, observers: _Observers) -> None:
    monitor = observers.monitor
    monitor.write_grid(state, run.folder / "samples")
    observers.log.write(
        state.counters.images, {"variety": monitor.variety(state), "variety_real": monitor.real_variety}
    )


def _evaluate(run: Run, state: TrainState, observers: _Observers) -> None:
    if observers.held_out is None:
        return
    images = state.counters.images
    figures = observers.held_out.measure(state)
    observers.log.write(images, figures)
    observers.held_out.write_nearest(run.folder / "nearest_photos", images)
    if state.watch.note(images, figures, run.config):
        state.keep_as_best()


def _figures(result: StepResult, state: TrainState) -> dict[str, float]:
    counters = state.counters
    return {
        "loss/discriminator": result.discriminator_loss,
        "loss/mismatch": result.mismatch_loss,
        "loss/generator": result.generator_loss,
        "logit/real": result.real_logit,
        "logit/fake": result.fake_logit,
        "bad_steps": counters.bad_steps,
        "seconds": counters.seconds,
        "images_per_second": counters.images / counters.seconds,
    }
