"""What the worker does for images that wait for their later scores. Loads torch: only the worker may import this."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from db.tables import Asset, AssetLook, AssetScoring, Job, JobState, Photo, Score, utc_now
from ecomgan.data.decode import decode_image
from ecomgan.errors import EcomGANError
from ecomgan.metrics import birth_scores, keys_of
from ecomgan.metrics.category_confidence import category_confidence
from ecomgan.metrics.later import LaterScores, Subject
from ecomgan.metrics.likeness import VERSION as LOOK_VERSION
from ecomgan.metrics.likeness import likeness
from ecomgan.metrics.look import look
from studio.errors import EngineError, StorageError
from studio.making.briefs import ARTICLE, COLOUR
from studio.photos.rights import usable
from studio.publishing.verdict_rows import keep_verdicts, unjudged
from studio.scoring.distances import Distances, Look
from studio.scoring.measures import EXACT_WHITE, edition, exact_white, keys_to_take, version_of
from studio.work.job_body import JobBody
from studio.work.job_rows import advance, close, locked
from studio.work.jobs import IMAGES, note
from studio.work.queue import Steps

Pixels = npt.NDArray[np.uint8]
Values = dict[str, float | None]

_log = logging.getLogger(__name__)
_CHUNK = 8  # images; under two seconds on two cores
_JUDGED = 400  # images at a time, by numbers alone
_PHOTOS = 6  # of a product, the newest, of which the one most alike is compared
_GIVES_WAY_SECONDS = 4.0  # to orders that run, before each chunk


class Judges(Protocol):
    """Takes the scores that need networks."""

    def score(self, subjects: Sequence[Subject]) -> list[Values]:
        """All later and identity scores of each subject but the distances."""
        ...


@dataclass(frozen=True)
class _Image:
    """An image that waits, with what it was asked to show. `had`: keys of the scores of present versions."""

    id: int
    sha256: str
    model_id: int
    product_id: int | None
    text: str
    article: str | None
    colour: str | None
    had: frozenset[str]


@dataclass(frozen=True)
class _Seen:
    """An image with its pixels, its look, and the real photo that it is most alike."""

    image: _Image
    pixels: Pixels
    look: Look
    photo: Pixels | None
    photo_sha256: str | None


@dataclass(frozen=True)
class ImageScorer(JobBody):
    """Scores images. The networks are opened for the first image and stay open."""

    unit = "images"

    open_judges: Callable[[], Judges] = LaterScores.open
    gives_way_seconds: float = _GIVES_WAY_SECONDS

    @cached_property
    def judges(self) -> Judges:
        """The networks."""
        try:
            return self.open_judges()
        except EcomGANError as error:
            raise EngineError(f"The networks that score images cannot be opened: {error}") from error

    def work(self, steps: Steps, job_id: str) -> None:
        """Chunk after chunk, the newest images first; then what new rules say of older ones; finish, or begin again
        with the images that came meanwhile.
        """
        going = steps.run("begin", self.begin, job_id)
        while going:
            while going:
                going = steps.run("images", self.score_some, job_id)
            after: int | None = 0
            while after is not None:
                after = steps.run("rules", self.judge_some, job_id, after)
            going = steps.run("finish", self.finish_or_go_on, job_id)

    def score_some(self, job_id: str) -> bool:
        """Score the newest images that wait in the job. False when none is left, or the job was cancelled.

        What was scored waits no more, so that a chunk done twice is the same as once.
        """
        self._give_way(job_id)
        start = time.perf_counter()
        if not self.goes_on(job_id):
            return False
        with self.studio.reading() as session:
            images = _waiting(session, job_id)
            if not images:
                return False
            faults: dict[int, str] = {}
            seen = self._see(session, images, faults)
            found = self._score(session, seen)
        with self.studio.writing() as session:
            job = locked(session, job_id)
            for one in seen:
                _keep(session, one, found[one.image.id])
            _mark(session, seen, faults)
            keep_verdicts(session, [one.image.id for one in seen])
            going = advance(job, len(images), start)
            if faults:
                note(session, job_id, f"{len(faults)} could not be read: image {', '.join(map(str, sorted(faults)))}.")
            return going

    def judge_some(self, job_id: str, after: int) -> int | None:
        """Judge the next scored images that some rules in force say nothing about yet. Returns the last id; None when
        there are no more, or the job was cancelled.
        """
        start = time.perf_counter()
        with self.studio.writing() as session:
            job = locked(session, job_id)
            ids = unjudged(session, after, _JUDGED) if job.state is JobState.RUNNING else []
            if not ids:
                return None
            keep_verdicts(session, ids)
            job.done += len(ids)
            job.total = max(job.total, job.done)
            job.compute_seconds += time.perf_counter() - start
            return ids[-1]

    def finish_or_go_on(self, job_id: str) -> bool:
        """Close the job: done, or cancelled. True when further images joined it meanwhile: then it is not over."""
        with self.studio.writing() as session:
            job = locked(session, job_id)
            waits = sa.select(AssetScoring.asset_id).where(AssetScoring.job_id == job_id).limit(1)
            if job.state is JobState.RUNNING and session.scalar(waits) is not None:
                return True
            close(session, job, f"Done: {job.done} images in {job.compute_seconds:.1f} s.", self.unit)
            return False

    def _give_way(self, job_id: str) -> None:
        """Let orders that are being made have the machine for a while; they are what somebody waits for."""
        until = time.monotonic() + self.gives_way_seconds
        while time.monotonic() < until:
            with self.studio.reading() as session:
                order = sa.select(Job.id).where(Job.kind == IMAGES, Job.state == JobState.RUNNING).limit(1)
                mine = session.get_one(Job, job_id).state is JobState.RUNNING
                if not mine or session.scalar(order) is None:
                    return
            time.sleep(0.25)

    def _see(self, session: Session, images: Sequence[_Image], faults: dict[int, str]) -> list[_Seen]:
        looks = dict(
            session.execute(
                sa.select(AssetLook.asset_id, AssetLook.vector).where(
                    AssetLook.asset_id.in_([one.id for one in images]), AssetLook.version == LOOK_VERSION
                )
            ).all()
        )
        photos: dict[int, list[tuple[str, Pixels, Look]]] = {}
        seen: list[_Seen] = []
        for one in images:
            try:
                pixels = self._pixels(one.sha256)
                vector = np.frombuffer(looks[one.id], dtype=np.int8) if one.id in looks else look(pixels)
            except (StorageError, EcomGANError) as error:
                _log.warning("image %s cannot be scored: %s", one.id, error)
                faults[one.id] = str(error)[:200]
                continue
            if one.product_id is not None and one.product_id not in photos:
                photos[one.product_id] = self._photos(session, one.product_id)
            near = _most_alike(vector, photos.get(one.product_id or 0, []))
            seen.append(_Seen(one, pixels, vector, near[1] if near else None, near[0] if near else None))
        return seen

    def _pixels(self, sha256: str) -> Pixels:
        return np.asarray(decode_image(self.studio.storage.get(sha256)))

    def _photos(self, session: Session, product_id: int) -> list[tuple[str, Pixels, Look]]:
        """The newest real photos of a product that can be read."""
        query = sa.select(Photo.sha256).where(Photo.product_id == product_id, usable()).order_by(Photo.id.desc())
        found = []
        for sha256 in session.scalars(query.limit(_PHOTOS)):
            try:
                pixels = self._pixels(sha256)
                found.append((sha256, pixels, look(pixels)))
            except (StorageError, EcomGANError) as error:
                _log.warning("photo %s cannot be compared with: %s", sha256, error)
        return found

    def _score(self, session: Session, seen: Sequence[_Seen]) -> dict[int, Values]:
        if not seen:
            return {}
        distances = Distances(session, self.studio.looks)
        subjects = [Subject(one.pixels, one.image.text, one.image.article, one.image.colour, one.photo) for one in seen]
        found: dict[int, Values] = {}
        for one, values in zip(seen, self.judges.score(subjects), strict=True):
            if not set(keys_of("birth")) <= one.image.had:
                sure = category_confidence(one.pixels, one.image.article)
                values = birth_scores(one.pixels, one.image.colour, sure) | values
            values["taught_distance"] = distances.to_taught(one.look, one.image.model_id)
            values["published_distance"] = distances.to_published(one.look, one.image.id)
            values[EXACT_WHITE] = exact_white(one.pixels)
            found[one.image.id] = values
        return found


def _waiting(session: Session, job_id: str) -> list[_Image]:
    waits = sa.select(AssetScoring.asset_id).where(AssetScoring.job_id == job_id)
    newest = waits.order_by(AssetScoring.asset_id.desc()).limit(_CHUNK)
    ids = session.scalars(newest).all()
    rows = session.scalars(sa.select(Asset).options(joinedload(Asset.brief)).where(Asset.id.in_(ids)))
    had: dict[int, set[str]] = {}
    for asset_id, metric, version in session.execute(
        sa.select(Score.asset_id, Score.metric, Score.version).where(Score.asset_id.in_(ids))
    ):
        if metric in keys_to_take() and version_of(metric) == version:
            had.setdefault(asset_id, set()).add(metric)
    return [_image(row, frozenset(had.get(row.id, ()))) for row in rows]


def _image(row: Asset, had: frozenset[str]) -> _Image:
    brief = row.brief
    return _Image(
        id=row.id,
        sha256=row.sha256,
        model_id=row.model_version_id,
        product_id=row.product_id,
        text=str(brief.settings.get("text") or brief.prompt),
        article=brief.attributes.get(ARTICLE),
        colour=brief.attributes.get(COLOUR),
        had=had,
    )


def _most_alike(vector: Look, photos: Sequence[tuple[str, Pixels, Look]]) -> tuple[str, Pixels] | None:
    """Of several photos, front and back, the one that shows the product as the image does."""
    if not photos:
        return None
    at = int(likeness(vector, np.stack([one for _, _, one in photos])).argmax())
    return photos[at][0], photos[at][1]


def _keep(session: Session, one: _Seen, values: Values) -> None:
    """Add the scores of present versions; those that are there already, of another photo or moment, are set anew.
    Scores of birth stay as they were made.
    """
    there = {
        (row.metric, row.version): row
        for row in session.scalars(sa.select(Score).where(Score.asset_id == one.image.id))
    }
    born = set(keys_of("birth"))
    for key, value in values.items():
        row = there.get((key, version_of(key)))
        if row is None:
            session.add(Score(asset_id=one.image.id, metric=key, version=version_of(key), value=value))
        elif key not in born:
            row.value = value


def _mark(session: Session, seen: Sequence[_Seen], faults: Mapping[int, str]) -> None:
    photos = {one.image.id: one.photo_sha256 for one in seen}
    rows = session.scalars(sa.select(AssetScoring).where(AssetScoring.asset_id.in_([*photos, *faults])))
    for row in rows:
        row.job_id, row.again, row.edition, row.scored_at = None, False, edition(), utc_now()
        row.photo_sha256, row.fault = photos.get(row.asset_id), faults.get(row.asset_id, "")
