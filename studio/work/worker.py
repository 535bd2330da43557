"""The worker process: loads the model in production, keeps it warm, and runs jobs until it is told to stop."""

from __future__ import annotations

import datetime as dt
import fcntl
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import sqlalchemy as sa
import torch

from studio.bootstrap import Studio, open_studio
from studio.engines.job import EngineAdder
from studio.engines.live import Engines, choose_device
from studio.engines.running import record_running
from studio.errors import NotReady, StudioError
from studio.images.look_job import LookMaker
from studio.imports.job import Importer
from studio.imports.staged_rows import clear_old
from studio.making.generation import ImageMaker
from studio.making.reproducing import Reproducer
from studio.models.comparing import PairMaker
from studio.models.in_use import ModelView, champion, register_starter
from studio.models.judging_job import Judge
from studio.models.sampling import SampleDrawer
from studio.photos.job import PhotoPlacer
from studio.publishing.style_job import StyleLearner
from studio.quality.rollups import bring_up_to_date
from studio.review.recall_job import Recaller
from studio.scoring.job import ImageScorer
from studio.searching.job import VectorMaker
from studio.settings import Settings
from studio.training.job import Trainer
from studio.trust.calibration_job import Calibrator
from studio.work.duties import DUTIES
from studio.work.heartbeat import HEARTBEAT_SECONDS, Heartbeat
from studio.work.jobs import (
    CALIBRATION,
    COMPARISON,
    ENGINE,
    HOUSE_STYLES,
    IMAGES,
    IMPORT,
    JUDGING,
    LOOKS,
    PHOTOS,
    RECALL,
    REPRODUCE,
    SCORES,
    TRAINING,
    VECTORS,
)
from studio.work.lifeline import hold_lifeline
from studio.work.queue import Body, Runner
from studio.work.rounds import Rounds
from studio.work.takeover import Takeover, told_of

_log = logging.getLogger(__name__)
_STEP_PATIENCE_SECONDS = 25.0  # for the running step when stopping; the supervisor kills after 30
_TEND_SECONDS = 10.0  # between looks for a model without a picture, and for days whose figures changed
_COUNTING_SECONDS = 5.0  # at most in a row; a year from before the figures were kept takes several turns
_FORGET_SECONDS = 3600.0
_KEPT_WORKFLOWS = dt.timedelta(days=30)


def run_worker(settings: Settings) -> None:
    """Work until SIGTERM, Ctrl-C or the end of the parent. Never returns: the process ends with status 0.

    The running step is finished; jobs that are not done go back to the queue, for this worker or another.
    """
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    hold_lifeline()
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if settings.threads:
        torch.set_num_threads(settings.threads)
    device = choose_device()
    studio = open_studio(settings)
    with _own_name(settings.home / "workers", "gpu" if device.type == "cuda" else "cpu") as name:
        worker = Worker(studio, name, device)
        worker.work(stop)
    studio.close()
    logging.shutdown()
    os._exit(0)  # threads of jobs that were handed back never end by themselves


