"""A search by Optuna, in its own database, that any number of workers share and that outlives each of them.

Trials are told by the training's own figure on `dev` photos; the networks that judge checkpoints are never asked.
"""

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback
from optuna.study import MaxTrialsCallback, Study
from optuna.trial import Trial, TrialState

from ecomgan.errors import ConfigError, TrainingError
from ecomgan.pipeline import EcomGANPipeline
from ecomgan.training.config import TrainConfig
from ecomgan.training.held_out import open_held_out
from ecomgan.training.loop import resume_training, start_training
from ecomgan.training.run import Run
from ecomgan.training.state import TrainState
from ecomgan.training.watch import KD
from ecomgan.tuning.space import Choice, Space, described

BEST_FILE = "best.toml"

_STUDY = "ecomgan"
_BEATS_TO_DEATH = 3
_MOST_TAKEOVERS = 5
_TRIALS_BEFORE_PRUNING = 4
_SECONDS_FOR_A_LOCK = 60
_DONE = (TrialState.COMPLETE, TrialState.PRUNED)


@dataclass(frozen=True)
class Search:
    """A search. options: of all trials, where they differ from the defaults. trials: of all workers together, which may
    become as many more as there are other workers. storage: URL of a database; None: `study.db` in the folder.
    heartbeat: seconds between two signs of life of a worker.
    """

    folder: Path
    data: Path
    space: Space
    options: Mapping[str, Any]
    trials: int = 20
    init: Path | None = None
    storage: str | None = None
    heartbeat: int = 60

    def describe(self) -> dict[str, Any]:
        """What all its workers must have in common."""
        found = {"data": str(self.data), "init": self.init and str(self.init), **self.options}
        found |= {f"space of {name}": table for name, table in described(self.space).items()}
        told: dict[str, Any] = json.loads(json.dumps(found))
        return told


class _Stopped(Exception):
    """The worker was asked to stop in the middle of a trial."""


def search(wanted: Search) -> Study:
    """Work on the trials of a search until there are enough, or this worker is asked to stop (SIGTERM, Ctrl-C).

    A trial is pruned where its figure is worse than the median of earlier ones at the same number of images, or where
    it falls apart. That of a dead worker is failed and enqueued again, to go on from its checkpoint.
    Raises ConfigError for a search that was begun with other options, or has nothing to be told by.
    """
    if wanted.trials < 1 or wanted.heartbeat < 1:
        raise ConfigError(f"trials is {wanted.trials} and heartbeat {wanted.heartbeat}; at least 1 each was expected")
    _check_figures(wanted)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)  # heartbeats are what this stands on
        return _search(wanted)


def _search(wanted: Search) -> Study:
    again = RetryHeartbeatStaleTrialCallback(max_retry=_MOST_TAKEOVERS)
    study = _open(wanted, again)
    if len(study.get_trials(deepcopy=False, states=_DONE)) >= wanted.trials:
        return study
    try:
        study.optimize(lambda trial: _train(wanted, trial), callbacks=[MaxTrialsCallback(wanted.trials, _DONE)])
    except _Stopped as stopped:
        (number,) = stopped.args
        again(study, study.get_trials(deepcopy=False)[number])
    return study


def best_options(wanted: Search, study: Study) -> str:
    """The options of the best trial as a TOML file for `train --config`, also kept in the folder; a comment where none
    is complete.
    """
    if not study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)):
        return "# no trial is complete yet\n"
    best = study.best_trial
    options = dict(wanted.options) | best.params
    lines = [
        f"# trial {best.number} of {wanted.folder.name}: KD x1000 on dev, in the training's own space, {best.value:.6g}"
    ]
    lines += [f"{name} = {json.dumps(value)}" for name, value in options.items()]
    text = "\n".join(lines) + "\n"
    (wanted.folder / BEST_FILE).write_text(text, encoding="utf-8")
    return text


