"""Bringing in photos: what people hand over, what became of each file, and what is still to be placed by hand."""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import (
    Job,
    PhotoFile,
    PhotoOutcome,
    PhotoUpload,
    Product,
    Role,
    User,
)
from studio.activity import record
from studio.bootstrap import Studio
from studio.errors import Conflict, InputError, NotFound
from studio.photos.archives import MOST_ARCHIVE_BYTES, MOST_FILE_BYTES, is_litter, list_archive, named, too_large
from studio.photos.placing import place
from studio.photos.rights import Statement
from studio.roles import Actor, require
from studio.work.jobs import ACTIVE, PHOTOS, JobView, add_job, job

MOST_FILES = 5_000
"""Files that are handed over at once; more go into a ZIP."""

_SECONDS_EACH = 0.04  # reading, hashing and placing one photo, until the job has a speed of its own
_SHOWN = 500


@dataclass(frozen=True)
class Incoming:
    """A file as a browser hands it over: `path` is its name, with folders where a folder was chosen."""

    path: str
    data: bytes


@dataclass(frozen=True)
class UploadView:
    """One upload with its files counted by what became of them. job: its last attempt."""

    id: int
    name: str
    user: str
    created_at: dt.datetime
    job: JobView
    counts: dict[PhotoOutcome, int]

    @property
    def files(self) -> int:
        """All files of the upload."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class FileView:
    """One file of an upload. `sha256` is empty for one that could not be read."""

    number: int
    path: str
    outcome: PhotoOutcome
    matched_by: str
    products: int
    reason: str
    sha256: str | None


def upload_photos(
    studio: Studio,
    actor: Actor | None,
    files: Sequence[Incoming],
    statement: Statement,
    *,
    told: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Keep these files and start the job that reads and places them; returns the upload's id.

    told: called with (files kept, files in all) on the way. Raises InputError when there are none or too many.
    """
    person = require(actor, Role.EDITOR)
    wanted = [file for file in files if not is_litter(file.path)]
    if not wanted:
        raise InputError("No files were chosen. Choose photos, a folder with photos, or a ZIP.")
    if len(wanted) > MOST_FILES:
        raise InputError(
            "{n:,} files were chosen; up to {most:,} go at once. Put them into a ZIP.", n=len(wanted), most=MOST_FILES
        )
    rows = []
    for number, file in enumerate(wanted):
        row = _row(number, file.path, len(file.data))
        if len(file.data) > MOST_FILE_BYTES:
            row.outcome, row.reason = PhotoOutcome.REFUSED, too_large(len(file.data))
        else:
            row.sha256 = studio.storage.put(file.data)
        rows.append(row)
        told(number + 1, len(wanted))
    return _start(studio, person, _name(wanted), rows, statement, archive=None)


