"""What the worker does for an order of images, step by step. Loads torch: only the worker may import this module."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from PIL import Image
from sqlalchemy.orm import Session

from db.portions import portions
from db.tables import Asset, AssetLook, Brief, JobState, Score
from ecomgan.errors import EcomGANError
from ecomgan.metrics import SCORERS, birth_scores
from ecomgan.metrics.category_confidence import category_confidence
from ecomgan.metrics.likeness import VERSION as LOOK_VERSION
from ecomgan.metrics.look import look
from studio.bootstrap import Studio
from studio.engines.live import Engine, Engines, Interrupted, Recipe, Wanted
from studio.engines.running import Running
from studio.errors import EngineError
from studio.making.briefs import ARTICLE, COLOUR, UNCATEGORISED
from studio.making.finished import finish, source_pixels
from studio.making.made_with import Surroundings, surroundings
from studio.making.reframing import source_of
from studio.models.in_use import ModelView, model
from studio.scoring.wanted import score_order
from studio.work.job_body import JobBody
from studio.work.job_rows import close, give_up, locked, take_up
from studio.work.jobs import first_attempt, missing, note
from studio.work.queue import Steps

Item = list[int]
"""[brief id, number]: JSON for "image `number` of that brief"."""

_CHUNK_SECONDS = 0.5  # a chunk is as long as a cancelled order may go on
_LARGEST_CHUNK = 32
_COPIED = 8  # images of other images' pixels


@dataclass(frozen=True)
class Made:
    """One finished image with its scores (metric -> value) and its look, already in the storage under `sha256`.

    own_frame: why it was not reframed to the house style that was asked for, else "".
    """

    brief_id: int
    number: int
    sha256: str
    height: int
    width: int
    scores: dict[str, float | None]
    look: bytes
    made_with: Surroundings
    own_frame: str


@dataclass(frozen=True)
class ImageMaker(JobBody):
    """Runs orders."""

    unit = "images"

    engines: Engines

    def work(self, steps: Steps, job_id: str) -> None:
        """Plan, chunk after chunk, finish. Images appear after each chunk."""
        for chunk in steps.run("plan", self.plan, job_id):
            if not steps.run("chunk", self.make_chunk, job_id, chunk):
                break
        steps.run("finish", self.finish, job_id)

    def plan(self, job_id: str) -> list[list[Item]]:
        """Mark the job as running and cut what is missing into chunks; nothing when it was cancelled meanwhile.

        Images of one chunk share model, truncation and guidance. The first chunk is one batch, so that something
        shows early.
        """
        with self.studio.writing() as session:
            job = take_up(session, job_id, self.worker)
            if job is None:
                return []
            briefs = session.scalars(
                sa.select(Brief).where(Brief.job_id == first_attempt(job)).order_by(Brief.id)
            ).all()
            made = _made(session, [brief.id for brief in briefs])
        chunks: list[list[Item]] = []
        for (model_id, copied, _), alike in groupby(briefs, key=_kind_of):
            items = [[brief.id, k] for brief in alike for k in range(brief.number) if (brief.id, k) not in made]
            if copied:
                chunks += [items[start : start + _COPIED] for start in range(0, len(items), _COPIED)]
            else:
                chunks += _cut(items, self._engine(model_id), first=not chunks)
        return chunks

    def make_chunk(self, job_id: str, items: list[Item]) -> bool:
        """Make, finish, score and keep these images; one transaction for all. False once the job is cancelled.

        Images that are already there are left alone, so running it twice is the same as once.
        """
        start = time.perf_counter()
        wanted_ids = {brief_id for brief_id, _ in items}
        with self.studio.reading() as session:
            briefs = {row.id: row for row in session.scalars(sa.select(Brief).where(Brief.id.in_(wanted_ids)))}
            there = _made(session, wanted_ids)
        left = [(briefs[brief_id], number) for brief_id, number in items if (brief_id, number) not in there]
        made = self._make(job_id, left) if left else []
        with self.studio.writing() as session:
            job = locked(session, job_id)
            there = _made(session, wanted_ids)  # again: a worker that was thought dead may have been here
            _add_assets(session, briefs, [one for one in made if (one.brief_id, one.number) not in there])
            job.done = job.total - missing(session, first_attempt(job))
            job.compute_seconds += time.perf_counter() - start
            for one in made:
                if one.own_frame:
                    note(
                        session,
                        job_id,
                        f"An image of seed {briefs[one.brief_id].seed + one.number} keeps its own "
                        f"frame: {one.own_frame}.",
                    )
            return job.state is JobState.RUNNING

    def finish(self, job_id: str) -> None:
        """Close the job: done, or cancelled; what it made is scored next."""
        with self.studio.writing() as session:
            job = locked(session, job_id)
            close(session, job, f"Done: {job.done} images in {job.compute_seconds:.1f} s.", self.unit)
            score_order(self.studio, session, job)

    def fail(self, job_id: str, message: str) -> None:
        """Close the job as failed; what it made until then is scored next."""
        with self.studio.writing() as session:
            job = locked(session, job_id)
            give_up(session, job, message, self.unit)
            score_order(self.studio, session, job)

    def _engine(self, model_id: int) -> Engine:
        return self.engines.get(_model_of(self.studio, model_id))

    def _make(self, job_id: str, left: Sequence[tuple[Brief, int]]) -> list[Made]:
        """These images, or fewer when the job is cancelled meanwhile: looks after every batch."""
        first = left[0][0]
        if source_of(first) is not None:
            return [self._keep(brief, k, source_pixels(self.studio, brief), surroundings(1)) for brief, k in left]
        engine = self._engine(first.model_version_id)
        made: list[Made] = []
        before = replace(engine.running(), memory=0)
        while left:
            some, left = left[: engine.batch], left[engine.batch :]
            try:
                images = engine.make(
                    [wanted_of(brief, number) for brief, number in some],
                    recipe_of(first),
                    lambda: self.goes_on(job_id),
                )
            except Interrupted:
                break
            around = surroundings(engine.batch)
            made += [self._keep(*wanted, image, around) for wanted, image in zip(some, images, strict=True)]
        self._tell_changes(job_id, engine, before)
        return made

    def _tell_changes(self, job_id: str, engine: Engine, before: Running) -> None:
        """An engine that ran out of memory goes on with less; whoever wonders about the speed finds it in the log."""
        now = replace(engine.running(), memory=0)
        if now != before:
            with self.studio.writing() as session:
                note(session, job_id, f"Memory ran out; it goes on with less: {now}.")

    def _keep(self, brief: Brief, number: int, image: npt.NDArray[np.uint8], around: Surroundings) -> Made:
        try:
            finished, own_frame = finish(brief, image)
            sure = category_confidence(finished, brief.attributes.get(ARTICLE))
            scores = birth_scores(finished, brief.attributes.get(COLOUR), sure)
            vector = look(finished).tobytes()
        except EcomGANError as error:
            raise EngineError(f"Finishing or scoring an image failed: {error}") from error
        height, width = finished.shape[:2]
        sha256 = self.studio.storage.put(png(finished))
        return Made(brief.id, number, sha256, height, width, scores, vector, around, own_frame)


def _model_of(studio: Studio, model_id: int) -> ModelView:
    with studio.reading() as session:
        return model(session, model_id)


def _kind_of(brief: Brief) -> tuple[int, bool, Recipe]:
    """What the images of one chunk share."""
    return brief.model_version_id, source_of(brief) is not None, recipe_of(brief)


def recipe_of(brief: Brief) -> Recipe:
    """How the images of a brief are made."""
    run = brief.settings
    return Recipe(brief.truncation, brief.guidance_scale, run.get("steps"), run.get("height"), run.get("width"))


def wanted_of(brief: Brief, number: int) -> Wanted:
    """Image `number` of a brief, as engines are asked for it. Texts were read and composed when they were ordered."""
    return Wanted(dict(brief.attributes), brief.seed + number, str(brief.settings.get("text") or brief.prompt))


def _cut(items: list[Item], engine: Engine, *, first: bool) -> list[list[Item]]:
    """Whole batches: the first chunk one, the others as many as fit into `_CHUNK_SECONDS`."""
    batch_seconds = engine.batch * engine.seconds_per_image
    batches = int(_CHUNK_SECONDS / batch_seconds) if batch_seconds else 1
    size = engine.batch * max(1, min(batches, _LARGEST_CHUNK // engine.batch))
    head = engine.batch if first else 0
    chunks = [items[:head]] if head else []
    chunks += [items[start : start + size] for start in range(head, len(items), size)]
    return [chunk for chunk in chunks if chunk]


def _made(session: Session, brief_ids: Sequence[int] | set[int]) -> set[tuple[int, int]]:
    """(brief id, number) of the images that are there."""
    found: set[tuple[int, int]] = set()
    for some in portions(sorted(brief_ids)):
        rows = session.execute(sa.select(Asset.brief_id, Asset.number).where(Asset.brief_id.in_(some)))
        found.update((brief_id, number) for brief_id, number in rows)
    return found


def _add_assets(session: Session, briefs: Mapping[int, Brief], made: Sequence[Made]) -> None:
    assets = [_asset(briefs[one.brief_id], one) for one in made]
    session.add_all(assets)
    session.flush()
    session.add_all(
        Score(asset_id=asset.id, metric=metric, version=SCORERS[metric].version, value=value)
        for asset, one in zip(assets, made, strict=True)
        for metric, value in one.scores.items()
    )
    session.add_all(
        AssetLook(asset_id=asset.id, version=LOOK_VERSION, vector=one.look)
        for asset, one in zip(assets, made, strict=True)
    )


def _asset(brief: Brief, made: Made) -> Asset:
    return Asset(
        brief_id=brief.id,
        number=made.number,
        seed=brief.seed + made.number,
        sha256=made.sha256,
        height=made.height,
        width=made.width,
        purpose=brief.purpose,
        category=brief.attributes.get(ARTICLE) or brief.settings.get("category", UNCATEGORISED),
        colour=brief.attributes.get(COLOUR),
        product_id=brief.product_id,
        parent_id=brief.parent_asset_id,
        model_version_id=brief.model_version_id,
        made_with=dict(made.made_with),
        created_by_id=brief.created_by_id,
    )


def png(image: npt.NDArray[Any]) -> bytes:
    """PNG bytes that are the same for the same pixels: no time, no comment, fixed compression."""
    out = io.BytesIO()
    Image.fromarray(image).save(out, "PNG", optimize=False, compress_level=6)
    return out.getvalue()
