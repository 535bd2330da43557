"""Making an image again in the worker: the same bytes, or why not. Loads torch: only the worker may import it."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from sqlalchemy.orm import Session

from db.tables import Asset, Brief, Job, Reproduction, ReproductionOutcome
from ecomgan.errors import EcomGANError
from studio.engines.live import Engine, Engines
from studio.errors import EngineError, StorageError, StudioError
from studio.making.finished import finish, source_pixels
from studio.making.generation import png, recipe_of, wanted_of
from studio.making.made_with import Surroundings, surroundings
from studio.making.reframing import source_of
from studio.models.in_use import model
from studio.work.job_body import JobBody
from studio.work.job_rows import locked
from studio.work.queue import Steps

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Result:
    """What came of it, in a sentence; `sha256` names the bytes that came out where they are others."""

    outcome: ReproductionOutcome
    text: str
    sha256: str | None = None


@dataclass(frozen=True)
class Reproducer(JobBody):
    """Makes images again."""

    engines: Engines

    def work(self, steps: Steps, job_id: str) -> None:
        """Make the image, compare, tell."""
        if steps.run("begin", self.begin, job_id):
            steps.run("make", self.make, job_id)
        steps.run("finish", self.finish, job_id)

    def make(self, job_id: str) -> None:
        """Make the image again and keep what came of it. Nothing of the image itself changes."""
        start = time.perf_counter()
        with self.studio.reading() as session:
            image = session.get_one(Asset, session.get_one(Reproduction, job_id).asset_id)
            brief = session.get_one(Brief, image.brief_id)
            view = model(session, image.model_version_id)
        around: Surroundings = {}
        try:
            if source_of(brief) is not None:
                around = surroundings(1)
                result = self._compare(image, _finished(brief, source_pixels(self.studio, brief)), around)
            else:
                engine = self.engines.get(view)
                around = surroundings(engine.batch)
                result = self._compare(image, _made(engine, brief, image.number), around)
        except (StudioError, EcomGANError) as error:
            told = error.message if isinstance(error, StudioError) else str(error)
            result = Result(ReproductionOutcome.IMPOSSIBLE, f"It cannot be made again here: {told}")
        with self.studio.writing() as session:
            row = session.get_one(Reproduction, job_id)
            row.outcome, row.text, row.sha256, row.made_with = result.outcome, result.text, result.sha256, dict(around)
            job = locked(session, job_id)
            job.done = 1
            job.compute_seconds += time.perf_counter() - start

    def told(self, session: Session, job: Job) -> str:
        """The outcome."""
        return session.get_one(Reproduction, job.id).text

    def _compare(self, image: Asset, pixels: Pixels, around: Surroundings) -> Result:
        data = png(pixels)
        sha256 = self.studio.storage.put(data)  # the same bytes again are kept once
        if sha256 == image.sha256:
            return Result(ReproductionOutcome.SAME, "The same bytes, to the last.")
        try:
            before = np.asarray(Image.open(io.BytesIO(self.studio.storage.get(image.sha256))).convert("RGB"))
        except StorageError as error:
            return Result(
                ReproductionOutcome.DIFFERENT,
                f"Other bytes came out, and they cannot be compared: {error.message}",
                sha256,
            )
        changed = differences(image.made_with, around)
        if before.shape == pixels.shape and np.array_equal(before, pixels):
            return Result(
                ReproductionOutcome.SAME_PIXELS,
                f"The same pixels in a file of other bytes: another version packed it. {changed}",
                sha256,
            )
        return Result(ReproductionOutcome.DIFFERENT, f"{_apart(before, pixels)} {changed}", sha256)


def differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What is otherwise than when the image was made, in a sentence."""
    if not then:
        return "It was made before the studio kept a record of machine and versions, so the reason is not known."
    changed = [f"{name} {then[name]} then, {now.get(name, 'none')} now" for name in then if then[name] != now.get(name)]
    if not changed:
        return "Machine and versions are those of its making, as far as they are recorded."
    return f"What changed since: {'; '.join(changed)}."


def _made(engine: Engine, brief: Brief, number: int) -> Pixels:
    return _finished(brief, engine.make([wanted_of(brief, number)], recipe_of(brief))[0])


def _finished(brief: Brief, image: Pixels) -> Pixels:
    try:
        finished, _ = finish(brief, image)
    except EcomGANError as error:
        raise EngineError(f"Finishing it failed: {error}") from error
    return finished


def _apart(before: Pixels, now: Pixels) -> str:
    if before.shape != now.shape:
        was, came = (f"{shape[1]} x {shape[0]} px" for shape in (before.shape, now.shape))
        return f"Another image came out: {came} instead of {was}."
    apart = np.abs(before.astype(np.int16) - now.astype(np.int16)).max(axis=-1)
    share = f"{np.count_nonzero(apart) / apart.size:.1%} of the pixels differ, by at most {apart.max()} of 255"
    seen = (
        "no eye sees it" if apart.max() <= 2 else "a close look shows it" if apart.max() <= 16 else "it looks different"
    )
    return f"{share}: {seen}."
