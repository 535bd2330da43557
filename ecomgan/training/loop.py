"""The training loop: start, resume, log, checkpoint, stop cleanly."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from tqdm import tqdm

from ecomgan.data.prepared import PreparedSet, build_vocabulary, encode_conditions, open_prepared
from ecomgan.data.sampling import GroupSampler
from ecomgan.errors import DataError, TrainingError
from ecomgan.pipeline import EcomGANPipeline
from ecomgan.training.config import TrainConfig
from ecomgan.training.fine_tune import adopt, config_like, joint_vocabulary
from ecomgan.training.monitor import MetricsLog, Monitor
from ecomgan.training.run import Run, describe_hardware
from ecomgan.training.state import TrainState, build_state, read_checkpoint, to_images, write_atomically
from ecomgan.training.step import StepResult, train_step

_LOG_EVERY_STEPS = 10


def start_training(folder: Path, data: Path, config: TrainConfig, init: Path | None = None) -> TrainState:
    """Train on the train split of a prepared set; returns when done or asked to stop.

    init: a checkpoint folder whose networks are taught further, with fresh optimisers; None: fresh networks.
    """
    photos = open_prepared(data, "train")
    vocabulary = build_vocabulary(photos, config.smallest_count)
    pipe = None if init is None else EcomGANPipeline.from_pretrained(init)
    if pipe is not None:
        config = config_like(config, pipe)
        vocabulary = joint_vocabulary(pipe.generator.config["vocabulary"], vocabulary)
    run = Run(folder, data.resolve(), config, vocabulary, init and init.resolve())
    state = build_state(config, vocabulary, photos.height, photos.width, run.lr_factor)
    if pipe is not None:
        adopt(state, pipe)
    run = replace(run, hardware=describe_hardware(state.device))
    run.start()
    _train(run, state, photos)
    return state


def resume_training(folder: Path, changes: dict[str, Any] | None = None) -> TrainState:
    """Continue a run from its last checkpoint, to the same losses as if it had never stopped."""
    run = Run.open(folder, changes)
    photos = open_prepared(run.data, "train")
    state = build_state(run.config, run.vocabulary, photos.height, photos.width, run.lr_factor)
    state.load_checkpoint(read_checkpoint(run.checkpoint))
    replace(run, hardware=describe_hardware(state.device)).save()
    _train(run, state, photos)
    return state


def _train(run: Run, state: TrainState, photos: PreparedSet) -> None:
    monitor = Monitor(run.config, run.vocabulary, photos, _dev_split(run))
    log = MetricsLog(run.folder, state.counters.images)
    try:
        with _stop_on_signals() as stop:
            _loop(run, state, photos, monitor, log, stop)
    finally:
        log.close()


def _loop(
    run: Run, state: TrainState, train: PreparedSet, monitor: Monitor, log: MetricsLog, stop: threading.Event
) -> None:
    config, counters = run.config, state.counters
    codes = encode_conditions(train.columns, len(train), run.vocabulary)
    sampler = GroupSampler(codes, config.group, config.balance, config.condition_dropout)
    bad_in_a_row = 0
    clock = saved_at = time.monotonic()
    with tqdm(total=config.images, initial=counters.images, unit="img", desc="train", smoothing=0.05) as bar:
        while counters.images < config.images and not stop.is_set():
            rows, conditions = sampler.draw(config.batch, state.data_stream)
            real = to_images(train.pixels(rows), state.device)
            result = train_step(state, config, real, torch.from_numpy(conditions).to(state.device))
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
                log.write(counters.images, _figures(result, state))
            bar.update(config.batch)
            _look(run, state, monitor, log)
            if bad_in_a_row == 0 and time.monotonic() - saved_at >= config.checkpoint_seconds:
                write_atomically(state.to_checkpoint(), run.checkpoint)
                saved_at = time.monotonic()
    if bad_in_a_row == 0:
        write_atomically(state.to_checkpoint(), run.checkpoint)


def _look(run: Run, state: TrainState, monitor: Monitor, log: MetricsLog) -> None:
    """Grid and held-out figures whenever another stretch of images is full."""
    config, images = run.config, state.counters.images
    if images % config.grid_every < config.batch:
        monitor.write_grid(state, run.folder / "samples" / f"{images:08d}.png")
        log.write(images, {"variety": monitor.variety(state), "variety_real": monitor.real_variety})
    if config.evaluate_images and images % config.evaluate_every < config.batch:
        figures = monitor.evaluate(state)
        if figures:
            log.write(images, figures)


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


def _dev_split(run: Run) -> PreparedSet | None:
    """Held-out photos for the figures on the way; a small set may have none."""
    if run.config.evaluate_images == 0:
        return None
    try:
        return open_prepared(run.data, "dev")
    except DataError:
        return None


@contextmanager
def _stop_on_signals() -> Iterator[threading.Event]:
    """SIGTERM and SIGINT end the loop after the step it is in, with a checkpoint; they only reach the main thread."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def ask(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
