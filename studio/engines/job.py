"""What the worker does for an engine that is added: fetch, look through, try out, register. Loads torch."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from sqlalchemy.orm import Session

from db.tables import EngineAddition, Job, ModelVersion
from studio.activity import record
from studio.bootstrap import Studio
from studio.engines.additions import STAGES, EngineWish, is_hub_name
from studio.engines.folder import EngineFolder, read_engine_folder
from studio.engines.hub import fetch_model
from studio.engines.live import DiffusionEngine, Interrupted
from studio.engines.running import Running, record_running
from studio.engines.settings import DIFFUSERS
from studio.errors import Conflict, EngineError
from studio.models.in_use import ModelView, register_folder
from studio.roles import Actor
from studio.work.job_body import JobBody
from studio.work.job_rows import locked
from studio.work.jobs import note
from studio.work.queue import Steps

_TOLD_SECONDS = 10.0  # how often the log tells of a download
_CANCELLED = "It was cancelled."

Told = Callable[[str], None]


@dataclass(frozen=True)
class EngineAdder(JobBody):
    """Adds engines; what was fetched stays for another try when it fails."""

    device: torch.device

    def work(self, steps: Steps, job_id: str) -> None:
        """Fetch, try out, register; what was tried out is not tried again after a breakdown."""
        if steps.run("begin", self.begin, job_id):
            steps.run("fetch", self.fetch, job_id)
            tried = steps.run("try", self.try_out, job_id)
            steps.run("register", self.register, job_id, tried)
        steps.run("finish", self.finish, job_id)

    def fetch(self, job_id: str) -> None:
        """Have the folder here, and look through it."""
        wish = self._wish(job_id)
        if is_hub_name(wish.source):
            last = 0.0

            def told(done: int, total: int) -> None:
                nonlocal last
                self._go_on_or_raise(job_id)
                if time.monotonic() - last > _TOLD_SECONDS or done == total:
                    last = time.monotonic()
                    self._note(job_id, f"Fetched {done / 1e9:.2f} of {total / 1e9:.2f} GB of {wish.source}.")

            fetch_model(wish.source, self._fetched(job_id), told)
        found = self._folder(job_id, wish)
        wish.settings(found)
        self._note(job_id, described(found), done=1)

    def try_out(self, job_id: str) -> dict[str, Any]:
        """Open it and make an image of few steps, as proof that it works here; how it runs and how fast."""
        wish = self._wish(job_id)
        running, seconds = try_engine(self._folder(job_id, wish), wish, self.device, lambda: self.goes_on(job_id))
        self._note(job_id, f"It works: {running}. An image will take about {seconds:.1f} s.", done=2)
        return {"running": asdict(running), "seconds": seconds}

    def register(self, job_id: str, tried: dict[str, Any]) -> None:
        """Copy the folder into the storage and register it."""
        self._go_on_or_raise(job_id)
        wish = self._wish(job_id)
        with self.studio.reading() as session:
            owner = session.get_one(Job, job_id).owner
            actor = Actor(owner.id, owner.name, owner.role)
        model = register_engine(self.studio, actor, self._folder(job_id, wish), wish)
        record_running(self.studio, model.id, Running(**tried["running"]), tried["seconds"])
        with self.studio.writing() as session:
            session.get_one(EngineAddition, job_id).model_version_id = model.id
        self._note(job_id, f"Registered as {model.name}.", done=STAGES)
        shutil.rmtree(self._fetched(job_id), ignore_errors=True)

    def told(self, session: Session, job: Job) -> str:
        """Where it is."""
        return "Editors can choose it on the page Generate now."

    def _wish(self, job_id: str) -> EngineWish:
        with self.studio.reading() as session:
            row = session.get_one(EngineAddition, job_id)
            return EngineWish(row.source, row.name, **row.settings)

    def _fetched(self, job_id: str) -> Path:
        return self.studio.settings.home / "fetched" / job_id

    def _folder(self, job_id: str, wish: EngineWish) -> EngineFolder:
        return read_engine_folder(self._fetched(job_id) if is_hub_name(wish.source) else Path(wish.source).expanduser())

    def _note(self, job_id: str, text: str, *, done: int | None = None) -> None:
        with self.studio.writing() as session:
            note(session, job_id, text)
            if done is not None:
                locked(session, job_id).done = done

    def _go_on_or_raise(self, job_id: str) -> None:
        if not self.goes_on(job_id):
            raise Conflict(_CANCELLED)


def described(found: EngineFolder) -> str:
    """A folder in one line."""
    settings = found.settings
    parts = ", ".join(f"{name} ({class_})" for name, class_ in found.components.items())
    return (
        f"{settings.pipeline} of {settings.parameters / 1e6:,.1f} million parameters in {settings.saved_as}, "
        f"{found.size / 1e9:.2f} GB: {parts}."
    )


def try_engine(
    found: EngineFolder, wish: EngineWish, device: torch.device, go_on: Callable[[], bool] = lambda: True
) -> tuple[Running, float]:
    """Open a folder and make an image: how it runs here, and seconds per image. Raises EngineError, Conflict."""
    settings = wish.settings(found)
    engine = DiffusionEngine(0, wish.name, found.path, settings, device)
    try:
        images = engine.trial(go_on)
    except Interrupted:
        raise Conflict(_CANCELLED) from None
    height, width = images.shape[1:3]
    if (height, width) != (settings.height, settings.width):
        raise EngineError(
            f"{settings.pipeline} made an image of {height} x {width} pixels where {settings.height} x "
            f"{settings.width} were asked for. Choose {height} x {width}."
        )
    return engine.running(), engine.seconds_per_image


def register_engine(studio: Studio, actor: Actor | None, found: EngineFolder, wish: EngineWish) -> ModelView:
    """Register the folder; one with the same weights as an engine that is there gives that one these settings."""
    settings = wish.settings(found).as_json()
    model = register_folder(
        studio, actor, found.path, name=wish.name, source="added", engine=DIFFUSERS, settings=settings,
        height=settings["height"], width=settings["width"],
    )  # fmt: skip
    if dict(model.settings) == settings and model.name == wish.name:
        return model
    with studio.writing() as session:
        row = session.get_one(ModelVersion, model.id)
        row.name, row.settings, row.height, row.width = wish.name, settings, settings["height"], settings["width"]
        record(session, actor, "changed", "model_version", row.id, f"Changed the settings of the engine {row.name}.")
    return model