@dataclass
class Worker:
    """One device with its engines. `name` is unique, and the same again after a restart."""

    studio: Studio
    name: str
    device: torch.device
    engines: Engines = field(init=False)
    _registered: bool = False
    _told: str = ""  # the last reason why there is no model to work with: once is enough
    _refused: str | None = None  # digest of the model that could not be opened: once told is enough

    def __post_init__(self) -> None:
        self.engines = Engines(self.studio, self.device)

    def work(self, stop: threading.Event) -> None:
        """Report in, get ready, run jobs until `stop` is set, leave in order."""
        maker = ImageMaker(self.studio, self.name, self.engines)
        bodies: dict[str, Body] = {
            CALIBRATION: Calibrator(self.studio, self.name).body,
            COMPARISON: PairMaker(self.studio, self.name, self.engines).body,
            ENGINE: EngineAdder(self.studio, self.name, self.device).body,
            HOUSE_STYLES: StyleLearner(self.studio, self.name).body,
            IMAGES: maker.body,
            IMPORT: Importer(self.studio, self.name).body,
            JUDGING: Judge(self.studio, self.name).body,
            LOOKS: LookMaker(self.studio, self.name).body,
            PHOTOS: PhotoPlacer(self.studio, self.name).body,
            RECALL: Recaller(self.studio, self.name).body,
            REPRODUCE: Reproducer(self.studio, self.name, self.engines).body,
            SCORES: ImageScorer(self.studio, self.name).body,
            TRAINING: Trainer(self.studio, self.name).body,
            VECTORS: VectorMaker(self.studio, self.name).body,
        }
        bodies = {kind: told_of(self.studio, self.name, body) for kind, body in bodies.items()}
        runner = Runner(self.studio.settings.resolved_database_url, executor=self.name, bodies=bodies)
        with Heartbeat(self.studio, self.name, self._device_name()) as heartbeat:
            warm = self._is_warm()
            runner.start()
            heartbeat.ready = warm
            _log.info("worker %s %s", self.name, "is ready" if warm else "runs, but has no model")
            with Takeover(self.studio, runner), Rounds(self.studio, DUTIES):
                self._tend(runner, heartbeat, stop)
            _log.info("worker %s stops: the running step ends first", self.name)
            if not runner.stop(_STEP_PATIENCE_SECONDS):
                _log.warning("a step took longer than %s s and will be done again", _STEP_PATIENCE_SECONDS)

    def _tend(self, runner: Runner, heartbeat: Heartbeat, stop: threading.Event) -> None:
        tended = forgot = -_FORGET_SECONDS
        samples = SampleDrawer(self.studio, self.engines)
        while not stop.wait(HEARTBEAT_SECONDS):
            now = time.monotonic()
            heartbeat.ready = self._is_warm()
            try:
                if now - tended > _TEND_SECONDS:
                    tended = now
                    samples.draw_next()
                    bring_up_to_date(self.studio, seconds=_COUNTING_SECONDS)
                if now - forgot > _FORGET_SECONDS:
                    forgot = now
                    runner.forget(_KEPT_WORKFLOWS)
                    clear_old(self.studio, _KEPT_WORKFLOWS)
            except (StudioError, sa.exc.SQLAlchemyError) as error:
                _log.warning("the database does not answer, trying again: %s", error)

    def _is_warm(self) -> bool:
        """Whether the model in production is loaded and warm; sees to it when it is another one than before."""
        try:
            self._register()
            return self._warm_up(champion(self.studio))
        except NotReady:
            return False
        except sa.exc.SQLAlchemyError as error:
            _log.warning("the database does not answer, trying again: %s", error)
            return False

    def _warm_up(self, model: ModelView) -> bool:
        if self.engines.holds(model):
            return True
        if self._refused == model.digest:
            return False
        start = time.perf_counter()
        try:
            engine = self.engines.get(model)
            engine.warm_up()
        except StudioError as error:
            self._refused = model.digest
            _log.error("%s", error)
            return False
        record_running(self.studio, model.id, engine.running(), engine.seconds_per_image)
        _log.info(
            "model %s loaded and warm in %.1f s, %.1f images/s on %s",
            model.name,
            time.perf_counter() - start,
            1 / engine.seconds_per_image,
            self._device_name(),
        )
        return True

    def _register(self) -> None:
        """Register the shipped model; a folder that is not there may still come."""
        if self._registered:
            return
        try:
            register_starter(self.studio)
            self._registered = True
        except StudioError as error:
            if error.message != self._told:
                self._told = error.message
                _log.error("%s", error)

    def _device_name(self) -> str:
        return torch.cuda.get_device_name(self.device) if self.device.type == "cuda" else "CPU"


@contextmanager
def _own_name(folder: Path, kind: str) -> Iterator[str]:
    """ "host-cpu0", or the next number that no living worker of this home has: a restarted worker finds its own again,
    and with it the jobs that it left.
    """
    folder.mkdir(parents=True, exist_ok=True)
    host = socket.gethostname()[:80]
    for number in range(1000):
        name = f"{host}-{kind}{number}"
        with open(folder / f"{name}.lock", "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the system lets go of it when the process dies
            except BlockingIOError:
                continue
            yield name
            return
    raise StudioError(f"1,000 workers run already on {folder}.")
