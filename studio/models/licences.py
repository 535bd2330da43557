"""Whether the rights of a model are settled: its licence, who answers for it, what forbids to let its images out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, LicenceState, ModelVersion, Photo, Role, Training, TrainingImage, TrainingPhoto, utc_now
from studio.activity import record
from studio.errors import Conflict, InputError, NotFound
from studio.photos.rights import Rights, rights_condition
from studio.roles import Actor, require

if TYPE_CHECKING:
    from studio.bootstrap import Studio

LONGEST_NOTE = 300


def set_licence(studio: Studio, actor: Actor | None, model_id: int, state: LicenceState, note: str = "") -> None:
    """Write down how the licence of a version stands; `note` says what that rests on. An earlier word for it ends.

    Raises NotFound, InputError for a note that is too long, or a refusal without a note.
    """
    actor = require(actor, Role.ADMIN)
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise InputError(f"A note on a licence has at most {LONGEST_NOTE} characters, got {len(note)}.")
    if state is LicenceState.REFUSED and not note:
        raise InputError("Say why the licence is refused: the note is shown wherever an export is stopped by it.")
    with studio.writing() as session:
        row = _row(session, model_id)
        row.licence, row.licence_note = state, note
        row.licence_acknowledged_by_id = row.licence_acknowledged_at = None
        text = f"Set the licence of {row.name} to {state.value}{f': {note}' if note else '.'}"
        record(session, actor, "licence_changed", "model_version", row.id, text, state=state.value, note=note)


def acknowledge_licence(studio: Studio, actor: Actor | None, model_id: int) -> None:
    """Let the actor answer for a licence that nobody has confirmed. Raises NotFound, Conflict for a settled one."""
    actor = require(actor, Role.ADMIN)
    with studio.writing() as session:
        row = _row(session, model_id)
        if row.licence is not LicenceState.UNCONFIRMED:
            raise Conflict(
                f"The licence of {row.name} is {row.licence.value}; only an unconfirmed one is answered for."
            )
        row.licence_acknowledged_by_id, row.licence_acknowledged_at = actor.id, utc_now()
        text = f"Acknowledged the unconfirmed licence of {row.name}."
        record(session, actor, "licence_acknowledged", "model_version", row.id, text)


def refusal(session: Session, model_id: int) -> str | None:
    """Why no image of this version may leave, as a sentence; None where nothing forbids it.

    A refused licence of a version is also that of all that were taught from it or with its images; so are the rights of
    a photo that it was taught with.
    """
    for row in lineage(session, model_id):
        own = row.id == model_id
        if row.licence is LicenceState.REFUSED:
            name = "its licence" if own else f"the licence of {row.name}, from which it was taught,"
            return f"{name} was refused{f' ({row.licence_note})' if row.licence_note else ''}"
        if refused := _refused_photos(session, row.id):
            photos = "1 photo" if refused == 1 else f"{refused} photos"
            return f"the rights of {photos} that {'it' if own else row.name} was taught with were refused"
        for teacher_id, teacher in _teachers(session, row.id):
            if why := refusal(session, teacher_id):
                return f"{'it' if own else row.name} was taught with images of {teacher}, and {why}"
    return None


def lineage(session: Session, model_id: int) -> list[ModelVersion]:
    """A version and all that it came from, itself first. Raises NotFound."""
    found = [_row(session, model_id)]
    while (parent_id := found[-1].parent_id) is not None:
        found.append(_row(session, parent_id))
    return found


def _refused_photos(session: Session, model_id: int) -> int:
    query = (
        sa.select(sa.func.count(sa.distinct(TrainingPhoto.photo_id)))
        .join(Training, Training.id == TrainingPhoto.training_id)
        .join(Photo, Photo.id == TrainingPhoto.photo_id)
        .where(Training.model_version_id == model_id, TrainingPhoto.split == "train", rights_condition(Rights.REFUSED))
    )
    return session.scalar(query) or 0


def _teachers(session: Session, model_id: int) -> list[tuple[int, str]]:
    """The versions, which are older, whose images this one was taught with."""
    query = (
        sa.select(ModelVersion.id, ModelVersion.name)
        .join(Asset, Asset.model_version_id == ModelVersion.id)
        .join(TrainingImage, TrainingImage.asset_id == Asset.id)
        .join(Training, Training.id == TrainingImage.training_id)
        .where(Training.model_version_id == model_id, TrainingImage.split == "train", ModelVersion.id < model_id)
    )
    return [(id_, name) for id_, name in session.execute(query.distinct())]


def _row(session: Session, model_id: int) -> ModelVersion:
    row = session.get(ModelVersion, model_id)
    if row is None:
        raise NotFound(f"There is no model version {model_id}.")
    return row
