"""Fine-tuning on the catalogue's own photos: plan it, start it, pause, resume, keep or throw away what was learnt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Job, JobState, ModelVersion, Role, Training, TrainingImage, TrainingPhoto, TrainingWish, utc_now
from ecomgan.data.splits import LEAST_PHOTOS
from ecomgan.text import Vocabulary
from ecomgan.training.presets import PRESETS
from studio.activity import record
from studio.errors import Conflict, InputError, NotFound
from studio.models.in_use import vocabulary
from studio.models.views import ECOMGAN, model_view
from studio.photos.rights import Rights, acknowledge
from studio.photos.trainable import PhotoFilter, TrainablePhoto, trainable
from studio.roles import Actor, require
from studio.training.decided import DecidedCount, DecidedImage, decided
from studio.training.folder import training_folder
from studio.training.plans import FIELDS, can_be_taught, estimate_training
from studio.work.jobs import ACTIVE, TRAINING, add_job, note
from studio.work.quotas import check_quota

if TYPE_CHECKING:
    from studio.bootstrap import Studio

MOST_IMAGES = 10_000_000
FEWEST_IMAGES = 500
_LONGEST_NAME = 120


@dataclass(frozen=True)
class TrainingRequest:
    """A training to start. images: photos to be seen in all, each many times. nearest: field -> new value -> the known
    value that it starts from, where people know better than the likeness of words. acknowledged: who starts it answers
    for the photos, and for the images of models, whose rights are open. decided: what reviewers decided is learned from
    too: approved images join, rejected ones stay out.
    """

    name: str
    base_model_id: int
    photos: PhotoFilter
    preset: str
    images: int
    nearest: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    acknowledged: bool = False
    decided: bool = False


def start(studio: Studio, actor: Actor, request: TrainingRequest) -> int:
    """Start a training with a snapshot of the photos that fit now; returns its id.

    Raises InputError for what cannot be trained (too few photos, open rights that nobody answers for, unknown words),
    NotFound for the base, QuotaReached when the actor's computing of the day is used up.
    """
    require(actor, Role.ADMIN)
    name = request.name.strip()
    if not name or len(name) > _LONGEST_NAME:
        raise InputError(f"A training has a name of 1 to {_LONGEST_NAME} characters, got {len(name)}.")
    if request.preset not in PRESETS:
        raise InputError(f"There is no preset {request.preset[:80]!r}; there are {', '.join(PRESETS)}.")
    if not FEWEST_IMAGES <= request.images <= MOST_IMAGES:
        raise InputError(f"A training sees {FEWEST_IMAGES:,} to {MOST_IMAGES:,} photos, got {request.images:,}.")
    with studio.writing() as session:
        base = session.get(ModelVersion, request.base_model_id)
        if base is None or base.engine != ECOMGAN or not can_be_taught(base):
            raise NotFound(f"Model version {request.base_model_id} is not there, or cannot be taught further.")
        words = vocabulary(model_view(base))
        photos = trainable(session, request.photos, words)
        _check_photos(photos, request)
        images, told = decided(session, request.photos, photos) if request.decided else ([], DecidedCount())
        _check_images(told, request)
        _check_nearest(request.nearest, words)
        seconds = estimate_training(session, PRESETS[request.preset], request.images).seconds
        check_quota(session, actor, seconds)
        acknowledge(session, actor.id, [photo.photo_id for photo in photos if photo.rights is Rights.OPEN])
        job = add_job(
            studio,
            session,
            kind=TRAINING,
            title=name,
            owner=actor,
            total=request.images,
            estimate_seconds=seconds,
        )
        settled = sum(photo.rights is Rights.SETTLED for photo in photos)
        row = Training(
            job_id=job.id,
            name=name,
            base_model_id=base.id,
            preset=request.preset,
            options={
                "nearest": {name: dict(values) for name, values in request.nearest.items()},
                "rights": {"settled": settled, "acknowledged": len(photos) - settled},
                **({"decided": told.as_json()} if request.decided else {}),
            },
            photo_filter=request.photos.as_json(),
            images=request.images,
            created_by_id=actor.id,
        )
        session.add(row)
        session.flush()
        session.add_all(_snapshot(row.id, photo) for photo in photos)
        session.add_all(_snapshot_image(row.id, image) for image in images)
        approved = f" and {len(images)} approved images" if images else ""
        text = f"Started the training {name} on {len(photos)} photos{approved}."
        facts = {"photos": len(photos), "images": len(images), "base_model_id": base.id}
        record(session, actor, "started", "training", row.id, text, **facts)
        return row.id


def pause(studio: Studio, actor: Actor, training_id: int) -> None:
    """Stop for now, with a checkpoint. Raises NotFound, Conflict for a training that does not run."""
    require(actor, Role.ADMIN)
    with studio.writing() as session:
        row, job = _running(session, training_id)
        row.wish = TrainingWish.PAUSE
        if job.state is JobState.QUEUED:
            job.state, job.finished_at = JobState.PAUSED, utc_now()
        note(session, job.id, f"{actor.name} wants it to pause.")
        record(session, actor, "paused", "training", row.id, f"Paused the training {row.name}.")


def resume(studio: Studio, actor: Actor, training_id: int) -> None:
    """Go on where it stopped, in a new attempt. Raises NotFound, Conflict for one that runs, is done or thrown away."""
    _again(studio, actor, training_id, TrainingWish.RUN, "resumed", "Resumed")


def keep(studio: Studio, actor: Actor, training_id: int) -> None:
    """End here: what was learnt so far becomes a challenger. Works while it runs and while it is stopped.

    Raises NotFound, Conflict for one that is done or thrown away, or that has learnt nothing yet and does not run.
    """
    require(actor, Role.ADMIN)
    with studio.writing() as session:
        row = _there(session, training_id)
        job = last_attempt(session, row)
        if job.state in ACTIVE:
            row.wish = TrainingWish.KEEP
            note(session, job.id, f"{actor.name} wants it to end here and be kept.")
            record(session, actor, "kept", "training", row.id, f"Ended the training {row.name} to keep it.")
            return
        if not row.progress.get("images"):
            raise Conflict("This training has learnt nothing yet that could be kept. Resume it, or discard it.")
    _again(studio, actor, training_id, TrainingWish.KEEP, "kept", "Ended")


def discard(studio: Studio, actor: Actor, training_id: int) -> None:
    """Throw away what was learnt; its curves and the list of its photos stay. Raises NotFound, Conflict when done."""
    require(actor, Role.ADMIN)
    with studio.writing() as session:
        row = _there(session, training_id)
        job = last_attempt(session, row)
        if job.state is JobState.DONE:
            raise Conflict("This training is done: its model is in the registry and stays there.")
        row.wish = TrainingWish.DISCARD
        at_work = job.state in (JobState.RUNNING, JobState.CANCELLING)
        if job.state in ACTIVE:
            job.state = JobState.CANCELLING if at_work else JobState.CANCELLED
            job.finished_at = None if at_work else utc_now()
            note(session, job.id, f"Discarded by {actor.name}.")
        record(session, actor, "discarded", "training", row.id, f"Discarded the training {row.name}.")
    if not at_work:  # else the worker does so, once the process has ended
        training_folder(studio.settings.home, training_id).clear()


def last_attempt(session: Session, row: Training) -> Job:
    """The job of a training that was begun last."""
    same = sa.or_(Job.id == row.job_id, Job.retry_of_id == row.job_id)
    return session.scalars(sa.select(Job).where(same).order_by(Job.created_at.desc()).limit(1)).one()


def _again(studio: Studio, actor: Actor, training_id: int, wish: TrainingWish, verb: str, told: str) -> None:
    require(actor, Role.ADMIN)
    with studio.writing() as session:
        row = _there(session, training_id)
        old = last_attempt(session, row)
        if old.state in ACTIVE:
            raise Conflict("This training is already waiting or running.")
        if old.state is JobState.DONE:
            raise Conflict("This training is done. Start a new one from its model to teach it more.")
        row.wish = wish
        left = max(row.images - int(row.progress.get("images", 0)), 1)
        speed = estimate_training(session, PRESETS[row.preset], left)
        if wish is TrainingWish.RUN:  # keeping what was learnt only ends it
            check_quota(session, actor, speed.seconds)
        job = add_job(
            studio,
            session,
            kind=TRAINING,
            title=row.name,
            owner=actor,
            total=left,
            estimate_seconds=speed.seconds,
            retry_of_id=row.job_id,
        )
        note(session, job.id, f"{told} by {actor.name}.")
        record(session, actor, verb, "training", row.id, f"{told} the training {row.name}.")


def _running(session: Session, training_id: int) -> tuple[Training, Job]:
    row = _there(session, training_id)
    job = last_attempt(session, row)
    if job.state not in (JobState.QUEUED, JobState.RUNNING):
        raise Conflict(f"Only a training that waits or runs can be paused; this one is {job.state.value}.")
    return row, job


def _there(session: Session, training_id: int) -> Training:
    row = session.scalars(sa.select(Training).where(Training.id == training_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound(f"There is no training {training_id}.")
    if row.wish is TrainingWish.DISCARD:
        raise Conflict("This training was discarded: nothing of what it learnt is left.")
    return row


def _check_photos(photos: list[TrainablePhoto], request: TrainingRequest) -> None:
    if len(photos) < LEAST_PHOTOS:
        raise InputError(f"At least {LEAST_PHOTOS} photos are needed to learn from, {len(photos)} fit.")
    left_open = sum(photo.rights is Rights.OPEN for photo in photos)
    if left_open and not request.acknowledged:
        raise InputError(
            f"The rights of {left_open} photos are unconfirmed. Confirm that you answer for them, or choose others."
        )


def _check_images(told: DecidedCount, request: TrainingRequest) -> None:
    if told.open and not request.acknowledged:
        raise InputError(
            f"{told.open} approved images were made by models whose licence is unconfirmed. Confirm that you answer "
            "for them, or leave out what reviewers decided."
        )


def _check_nearest(nearest: Mapping[str, Mapping[str, str]], words: Vocabulary) -> None:
    for name, values in nearest.items():
        if name not in FIELDS:
            raise InputError(f"{name[:80]!r} is no field of the model; there are {', '.join(FIELDS)}.")
        for known in values.values():
            if known not in words[name]:
                raise InputError(f"The model does not know the {name} {known[:80]!r}, so nothing can start from it.")


def _snapshot(training_id: int, photo: TrainablePhoto) -> TrainingPhoto:
    attributes = {
        "title": photo.title,
        "style": photo.family,
        "article_type": photo.article_type,
        "colour": photo.colour or "",
        "usage": photo.usage or "",
    }
    return TrainingPhoto(
        training_id=training_id, photo_id=photo.photo_id, sha256=photo.sha256, split="", attributes=attributes
    )


def _snapshot_image(training_id: int, image: DecidedImage) -> TrainingImage:
    attributes = {
        "title": image.title,
        "style": image.family,
        "article_type": image.article_type,
        "colour": image.colour or "",
        "usage": image.usage or "",
        "made": "yes",
    }
    return TrainingImage(
        training_id=training_id,
        asset_id=image.asset_id,
        sha256=image.sha256,
        split="",
        attributes=attributes,
        decision_id=image.decision_id,
    )
