"""What a training would come to, before it starts: the photos, the words they bring, the time it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import ModelVersion, Photo, Role, Training
from ecomgan.data.splits import LEAST_PHOTOS
from ecomgan.text import Vocabulary, nearest_known
from ecomgan.training.presets import Preset, preset_for
from studio.models.aliases import CHAMPION, holder
from studio.models.in_use import model, vocabulary
from studio.models.views import ECOMGAN, ModelView, model_view
from studio.photos.rights import usable
from studio.photos.trainable import PhotoFilter, TrainableCount, TrainablePhoto, count_trainable, trainable
from studio.roles import Actor, require
from studio.training.decided import DecidedCount, DecidedImage, decided, has_approved

if TYPE_CHECKING:
    from studio.bootstrap import Studio

FIELDS = ("article_type", "colour", "usage")
"""What a photo says of its product, in the model's words."""

_SHOWN_PHOTOS = 18
_SHOWN_IMAGES = 9
_AROUND_SECONDS = 60.0  # starting, preparing photos, judging at the end
_TRAININGS_LOOKED_AT = 20


@dataclass(frozen=True)
class NewWord:
    """A value that the photos bring and the base does not know; it starts as a copy of `nearest`, or as unknown."""

    field: str
    value: str
    photos: int
    nearest: str | None


@dataclass(frozen=True)
class Plan:
    """What a training on these photos would come to. preset: the one that suits their number, None: too few.

    kinds: article type -> photos, the most frequent first. shown: hashes of a few photos. decided: what reviewers
    decided, where it is to be learned from; images: hashes of a few of those that join.
    """

    count: TrainableCount
    preset: str | None
    kinds: Mapping[str, int]
    new_words: tuple[NewWord, ...]
    families: int
    shown: tuple[str, ...]
    decided: DecidedCount | None = None
    images: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrainingEstimate:
    """How long a training would take; basis: by an earlier training here, or by what two CPU cores did elsewhere."""

    seconds: float
    basis: Literal["trainings", "reference"]


def bases(studio: Studio, actor: Actor) -> list[ModelView]:
    """The model versions that can be taught further: the one in production, then the newest first."""
    require(actor, Role.ADMIN)
    query = sa.select(ModelVersion).where(ModelVersion.engine == ECOMGAN).order_by(ModelVersion.id.desc())
    with studio.reading() as session:
        champion_id = holder(session, CHAMPION)
        rows = [row for row in session.scalars(query) if can_be_taught(row)]
        return [model_view(row) for row in sorted(rows, key=lambda row: row.id != champion_id)]


def has_photos(studio: Studio, actor: Actor) -> bool:
    """Whether the catalogue has any photo that may be used."""
    require(actor, Role.ADMIN)
    with studio.reading() as session:
        return session.scalar(sa.select(Photo.id).where(usable()).limit(1)) is not None


def has_approved_images(studio: Studio, actor: Actor) -> bool:
    """Whether there is an approved image that could be learned from."""
    require(actor, Role.ADMIN)
    with studio.reading() as session:
        return has_approved(session)


def plan(studio: Studio, actor: Actor, base_model_id: int, wanted: PhotoFilter, *, with_decided: bool = False) -> Plan:
    """What these photos, and with them what reviewers decided, would teach that model.

    Raises NotFound for the model, EngineError for one without words.
    """
    require(actor, Role.ADMIN)
    with studio.reading() as session:
        words = vocabulary(model(session, base_model_id))
        photos = trainable(session, wanted, words)
        count = count_trainable(session, wanted, words)
        images, told = decided(session, wanted, photos) if with_decided else ([], None)
    step = max(1, len(photos) // _SHOWN_PHOTOS)
    shown: list[TrainablePhoto | DecidedImage] = [*photos, *images]
    return Plan(
        count=count,
        preset=preset_for(len(shown)).name if len(photos) >= LEAST_PHOTOS else None,
        kinds=dict(Counter(photo.article_type for photo in shown).most_common()),
        new_words=_new_words(shown, words),
        families=len({photo.family for photo in shown}),
        shown=tuple(photo.sha256 for photo in photos[::step][:_SHOWN_PHOTOS]),
        decided=told,
        images=tuple(image.sha256 for image in images[:_SHOWN_IMAGES]),
    )


def estimate(studio: Studio, actor: Actor, preset: Preset, images: int) -> TrainingEstimate:
    """How long it takes until `images` photos are seen, by the last training that got going here."""
    require(actor, Role.ADMIN)
    with studio.reading() as session:
        return estimate_training(session, preset, images)


def _new_words(photos: Sequence[TrainablePhoto | DecidedImage], words: Vocabulary) -> tuple[NewWord, ...]:
    found: list[NewWord] = []
    for name in FIELDS:
        counted = Counter(value for photo in photos if (value := getattr(photo, name)) and value not in words[name])
        found += [NewWord(name, value, n, nearest_known(words, name, value)) for value, n in counted.most_common()]
    return tuple(found)


def can_be_taught(row: ModelVersion) -> bool:
    """Whether the heads that taught it were kept; rows of a time before the manifest are taken at their word."""
    return not row.manifest or any(name.startswith("discriminator/") for name in row.manifest)


def estimate_training(session: Session, preset: Preset, images: int) -> TrainingEstimate:
    """How long it takes until `images` photos are seen, by the last training that got going here."""
    rows = session.scalars(sa.select(Training.progress).order_by(Training.id.desc()).limit(_TRAININGS_LOOKED_AT))
    speeds = [float(progress["images_per_second"]) for progress in rows if progress.get("images_per_second")]
    if speeds:
        return TrainingEstimate(images / speeds[0] + _AROUND_SECONDS, "trainings")
    return TrainingEstimate(preset.seconds() * images / preset.images + _AROUND_SECONDS, "reference")
