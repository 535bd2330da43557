"""What may be done with a photo: the licence of the picture, the consent of the people in it, and who answers for it.

Rights are those of a picture: rows of the same bytes at several products always stand alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.portions import portions
from db.tables import LicenceState, Photo
from studio.errors import InputError

MOST_NOTE = 300


class Rights(StrEnum):
    """How the rights of a photo stand, licence and consent together.

    SETTLED: both granted. ACKNOWLEDGED: something is unconfirmed, and a person answers for it. OPEN: something is
    unconfirmed. REFUSED: one is refused; the photo is used nowhere.
    """

    SETTLED = "settled"
    ACKNOWLEDGED = "acknowledged"
    OPEN = "open"
    REFUSED = "refused"


@dataclass(frozen=True)
class Statement:
    """What a person states of the rights of photos. GRANTED consent also stands where nobody is to be seen. `note` says
    where the rights come from.
    """

    licence: LicenceState = LicenceState.UNCONFIRMED
    consent: LicenceState = LicenceState.UNCONFIRMED
    note: str = ""

    def __post_init__(self) -> None:
        if len(self.note) > MOST_NOTE or not self.note.isprintable():
            raise InputError(f"A note on rights is one line of up to {MOST_NOTE} characters, got {len(self.note)}.")


def rights_of(licence: LicenceState, consent: LicenceState, *, acknowledged: bool) -> Rights:
    """How the rights of a photo stand."""
    if LicenceState.REFUSED in (licence, consent):
        return Rights.REFUSED
    if licence is consent is LicenceState.GRANTED:
        return Rights.SETTLED
    return Rights.ACKNOWLEDGED if acknowledged else Rights.OPEN


def rights_condition(rights: Rights) -> sa.ColumnElement[bool]:
    """What holds for the rows of `photos` whose rights stand so."""
    refused = sa.or_(Photo.licence == LicenceState.REFUSED, Photo.consent == LicenceState.REFUSED)
    settled = sa.and_(Photo.licence == LicenceState.GRANTED, Photo.consent == LicenceState.GRANTED)
    if rights is Rights.REFUSED:
        return refused
    if rights is Rights.SETTLED:
        return settled
    answered = Photo.acknowledged_by_id.is_not(None)
    return sa.and_(~refused, ~settled, answered if rights is Rights.ACKNOWLEDGED else ~answered)


def usable(photo: type[Photo] = Photo) -> sa.ColumnElement[bool]:
    """What holds for the rows of `photos` that may be shown as the product and compared with: none refused."""
    return sa.and_(photo.licence != LicenceState.REFUSED, photo.consent != LicenceState.REFUSED)


def acknowledge(session: Session, user_id: int, photo_ids: Iterable[int], note: str = "") -> int:
    """Let the user answer for the unconfirmed rights of these pictures, within the caller's transaction.

    Photos whose rights are settled, refused or answered for already stay as they are. Returns the number of rows.
    """
    changed = 0
    for some in portions(sorted(set(photo_ids))):
        same = sa.select(Photo.sha256).where(Photo.id.in_(some))
        values: dict[str, Any] = {"acknowledged_by_id": user_id}
        if note:
            values["licence_note"] = note
        statement = sa.update(Photo).where(Photo.sha256.in_(same), rights_condition(Rights.OPEN)).values(values)
        statement = statement.execution_options(synchronize_session=False)
        changed += len(session.execute(statement.returning(Photo.id)).all())
    return changed