def upload_archive(studio: Studio, actor: Actor | None, file_name: str, data: bytes, statement: Statement) -> int:
    """Keep this ZIP and start the job that reads and places the photos in it; returns the upload's id.

    Raises InputError for what is no ZIP, is damaged, or is more than we unpack.
    """
    person = require(actor, Role.EDITOR)
    if len(data) > MOST_ARCHIVE_BYTES:
        raise InputError("The archive is larger than {most} MB. Split it.", most=MOST_ARCHIVE_BYTES // 2**20)
    rows = []
    for number, entry in enumerate(list_archive(io.BytesIO(data))):
        row = _row(number, entry.path, entry.size)
        row.entry = entry.entry
        if entry.fault:
            row.outcome, row.reason = PhotoOutcome.REFUSED, entry.fault
        rows.append(row)
    return _start(studio, person, named(file_name), rows, statement, archive=studio.storage.put(data))


def latest_upload(studio: Studio, actor: Actor | None) -> UploadView | None:
    """The newest upload of the team."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        newest = session.scalar(sa.select(sa.func.max(PhotoUpload.id)))
    return None if newest is None else upload(studio, actor, newest)


def upload(studio: Studio, actor: Actor | None, upload_id: int) -> UploadView:
    """One upload. Raises NotFound."""
    person = require(actor, Role.VIEWER)
    with studio.reading() as session:
        row = _upload(session, upload_id)
        counts = sa.select(PhotoFile.outcome, sa.func.count()).where(PhotoFile.upload_id == upload_id)
        found = dict(session.execute(counts.group_by(PhotoFile.outcome)).all())
        user = session.get_one(User, row.user_id).name
    return UploadView(
        id=row.id,
        name=row.name,
        user=user,
        created_at=row.created_at,
        job=job(studio, person, row.job_id),
        counts={outcome: found.get(outcome, 0) for outcome in PhotoOutcome},
    )


def upload_files(
    studio: Studio, actor: Actor | None, upload_id: int, outcome: PhotoOutcome, *, limit: int = _SHOWN
) -> list[FileView]:
    """The files of an upload of which this became, in their order. Raises NotFound."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        _upload(session, upload_id)
        query = sa.select(PhotoFile).where(PhotoFile.upload_id == upload_id, PhotoFile.outcome == outcome)
        return [
            FileView(row.number, row.path, row.outcome, row.matched_by, row.products, row.reason, row.sha256)
            for row in session.scalars(query.order_by(PhotoFile.number).limit(limit))
        ]


def place_by_hand(studio: Studio, actor: Actor | None, upload_id: int, number: int, skus: Sequence[str]) -> int:
    """Place a file that matched nothing at these products; returns at how many it now stands.

    Raises InputError for SKUs that the catalogue does not have, Conflict for a file that is no photo or stands already.
    """
    person = require(actor, Role.EDITOR)
    with studio.writing() as session:
        upload = _upload(session, upload_id)
        file = session.get(PhotoFile, (upload_id, number), with_for_update=True)
        if file is None:
            raise NotFound(f"There is no file {number} in upload {upload_id}.")
        if file.outcome is not PhotoOutcome.UNMATCHED:
            raise Conflict(f"{file.path!r} does not wait for a product: it is {file.outcome.value}.")
        found = dict(session.execute(sa.select(Product.sku, Product.id).where(Product.sku.in_(skus))).all())
        unknown = [sku for sku in skus if sku not in found]
        if unknown or not found:
            raise InputError(f"The catalogue has no product {', '.join(map(repr, unknown)) or 'without a SKU'}.")
        place(session, upload, file, sorted(found.values()), by="hand")
        record(
            session,
            person,
            "placed",
            "photo_upload",
            upload_id,
            f"placed the photo {file.path} at {', '.join(sorted(found))}",
            sha256=file.sha256,
        )
        return file.products


def match_again(studio: Studio, actor: Actor | None, upload_id: int) -> None:
    """Look once more for the products of what matched nothing: the catalogue may have grown since.

    Raises Conflict when the upload is still being read, or nothing of it is left to place.
    """
    person = require(actor, Role.EDITOR)
    with studio.writing() as session:
        row = _upload(session, upload_id)
        if session.get_one(Job, row.job_id).state in ACTIVE:
            raise Conflict("These photos are still being read. Nothing was changed; try again when that is over.")
        again = PhotoFile.outcome.in_((PhotoOutcome.UNMATCHED, PhotoOutcome.WAITING))
        total = session.scalar(sa.select(sa.func.count()).where(PhotoFile.upload_id == upload_id, again)) or 0
        if total == 0:
            raise Conflict("Nothing of this upload is left to place.")
        rows = sa.update(PhotoFile).where(PhotoFile.upload_id == upload_id, again)
        session.execute(rows.values(outcome=PhotoOutcome.WAITING, reason=""))
        row.job_id = _add_job(studio, session, person, row.name, total)
        row.finished_at = None


def _start(
    studio: Studio,
    person: Actor,
    name: str,
    rows: Sequence[PhotoFile],
    statement: Statement,
    *,
    archive: str | None,
) -> int:
    waiting = sum(row.outcome is not PhotoOutcome.REFUSED for row in rows)
    with studio.writing() as session:
        row = PhotoUpload(
            job_id=_add_job(studio, session, person, name, max(waiting, 1)),
            user_id=person.id,
            name=name,
            archive_sha256=archive,
            licence=statement.licence,
            consent=statement.consent,
            note=statement.note,
        )
        session.add(row)
        session.flush()
        for file in rows:
            file.upload_id = row.id
        session.add_all(rows)
        record(
            session,
            person,
            "added",
            "photo_upload",
            row.id,
            f"brought in {len(rows)} photo files ({name}); licence {statement.licence.value}, "
            f"consent {statement.consent.value}",
        )
        return row.id


def _add_job(studio: Studio, session: Session, person: Actor, name: str, total: int) -> str:
    title = f"Photos: {name}"
    return add_job(
        studio, session, kind=PHOTOS, title=title, owner=person, total=total, estimate_seconds=total * _SECONDS_EACH
    ).id


def _row(number: int, path: str, size: int) -> PhotoFile:
    shown = unicodedata.normalize("NFC", named(path))
    return PhotoFile(number=number, path=shown, size=size, outcome=PhotoOutcome.WAITING)


def _name(files: Sequence[Incoming]) -> str:
    """What the upload is called: the folder, or the first file."""
    folders = {file.path.replace("\\", "/").split("/")[0] for file in files if "/" in file.path.replace("\\", "/")}
    if len(folders) == 1 and all("/" in file.path.replace("\\", "/") for file in files):
        return named(folders.pop())[-200:]
    first = named(files[0].path).rsplit("/", 1)[-1][-200:]
    return first if len(files) == 1 else f"{first} +{len(files) - 1}"


def _upload(session: Session, upload_id: int) -> PhotoUpload:
    row = session.get(PhotoUpload, upload_id)
    if row is None:
        raise NotFound(f"There is no upload {upload_id} of photos.")
    return row
