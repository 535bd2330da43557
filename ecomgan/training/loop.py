"""The training loop: start, resume, checkpoint, end."""

import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from ecomgan.data.prepared import PreparedSet, Vocabulary, build_vocabulary, category_paths, open_prepared
from ecomgan.errors import ConfigError, DataError, TrainingError
from ecomgan.pipeline import EcomGANPipeline
from ecomgan.training.adopting import Nearest, adopt, config_like, growth, joint_paths, joint_vocabulary, remember
from ecomgan.training.batches import Batches
from ecomgan.training.config import TrainConfig
from ecomgan.training.export import images_seen_by
from ecomgan.training.metrics_log import check_wandb
from ecomgan.training.monitor import check_variety_condition
from ecomgan.training.observers import Observers, Report
from ecomgan.training.processes import Processes, check_divisible, launched_processes
from ecomgan.training.replay import open_replay
from ecomgan.training.run import Run, describe_hardware
from ecomgan.training.state import TrainState, build_state, read_checkpoint, to_images, write_atomically
from ecomgan.training.step import train_step
from ecomgan.training.stopping import stop_on_signals
from ecomgan.training.texts import choose_text_encoder, keep_text_encoder, photo_texts
from ecomgan.training.watch import End, Watch

_LOG_EVERY_STEPS = 10
_LEAST_PHOTOS = 2


def start_training(
    folder: Path,
    data: Path,
    config: TrainConfig,
    init: Path | None = None,
    *,
    nearest: Nearest | None = None,
    replay: Path | None = None,
    preset: str | None = None,
    report: Report | None = None,
) -> TrainState:
    """Train on the train split of a prepared set; returns when done or asked to stop.

    init: a checkpoint folder whose networks are taught further, with fresh optimisers; None: fresh networks.
    nearest, replay: see `ecomgan.training.fine_tune`. preset: a name to record. report: told of each evaluation.
    Under `torchrun` all processes call it and train one run together.
    """
    with stop_on_signals() as stop, launched_processes(config.device) as processes:
        _check_options(config, init, replay, processes)
        photos = open_prepared(data, "train")
        vocabulary = build_vocabulary(photos, config.smallest_count)
        _check_photos(photos, vocabulary, config)
        run = Run(folder, data.resolve(), config, vocabulary, replay=replay and replay.resolve(), preset=preset)
        paths = category_paths(photos, vocabulary, config.category_levels)
        pipe = None
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
        check_variety_condition(config.variety_condition, vocabulary)
        tower = choose_text_encoder(config, pipe)
        text_dim = tower[0].config.embedding_dim if tower else 0
        run = replace(run, paths=paths or None, text_dim=text_dim)
        state = _first_state(run, photos, pipe, processes)
        run = replace(run, hardware=describe_hardware(state.device, processes.count))
        run.start(processes)
        if tower is not None and processes.first:
            keep_text_encoder(tower, run.folder)
        _train(run, state, photos, stop, report)
    return state


def resume_training(folder: Path, changes: dict[str, Any] | None = None, *, report: Report | None = None) -> TrainState:
    """Continue a run from its last checkpoint, to the same losses as if it had never stopped.

    One that was killed before its first checkpoint begins again; one that has ended, and is not given more images or
    patience by `changes`, returns at once.
    """
    run = Run.open(folder, changes)
    with stop_on_signals() as stop, launched_processes(run.config.device) as processes:
        _check_options(run.config, run.init, run.replay, processes)
        photos = open_prepared(run.data, "train")
        begun = run.checkpoint.exists()
        needed = run.config.alignment > 0 or not begun
        pipe = EcomGANPipeline.from_pretrained(run.init) if run.init is not None and needed else None
        state = _first_state(run, photos, pipe, processes)
        if begun:
            state.load_checkpoint(read_checkpoint(run.checkpoint))
        run = replace(run, hardware=describe_hardware(state.device, processes.count))
        if processes.first:
            run.save()
        _train(run, state, photos, stop, report)
    return state


def _check_options(config: TrainConfig, init: Path | None, replay: Path | None, processes: Processes) -> None:
    """Raise ConfigError for options that do not go together with where and from what training starts."""
    check_divisible(config.batch, config.group, processes)
    check_wandb(config)
    if config.grow and init is None:
        raise ConfigError(f"grow is {config.grow}, but there is no checkpoint to grow from; give --init, or channels")
    if config.keep and init is None:
        raise ConfigError(f"keep is {config.keep}, but the run starts from no checkpoint; set keep=0 or give --init")
    if config.grow and config.replay and replay is None:
        raise ConfigError(
            "replay needs photos of the new size where a checkpoint grows: its own images are smaller; "
            "give --replay SET, or replay=0"
        )


def _check_photos(photos: PreparedSet, vocabulary: Vocabulary, config: TrainConfig) -> None:
    """Raise DataError for a set that cannot teach anything."""
    if len(photos) < _LEAST_PHOTOS:
        raise DataError(f"{photos.name} holds {len(photos)} photo for train; at least {_LEAST_PHOTOS} were expected")
    if not any(vocabulary.values()):
        raise DataError(
            f"{photos.name}: no article type, colour or usage has smallest_count = {config.smallest_count} photos; "
            "lower smallest_count, or prepare more photos"
        )


def _first_state(run: Run, photos: PreparedSet, pipe: EcomGANPipeline | None, processes: Processes) -> TrainState:
    size = photos.height, photos.width
    state = build_state(run.config, run.vocabulary, *size, run.lr_factor, run.grown, run.paths, run.text_dim, processes)
    if pipe is not None:
        adopt(state, pipe)
        if run.config.alignment:
            remember(state, pipe)
    return state


def _train(run: Run, state: TrainState, photos: PreparedSet, stop: threading.Event, report: Report | None) -> None:
    # What both make is kept in the folder of the run: the first process writes it, the others read it.
    replayed = state.processes.first_then_others(lambda: open_replay(run, photos))
    texts = state.processes.first_then_others(lambda: photo_texts(photos, run))
    batches = Batches(run.config, run.vocabulary, photos, replayed, texts)
    observers = Observers(run, state, photos, report)
    observers.tell(None)
    try:
        if state.counters.images == 0 and run.init is not None:
            state.watch = Watch()
            observers.evaluate()
            observers.show()
        observers.tell(_loop(run, state, batches, observers, stop))
    finally:
        observers.close()


def _loop(run: Run, state: TrainState, batches: Batches, observers: Observers, stop: threading.Event) -> End:
    """Steps until there is a reason to end; ends with a checkpoint."""
    config, counters, processes = run.config, state.counters, state.processes
    bad_in_a_row = 0
    clock = saved_at = time.monotonic()
    with tqdm(total=config.images, initial=counters.images, unit="img", desc="train", smoothing=0.05,
              disable=not processes.first) as bar:  # fmt: skip
        while not (ended := state.watch.end(counters.images, config)) and not processes.any(stop.is_set()):
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
                observers.log(result)
            bar.update(config.batch)
            observers.look()
            if bad_in_a_row == 0 and time.monotonic() - saved_at >= config.checkpoint_seconds:
                _save(run, state)
                saved_at = time.monotonic()
    if bad_in_a_row == 0:
        _save(run, state)
    return ended or "stopped"


def _save(run: Run, state: TrainState) -> None:
    if state.processes.first:
        write_atomically(state.to_checkpoint(), run.checkpoint)
