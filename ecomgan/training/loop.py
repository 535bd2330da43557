"""The training loop: start, resume, log, checkpoint, stop cleanly."""

import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from tqdm import tqdm

from ecomgan.data.prepared import PreparedSet, Vocabulary, build_vocabulary, encode_conditions, open_prepared
from ecomgan.data.sampling import GroupSampler
from ecomgan.errors import CheckpointError, ConfigError, DataError, TrainingError
from ecomgan.training.config import TrainConfig
from ecomgan.training.monitor import MetricsLog, Monitor
from ecomgan.training.state import TrainState, build_state, read_checkpoint, to_images, write_atomically
from ecomgan.training.step import StepResult, train_step

CHECKPOINT_FILE = "checkpoint.pt"
RUN_FILE = "run.json"
_LOG_EVERY_STEPS = 10


@dataclass(frozen=True)
class Run:
    """A run folder: where its data is, its options and its vocabulary."""

    folder: Path
    data: Path
    config: TrainConfig
    vocabulary: Vocabulary

    @classmethod
    def start(cls, folder: Path, data: Path, config: TrainConfig, vocabulary: Vocabulary) -> "Run":
        """Make the folder; raises ConfigError where there is a run already."""
        if (folder / RUN_FILE).exists():
            raise ConfigError(f"{folder} holds a run already; continue it with --resume or choose a new folder")
        folder.mkdir(parents=True, exist_ok=True)
        run = cls(folder, data.resolve(), config, vocabulary)
        run.save()
        return run

    @classmethod
    def open(cls, folder: Path, changes: dict[str, Any] | None = None) -> "Run":
        """Read the folder of a run that has started, with some options changed."""
        try:
            saved = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
            config = TrainConfig().with_changes(saved["config"])
            run = cls(folder, Path(saved["data"]), config.resumed_with(changes or {}), saved["vocabulary"])
        except (OSError, KeyError, json.JSONDecodeError) as error:
            raise CheckpointError(f"{folder} is no run folder ({error}); one with {RUN_FILE} was expected") from error
        run.save()
        return run

    def save(self) -> None:
        """Write the run's description, whole or not at all."""
        described = {"data": str(self.data), "config": self.config.to_json(), "vocabulary": self.vocabulary}
        partial = self.folder / (RUN_FILE + ".partial")
        partial.write_text(json.dumps(described, indent=1, ensure_ascii=False), encoding="utf-8")
        partial.replace(self.folder / RUN_FILE)


def start_training(folder: Path, data: Path, config: TrainConfig) -> TrainState:
    """Train from fresh networks on the train split of a prepared set; returns when done or asked to stop."""
    vocabulary = build_vocabulary(open_prepared(data, "train"), config.smallest_count)
    return _train(Run.start(folder, data, config, vocabulary), resumed=False)


def resume_training(folder: Path, changes: dict[str, Any] | None = None) -> TrainState:
    """Continue a run from its last checkpoint, to the same losses as if it had never stopped."""
    return _train(Run.open(folder, changes), resumed=True)


def _train(run: Run, resumed: bool) -> TrainState:
    config = run.config
    train = open_prepared(run.data, "train")
    state = build_state(config, run.vocabulary, train.height, train.width)
    if resumed:
        state.load_checkpoint(read_checkpoint(run.folder / CHECKPOINT_FILE))
    monitor = Monitor(config, run.vocabulary, train, _dev_split(run))
    log = MetricsLog(run.folder, state.counters.images)
    try:
        with _stop_on_signals() as stop:
            _loop(run, state, train, monitor, log, stop)
    finally:
        log.close()
    return state


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
                write_atomically(state.to_checkpoint(), run.folder / CHECKPOINT_FILE)
                saved_at = time.monotonic()
    if bad_in_a_row == 0:
        write_atomically(state.to_checkpoint(), run.folder / CHECKPOINT_FILE)


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
    """SIGTERM and SIGINT end the loop after the step it is in, with a checkpoint. Signals only reach the main thread."""
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
