"""Judging a version beside the one in production, on photos of the catalogue that neither was taught with."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Job, JobState, Judging, ModelVersion, Role, Training, TrainingImage, TrainingPhoto
from ecomgan.data.splits import LEAST_HELD_OUT
from studio.activity import record
from studio.errors import Conflict
from studio.models.aliases import CHAMPION, holder
from studio.models.in_use import model, recorded_speed, vocabulary
from studio.models.views import ECOMGAN, ModelView
from studio.photos.trainable import PhotoFilter, TrainablePhoto, trainable
from studio.roles import Actor, require
from studio.work.jobs import ACTIVE, JUDGING, add_job

if TYPE_CHECKING:
    from studio.bootstrap import Studio

MOST_PHOTOS = 400
"""More photos than these make figures hardly surer."""

_IMAGES_A_PHOTO = 8
_AROUND_SECONDS = 30.0  # starting, preparing photos, features
_LEARNT_FROM = ("train", "dev", "")  # also what was chosen by, and what a training that never began had not split yet


@dataclass(frozen=True)
class JudgingState:
    """How the newest judging of two versions stands. error: why there are no figures, in words for people."""

    job_id: str
    state: JobState
    error: str | None

    @property
    def active(self) -> bool:
        """Whether figures are on their way."""
        return self.state in ACTIVE


def start_judging(studio: Studio, actor: Actor | None, challenger_id: int) -> str:
    """Order figures of a version and of the one in production on the same held-out photos; returns the job's id.

    Of more than 400 photos a fixed sample is taken. Raises NotFound, Conflict where the two cannot be judged beside
    each other, are being judged, or too few photos were kept from both.
    """
    actor = require(actor, Role.MANAGER)
    with studio.writing() as session:
        champion_id = holder(session, CHAMPION)
        challenger = model(session, challenger_id)
        if champion_id is None or champion_id == challenger_id:
            raise Conflict(f"{challenger.name} is judged beside the version in production, and there is no other.")
        champion = model(session, champion_id)
        _refuse_unlike(champion, challenger)
        newest = _newest(session, champion_id, challenger_id)
        if newest is not None and newest.state in ACTIVE:
            raise Conflict(f"{challenger.name} and {champion.name} are being judged; the figures come in a moment.")
        photos = held_out_from(session, champion, challenger)
        if len(photos) < LEAST_HELD_OUT:
            raise Conflict(
                f"{len(photos)} photos of the catalogue were kept from both versions; at least {LEAST_HELD_OUT} are "
                "needed. Bring in photos of styles that no model was taught with."
            )
        job = add_job(
            studio,
            session,
            kind=JUDGING,
            title=f"Figures of {challenger.name} and {champion.name}",
            owner=actor,
            total=2,
            estimate_seconds=_estimate(session, (champion_id, challenger_id), len(photos)),
        )
        rows = [_row(photo) for photo in photos]
        session.add(Judging(job_id=job.id, champion_id=champion_id, challenger_id=challenger_id, photos=rows))
        text = f"Had {challenger.name} and {champion.name} judged on {len(photos)} held-out photos."
        record(session, actor, "judged", "model_version", challenger_id, text, photos=len(photos))
        return job.id


def newest_judging(studio: Studio, actor: Actor | None, champion_id: int, challenger_id: int) -> JudgingState | None:
    """The judging of these two that was ordered last."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        job = _newest(session, champion_id, challenger_id)
        return None if job is None else JudgingState(job.id, job.state, job.error)


def held_out_from(session: Session, *models: ModelView) -> list[TrainablePhoto]:
    """The photos that none of the models, nor what they came from, was taught with; whole styles are kept apart."""
    taught = {training_id for view in models for training_id in _trainings_behind(session, view.id)}
    query = sa.select(TrainingPhoto.sha256, TrainingPhoto.attributes).where(
        TrainingPhoto.training_id.in_(taught), TrainingPhoto.split.in_(_LEARNT_FROM)
    )
    pictures: set[str] = set()
    styles: set[str] = set()
    for sha256, attributes in session.execute(query):
        pictures.add(sha256)
        styles.add(attributes.get("style", ""))
    images = sa.select(TrainingImage.attributes).where(
        TrainingImage.training_id.in_(taught), TrainingImage.split.in_(_LEARNT_FROM)
    )
    styles |= {attributes.get("style", "") for attributes in session.scalars(images)}
    found = trainable(session, PhotoFilter(), vocabulary(models[0]))
    left = [photo for photo in found if photo.sha256 not in pictures and photo.family not in styles]
    return sorted(left, key=lambda photo: photo.sha256)[:MOST_PHOTOS]


def data_name(photos: list[dict[str, Any]]) -> str:
    """What the held-out photos are called in `evaluations`: the same photos, the same name."""
    return f"catalogue-{hashlib.sha256(''.join(row['file'] for row in photos).encode()).hexdigest()[:12]}"


def _trainings_behind(session: Session, model_id: int | None) -> set[int]:
    """The trainings that a version and its ancestors came from."""
    found: set[int] = set()
    while model_id is not None:
        found |= set(session.scalars(sa.select(Training.id).where(Training.model_version_id == model_id)))
        model_id = session.scalar(sa.select(ModelVersion.parent_id).where(ModelVersion.id == model_id))
    return found


def _refuse_unlike(champion: ModelView, challenger: ModelView) -> None:
    for view in (champion, challenger):
        if view.engine != ECOMGAN:
            raise Conflict(f"{view.name} makes images from free texts; let people vote between the two instead.")
    sizes = {(view.height, view.width) for view in (champion, challenger)}
    if len(sizes) > 1:
        raise Conflict(
            f"{champion.name} makes images of {champion.height} x {champion.width} pixels and {challenger.name} of "
            f"{challenger.height} x {challenger.width}: figures of the two would not compare. Let people vote."
        )


def _newest(session: Session, champion_id: int, challenger_id: int) -> Job | None:
    of_these = (Judging.champion_id == champion_id, Judging.challenger_id == challenger_id)
    query = sa.select(Job).join(Judging, Judging.job_id == Job.id).where(*of_these)
    return session.scalar(query.order_by(Job.created_at.desc(), Job.id.desc()).limit(1))


def _estimate(session: Session, model_ids: tuple[int, int], photos: int) -> float | None:
    speeds = [recorded_speed(session, model_id) for model_id in model_ids]
    if None in speeds:
        return None
    return _AROUND_SECONDS + sum(speed * photos * _IMAGES_A_PHOTO for speed in speeds if speed is not None)


def _row(photo: TrainablePhoto) -> dict[str, str]:
    return {
        "file": photo.sha256,
        "id": str(photo.photo_id),
        "title": photo.title,
        "style": photo.family,
        "article_type": photo.article_type,
        "colour": photo.colour or "",
        "usage": photo.usage or "",
    }
