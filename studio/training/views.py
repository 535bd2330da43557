"""Trainings as people see them: how far, what became of them, their curves and pictures."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from db.tables import (
    Evaluation,
    Job,
    JobState,
    ModelVersion,
    Role,
    Training,
    TrainingImage,
    TrainingPhoto,
    TrainingPicture,
    TrainingPoint,
    TrainingWish,
    User,
)
from studio.errors import NotFound
from studio.roles import Actor, require
from studio.training.trainings import last_attempt
from studio.work.jobs import JobView, job

if TYPE_CHECKING:
    from studio.bootstrap import Studio

Stage = Literal[
    "waiting", "preparing", "learning", "judging", "stopping", "paused", "stopped", "failed", "done", "discarded"
]
PictureKind = Literal["samples", "nearest_photos"]

_LEFT_OUT = "left_out"  # as `records.LEFT_OUT`, which pages cannot load
_MOST_POINTS = 400  # of one curve; a screen shows no more


@dataclass(frozen=True)
class TrainingView:
    """One training by its last attempt. splits: split of the snapshot ("train", "validation", ...) -> photos.

    images: approved images that are learned from beside the photos. decided: what became of the decided images, by the
    names of `DecidedCount`; empty where they were not asked for.

    seen and target: photos seen so far, and at the end. best_at: photos seen at its best moment so far, 0 for the base
    as it came. ended: "target", "early_stop", "alarm" or "stopped", once the run has ended. step: (done, of) of the
    preparing or judging that goes on. rows: what each row of a sample grid shows. seconds_left is None when unknown or
    over.
    """

    id: int
    name: str
    stage: Stage
    base_id: int
    base: str
    model_id: int | None
    model: str | None
    preset: str
    photos: int
    images: int
    decided: Mapping[str, int]
    splits: Mapping[str, int]
    seen: int
    target: int
    seconds_left: float | None
    images_per_second: float | None
    best_at: int | None
    ended: str | None
    alarm: str | None
    wish: TrainingWish
    step: tuple[int, int] | None
    rows: tuple[tuple[str, ...], ...]
    created_by: str
    created_at: dt.datetime
    finished_at: dt.datetime | None
    compute_seconds: float
    error: str | None
    job_id: str

    @property
    def active(self) -> bool:
        """Whether it waits, runs, or is on its way to an end."""
        return self.stage in ("waiting", "preparing", "learning", "judging", "stopping")


def list_trainings(studio: Studio, actor: Actor, limit: int = 20) -> list[TrainingView]:
    """The newest trainings first."""
    require(actor, Role.ADMIN)
    with studio.reading() as session:
        ids = list(session.scalars(sa.select(Training.id).order_by(Training.id.desc()).limit(limit)))
    return [training(studio, actor, training_id) for training_id in ids]


def training(studio: Studio, actor: Actor, training_id: int) -> TrainingView:
    """One training. Raises NotFound."""
    require(actor, Role.ADMIN)
    base, taught = aliased(ModelVersion), aliased(ModelVersion)
    query = (
        sa.select(Training, base.name, taught.name, User.name)
        .join(base, base.id == Training.base_model_id)
        .join(taught, taught.id == Training.model_version_id, isouter=True)
        .join(User, User.id == Training.created_by_id)
        .where(Training.id == training_id)
    )
    with studio.reading() as session:
        found = session.execute(query).one_or_none()
        if found is None:
            raise NotFound(f"There is no training {training_id}.")
        row, base_name, taught_name, person = found
        job_id = last_attempt(session, row).id
        splits = Counter(
            session.scalars(sa.select(TrainingPhoto.split).where(TrainingPhoto.training_id == training_id))
        )
        joined = (TrainingImage.training_id == training_id, TrainingImage.split != _LEFT_OUT)
        images = session.scalar(sa.select(sa.func.count()).select_from(TrainingImage).where(*joined)) or 0
        spent = session.scalar(_spent(row.job_id))
    return _view(row, base_name, taught_name, person, job(studio, actor, job_id), splits, images, float(spent or 0.0))


def training_of_job(studio: Studio, actor: Actor, job_id: str) -> int:
    """The id of the training that this job is an attempt at. Raises NotFound."""
    require(actor, Role.ADMIN)
    first = sa.select(sa.func.coalesce(Job.retry_of_id, Job.id)).where(Job.id == job_id).scalar_subquery()
    with studio.reading() as session:
        training_id = session.scalar(sa.select(Training.id).where(Training.job_id == first))
    if training_id is None:
        raise NotFound(f"Job {job_id[:80]!r} is no training.")
    return training_id


def curves(studio: Studio, actor: Actor, training_id: int) -> dict[str, list[tuple[int, float]]]:
    """Metric -> (photos seen, value) in their order, thinned out evenly where a curve has many."""
    require(actor, Role.ADMIN)
    query = (
        sa.select(TrainingPoint.metric, TrainingPoint.images, TrainingPoint.value)
        .where(TrainingPoint.training_id == training_id)
        .order_by(TrainingPoint.metric, TrainingPoint.images)
    )
    found: dict[str, list[tuple[int, float]]] = {}
    with studio.reading() as session:
        for metric, images, value in session.execute(query):
            found.setdefault(metric, []).append((images, value))
    return {metric: _thinned(points) for metric, points in found.items()}


def pictures(studio: Studio, actor: Actor, training_id: int, kind: PictureKind) -> dict[int, str]:
    """Photos seen -> the SHA-256 of the picture drawn then."""
    require(actor, Role.ADMIN)
    query = (
        sa.select(TrainingPicture.images, TrainingPicture.sha256)
        .where(TrainingPicture.training_id == training_id, TrainingPicture.kind == kind)
        .order_by(TrainingPicture.images)
    )
    with studio.reading() as session:
        return {row.images: row.sha256 for row in session.execute(query)}


def picture(studio: Studio, actor: Actor, training_id: int, sha256: str) -> bytes:
    """The PNG bytes of a picture of this training. Raises NotFound, StorageError."""
    require(actor, Role.ADMIN)
    query = sa.select(TrainingPicture.sha256).where(
        TrainingPicture.training_id == training_id, TrainingPicture.sha256 == sha256
    )
    with studio.reading() as session:
        if session.scalar(query.limit(1)) is None:
            raise NotFound(f"Training {training_id} has no such picture.")
    return studio.storage.get(sha256)


def held_out_figures(studio: Studio, actor: Actor, training_id: int) -> dict[int, dict[str, Any]]:
    """Model version -> its figures on the held-out photos of this training; empty before it was judged."""
    require(actor, Role.ADMIN)
    query = sa.select(Evaluation.model_version_id, Evaluation.figures).where(
        Evaluation.data == f"training-{training_id}", Evaluation.category == ""
    )
    with studio.reading() as session:
        return {row.model_version_id: row.figures for row in session.execute(query)}


def _spent(first_job_id: str) -> sa.Select[float]:
    same = sa.or_(Job.id == first_job_id, Job.retry_of_id == first_job_id)
    return sa.select(sa.func.sum(Job.compute_seconds)).where(same)


def _view(
    row: Training,
    base: str,
    taught: str | None,
    person: str,
    last: JobView,
    splits: Mapping[str, int],
    images: int,
    spent: float,
) -> TrainingView:
    told = row.progress
    stage = _stage(row, last)
    return TrainingView(
        id=row.id,
        name=row.name,
        stage=stage,
        base_id=row.base_model_id,
        base=base,
        model_id=row.model_version_id,
        model=taught,
        preset=row.preset,
        photos=sum(splits.values()),
        images=images,
        decided=row.options.get("decided", {}),
        splits={split: n for split, n in splits.items() if split},
        seen=int(told.get("images", 0)),
        target=int(told.get("target", row.images)),
        seconds_left=_seconds_left(stage, told, last),
        images_per_second=told.get("images_per_second"),
        best_at=told.get("best_images"),
        ended=told.get("ended"),
        alarm=row.alarm,
        wish=row.wish,
        step=_step(stage, told),
        rows=tuple(tuple(str(value) for value in row.values() if value) for row in told.get("rows", [])),
        created_by=person,
        created_at=row.created_at,
        finished_at=last.finished_at,
        compute_seconds=spent,
        error=last.error,
        job_id=last.id,
    )


def _stage(row: Training, last: JobView) -> Stage:
    ended: dict[JobState, Stage] = {
        JobState.QUEUED: "waiting",
        JobState.CANCELLING: "stopping",
        JobState.CANCELLED: "stopped",
        JobState.PAUSED: "paused",
        JobState.DONE: "done",
        JobState.FAILED: "failed",
    }
    if row.wish is TrainingWish.DISCARD and not last.active:
        return "discarded"
    if last.state in ended:
        return ended[last.state]
    run_ended = row.progress.get("ended")
    if "to_judge" in row.progress or (run_ended and (run_ended != "stopped" or row.wish is TrainingWish.KEEP)):
        return "judging"
    if row.wish is TrainingWish.PAUSE:
        return "stopping"
    return "learning" if "images" in row.progress else "preparing"


def _step(stage: Stage, told: Mapping[str, Any]) -> tuple[int, int] | None:
    if stage == "preparing" and "photos" in told:
        return int(told["prepared"]), int(told["photos"])
    if stage == "judging":
        return int(told.get("judged", 0)), int(told.get("to_judge", 2))
    return None


def _seconds_left(stage: Stage, told: Mapping[str, Any], last: JobView) -> float | None:
    if stage == "learning" and told.get("seconds_left") is not None:
        return float(told["seconds_left"])
    return last.seconds_left if stage in ("waiting", "preparing") else None


def _thinned(points: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """At most `_MOST_POINTS` of them and the last one."""
    step = -(-len(points) // _MOST_POINTS)
    return [*points[:-1:step], points[-1]]
