"""From the files of a running training to rows that pages can show: figures, pictures, how far it is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Evaluation, Job, Training, TrainingImage, TrainingPhoto, TrainingPicture, TrainingPoint
from studio.bootstrap import Studio
from studio.training.folder import TrainingFolder

SAMPLES, NEAREST_PHOTOS = "samples", "nearest_photos"
LEFT_OUT = "left_out"
"""The split of a photo of the snapshot that could not be used: damaged, too small, the same picture as another."""

_END_OF_PNG = b"IEND\xaeB`\x82"

Point = tuple[str, int]
"""(metric, photos seen)."""


@dataclass
class Recorder:
    """Brings the rows of one training up to date with its folder, again and again. Doing it twice changes nothing.

    A run that was resumed begins again at its last checkpoint: what was seen beyond it is taken back.
    """

    studio: Studio
    folder: TrainingFolder
    training_id: int
    job_id: str
    _points: dict[Point, float] | None = None
    _pictures: dict[Path, int] = field(default_factory=dict)
    _split: bool = False

    def record(self, seconds: float) -> dict[str, Any]:
        """Write what is new; `seconds` of computing were spent since the last time. Returns the run's state."""
        state, points = self.folder.read_state(), read_points(self.folder.run / "metrics.jsonl")
        pictures = list(self._new_pictures())
        kept = [(kind, images, self.studio.storage.put(data)) for kind, images, data, _ in pictures]
        splits = self._splits()
        with self.studio.writing() as session:
            training = session.get_one(Training, self.training_id)
            training.progress = self.folder.read_telling() | {"rows": self.folder.read_rows()} | state
            training.alarm = state.get("alarm")
            self._write_points(session, points)
            for kind, images, sha256 in kept:
                row = TrainingPicture(training_id=training.id, kind=kind, images=images, sha256=sha256)
                session.merge(row)
            if splits is not None:
                _write_splits(session, training.id, splits)
            job = session.get_one(Job, self.job_id)
            job.compute_seconds += seconds
            job.done = done_of(job.total, training.images, int(state.get("images", 0)))
        self._pictures |= {path: size for *_, data, path in pictures for size in (len(data),)}
        self._split = self._split or splits is not None
        return state

    def _write_points(self, session: Session, points: dict[Point, float]) -> None:
        if self._points is None:
            rows = session.scalars(sa.select(TrainingPoint).where(TrainingPoint.training_id == self.training_id))
            self._points = {(row.metric, row.images): row.value for row in rows}
        if gone := self._points.keys() - points.keys():
            last = max((images for _, images in points), default=-1)
            beyond = TrainingPoint.images > last if last >= 0 else sa.true()
            session.execute(sa.delete(TrainingPoint).where(TrainingPoint.training_id == self.training_id, beyond))
            self._points = {key: value for key, value in self._points.items() if key not in gone}
        for (metric, images), value in points.items():
            if self._points.get((metric, images)) != value:
                row = TrainingPoint(training_id=self.training_id, metric=metric, images=images, value=value)
                if (metric, images) in self._points:
                    session.merge(row)
                else:
                    session.add(row)
        self._points = points

    def _new_pictures(self) -> Iterable[tuple[str, int, bytes, Path]]:
        """Pictures that are whole and were not kept yet: kind, photos seen, bytes, file."""
        for kind in (SAMPLES, NEAREST_PHOTOS):
            for path in sorted((self.folder.run / kind).glob("*.png")):
                if self._pictures.get(path) == path.stat().st_size:
                    continue
                data = path.read_bytes()
                if data.endswith(_END_OF_PNG):
                    yield kind, int(path.stem), data, path

    def _splits(self) -> dict[str, str] | None:
        """Key of a picture -> its side of the split, once the prepared set stands; None before, and once noted."""
        if self._split or not self.folder.prepared.exists():
            return None
        from ecomgan.data.prepared import photo_splits

        return photo_splits(self.folder.prepared)


def image_key(asset_id: int) -> str:
    """What an approved image is called among the photos of a set, whose keys are their plain ids."""
    return f"image-{asset_id}"


def _write_splits(session: Session, training_id: int, splits: Mapping[str, str]) -> None:
    """Note for each photo and image of the snapshot on which side of the split it fell."""
    photos = session.scalars(sa.select(TrainingPhoto.photo_id).where(TrainingPhoto.training_id == training_id))
    rows = [
        {"training_id": training_id, "photo_id": id_, "split": splits.get(str(id_), LEFT_OUT)} for id_ in photos.all()
    ]
    if rows:
        session.execute(sa.update(TrainingPhoto), rows)
    images = session.scalars(sa.select(TrainingImage.asset_id).where(TrainingImage.training_id == training_id))
    rows = [
        {"training_id": training_id, "asset_id": id_, "split": splits.get(image_key(id_), LEFT_OUT)}
        for id_ in images.all()
    ]
    if rows:
        session.execute(sa.update(TrainingImage), rows)


def read_points(file: Path) -> dict[Point, float]:
    """The figures of a run by metric and photos seen. A line that is still being written is left for the next time."""
    points: dict[Point, float] = {}
    if not file.exists():
        return points
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            figures = json.loads(line)
        except ValueError:
            continue
        images = int(figures.pop("images"))
        points |= {(name, images): float(value) for name, value in figures.items()}
    return points


def done_of(total: int, target: int, seen: int) -> int:
    """How much of its total an attempt has done that began `target - total` photos after the first one."""
    return max(0, min(total, seen - (target - total)))


def forget_run(session: Session, training: Training) -> None:
    """Take back what was recorded of a run that is out of reach."""
    training.progress, training.alarm = {}, None
    for table in (TrainingPoint, TrainingPicture):
        session.execute(sa.delete(table).where(table.training_id == training.id))


def write_figures(session: Session, model_id: int, data: str, found: dict[str, Any]) -> None:
    """What `small_set_figures` found, in the shape of `evaluation.json`: one row in all, one for each category."""
    kinds = {kind["article_type"]: kind for kind in found["conditions"]}
    distances = {name: {"generated": cell} for name, cell in found.items() if name.startswith("KD_") and cell}
    about = {name: found[name] for name in ("space", "split", "images_a_photo", "too_few", "stand_ins")}
    whole = {"data": {"name": data, "held_out_photos": found["photos"]}, "distances": distances, **about}
    for category, figures in {"": whole, **kinds}.items():
        same = (Evaluation.model_version_id == model_id, Evaluation.data == data, Evaluation.category == category)
        row = session.scalar(sa.select(Evaluation).where(*same))
        if row is None:
            row = Evaluation(model_version_id=model_id, data=data, category=category)
            session.add(row)
        row.figures = figures