def _train(wanted: Search, trial: Trial) -> float:
    drawn = {name: part.draw(trial, name) for name, part in wanted.space.items()}
    config = TrainConfig().with_changes(dict(wanted.options) | drawn)
    found: list[float] = []

    def report(images: int, figures: Mapping[str, float]) -> None:
        found.append(figures[KD])
        trial.report(figures[KD], images)
        if trial.should_prune():
            raise optuna.TrialPruned

    try:
        state = _start_or_resume(wanted, trial, config, report)
    except TrainingError as error:
        raise optuna.TrialPruned(str(error)) from error
    if state.watch.end(state.counters.images, config) is None:
        raise _Stopped(trial.number)
    if state.watch.best_kd is None:
        raise optuna.TrialPruned("no evaluation without an alarm")
    return state.watch.best_kd


def _start_or_resume(wanted: Search, trial: Trial, config: TrainConfig, report: Any) -> TrainState:
    """One that is taken over goes on in the folder of the worker that began it."""
    kept = trial.study.get_trials(deepcopy=False)[trial.number]
    first = RetryHeartbeatStaleTrialCallback.retried_trial_number(kept)
    folder = wanted.folder / "trials" / f"{trial.number if first is None else first:05d}"
    if (folder / "run.json").exists():
        return resume_training(folder, report=report)
    return start_training(folder, wanted.data, config, wanted.init, report=report)


def _open(wanted: Search, again: RetryHeartbeatStaleTrialCallback) -> Study:
    wanted.folder.mkdir(parents=True, exist_ok=True)
    url = wanted.storage or f"sqlite:///{wanted.folder.resolve() / 'study.db'}"
    waits = {"connect_args": {"timeout": _SECONDS_FOR_A_LOCK}} if url.startswith("sqlite") else {}
    try:
        storage = RDBStorage(
            url,
            waits,
            heartbeat_interval=wanted.heartbeat,
            grace_period=_BEATS_TO_DEATH * wanted.heartbeat,
            heartbeat_stale_trial_callback=again,
        )
        study = optuna.create_study(
            storage=storage,
            study_name=_STUDY if wanted.storage is None else f"{_STUDY}: {wanted.folder.resolve()}",
            direction="minimize",
            load_if_exists=True,
            sampler=optuna.samplers.TPESampler(constant_liar=True),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=_TRIALS_BEFORE_PRUNING),
        )
    except Exception as error:  # each driver raises kinds of its own
        raise ConfigError(f"{url} cannot be opened as the database of a search: {error}") from error
    begun = study.user_attrs.get("search")
    if begun is None:
        study.set_user_attr("search", wanted.describe())
    elif begun != (asked := wanted.describe()):
        name = next(name for name in begun | asked if begun.get(name) != asked.get(name))
        raise ConfigError(
            f"{wanted.folder} is a search with {name} = {begun.get(name)!r}, not {asked.get(name)!r}; repeat its "
            "command, or choose a new folder"
        )
    return study


def _backbone(init: Path | None, config: TrainConfig) -> str:
    """What the heads look through: those of the checkpoint that trials start from, where there is one."""
    if init is None:
        return config.backbone
    heads = EcomGANPipeline.from_pretrained(init).discriminator
    return config.backbone if heads is None else str(heads.config["backbone"])


def _check_figures(wanted: Search) -> None:
    """Raise ConfigError where trials would have no held-out figure."""
    config = TrainConfig().with_changes(wanted.options)
    backbones = wanted.space.get("backbone")
    if "none" in (_backbone(wanted.init, config), *(backbones.choices if isinstance(backbones, Choice) else ())):
        raise ConfigError("backbone is 'none', whose own space tells nothing; 'lite0' was expected in a search")
    if config.evaluate_every > config.images:
        raise ConfigError(
            f"evaluate_every is {config.evaluate_every}, above images = {config.images}: no trial would have a figure"
        )
    if open_held_out(Run(wanted.folder, wanted.data, config, {})) is None:
        raise ConfigError(f"{wanted.data} has no dev photos to tell trials by, or evaluate_images is 0")
