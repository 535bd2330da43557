"""Catalogue files: looked at, staged by a job that tells exactly what would happen, then taken over in one go."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import BinaryIO

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import CatalogueImport, Job, JobState, Role, User
from studio.bootstrap import Studio
from studio.errors import Conflict, NotFound
from studio.imports.files import check_size
from studio.imports.job import Importer
from studio.imports.layouts import Columns, Target
from studio.imports.reading import FileView, look_at_file, mapped, wanted_columns
from studio.imports.staged_rows import clear_rows, count_absent
from studio.imports.taking import take_over
from studio.photos.references import take_references
from studio.roles import Actor, require
from studio.work.jobs import ACTIVE, IMPORT, JobView, add_job, job

SAMPLE = "sample_catalogue.csv"

_ROWS_A_SECOND = 8_000  # for the estimate before a job has a speed of its own


@dataclass(frozen=True)
class ImportView:
    """An import: how far it is, and what its rows come to (products of the file, by outcome; `warnings`: rows).

    photos: different ones that the rows name; absent: those that its products lack, told for one import at a time once
    it is in the catalogue.
    """

    id: int
    file_name: str
    layout: str
    user: str
    mapping: Columns
    notes: tuple[str, ...]
    rows: int
    new: int
    changed: int
    unchanged: int
    refused: int
    warnings: int
    photos: int
    absent: int
    created_at: dt.datetime
    staged_at: dt.datetime | None
    applied_at: dt.datetime | None
    job: JobView | None

    @property
    def open(self) -> bool:
        """Whether it is checked, would change the catalogue, and was not taken over yet."""
        return self.staged_at is not None and self.applied_at is None and self.new + self.changed > 0


def look_at(studio: Studio, actor: Actor | None, data: bytes) -> FileView:
    """What kind of file this is and what its columns would become. Raises InputError for one that cannot be read."""
    require(actor, Role.EDITOR)
    check_size(len(data))
    return look_at_file(io.BytesIO(data))


def start_import(
    studio: Studio, actor: Actor | None, data: bytes, file_name: str, mapping: Mapping[str, str] | None = None
) -> int:
    """Keep the file and place the job that checks it; returns the id of the import. Nothing is imported yet.

    mapping: column -> `Target`, where it differs from what `look_at` told. Raises InputError, StorageError.
    """
    actor = require(actor, Role.EDITOR)
    wanted = wanted_columns(look_at(studio, actor, data), mapping)
    sha256 = studio.storage.put(data)
    with studio.writing() as session:
        row = _add(session, actor, file_name, sha256, wanted)
        row.job_id = _add_job(studio, session, actor, file_name, len(data), data[:65536]).id
        return row.id


def check_again(studio: Studio, actor: Actor | None, import_id: int, mapping: Mapping[str, str] | None = None) -> None:
    """Stage the same file anew: with another mapping, or because the catalogue changed since. Raises Conflict."""
    actor = require(actor, Role.EDITOR)
    with studio.reading() as session:
        kept = _row(session, import_id)
    with studio.storage.open(kept.sha256) as file:
        view = look_at_file(file)
        size, start = file.seek(0, io.SEEK_END), _start(file)
    wanted = wanted_columns(view, {**kept.mapping, **(mapping or {})})
    with studio.writing() as session:
        row = _locked(session, import_id)
        if row.applied_at is not None:
            raise Conflict(
                "{file!r} is in the catalogue already; choose the file again to import it anew.", file=row.file_name
            )
        if _active(session, row):
            raise Conflict("{file!r} is being checked; wait for the end, or cancel that first.", file=row.file_name)
        clear_rows(session, import_id)
        row.mapping, row.staged_at, row.rows = _plain(wanted.mapping), None, 0
        row.job_id = _add_job(studio, session, actor, row.file_name, size, start).id


def apply_import(studio: Studio, actor: Actor | None, import_id: int) -> ImportView:
    """Take the staged rows over into the catalogue, in one transaction. Twice is the same as once.

    Raises Conflict when it is not checked to the end, or the catalogue changed since; nothing is written then.
    """
    actor = require(actor, Role.EDITOR)
    try:
        with studio.writing() as session:
            row = _locked(session, import_id)
            if row.staged_at is None:
                raise Conflict("{file!r} is not checked to the end yet. Nothing was imported.", file=row.file_name)
            if row.applied_at is None:
                take_over(session, actor, row)
    except sa.exc.IntegrityError as error:  # PostgreSQL: another import added one of the SKUs at the same moment
        raise Conflict(
            "The catalogue changed since this file was checked. Check it again; nothing was imported."
        ) from error
    take_references(studio)
    return find_import(studio, actor, import_id)


def discard_import(studio: Studio, actor: Actor | None, import_id: int) -> None:
    """Forget what was staged. Raises Conflict while it is being checked, or when it is in the catalogue."""
    require(actor, Role.EDITOR)
    with studio.writing() as session:
        row = _locked(session, import_id)
        if row.applied_at is not None or _active(session, row):
            raise Conflict("{file!r} is being checked or in the catalogue already.", file=row.file_name)
        clear_rows(session, import_id)
        session.delete(row)


def find_import(studio: Studio, actor: Actor | None, import_id: int) -> ImportView:
    """One import. Raises NotFound."""
    actor = require(actor, Role.EDITOR)
    with studio.reading() as session:
        row = _row(session, import_id)
        user = session.get_one(User, row.user_id).name
        absent = count_absent(session, import_id) if row.applied_at is not None and row.photos else 0
    return _view(row, user, job(studio, actor, row.job_id) if row.job_id else None, absent)


def list_imports(studio: Studio, actor: Actor | None, *, limit: int = 10) -> list[ImportView]:
    """The newest imports first, without their jobs."""
    require(actor, Role.EDITOR)
    query = sa.select(CatalogueImport, User.name).join(User, User.id == CatalogueImport.user_id)
    with studio.reading() as session:
        rows = session.execute(query.order_by(CatalogueImport.id.desc()).limit(limit)).all()
        return [_view(row, user, None) for row, user in rows]


def columns_of(studio: Studio, actor: Actor | None, import_id: int) -> FileView:
    """The file of an import again, with the columns as they were mapped for it."""
    require(actor, Role.EDITOR)
    with studio.reading() as session:
        row = _row(session, import_id)
    with studio.storage.open(row.sha256) as file:
        view = look_at_file(file)
    return mapped(view, row.mapping)


def bring_in(
    studio: Studio, actor: Actor | None, data: bytes, file_name: str, mapping: Mapping[str, str] | None = None
) -> ImportView:
    """Check a small file and take it over at once, without a job."""
    actor = require(actor, Role.EDITOR)
    wanted = wanted_columns(look_at(studio, actor, data), mapping)
    sha256 = studio.storage.put(data)
    with studio.writing() as session:
        import_id = _add(session, actor, file_name, sha256, wanted).id
    Importer(studio, "").stage(import_id)
    return apply_import(studio, actor, import_id)


def load_sample(studio: Studio, actor: Actor | None) -> ImportView:
    """Bring in the sample catalogue that comes with the studio; products that are there already stay one."""
    return bring_in(studio, actor, resources.files("studio").joinpath("data", SAMPLE).read_bytes(), SAMPLE)


def _add(session: Session, actor: Actor, file_name: str, sha256: str, wanted: FileView) -> CatalogueImport:
    row = CatalogueImport(
        user_id=actor.id,
        file_name=file_name[-255:],
        sha256=sha256,
        layout=wanted.layout,
        mapping=_plain(wanted.mapping),
        notes=list(wanted.notes),
    )
    session.add(row)
    session.flush()
    return row


def _add_job(studio: Studio, session: Session, actor: Actor, file_name: str, size: int, start: bytes) -> Job:
    rows = max(1, round(size / len(start) * start.count(b"\n"))) if start else 1  # until the job has counted them
    return add_job(
        studio,
        session,
        kind=IMPORT,
        title=f"Check {file_name}",
        owner=actor,
        total=rows,
        estimate_seconds=rows / _ROWS_A_SECOND,
    )


def _start(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(65536)


def _plain(mapping: Columns) -> dict[str, str]:
    return {column: target.value for column, target in mapping.items()}


def _row(session: Session, import_id: int) -> CatalogueImport:
    row = session.get(CatalogueImport, import_id)
    if row is None:
        raise NotFound(f"There is no import {import_id}.")
    return row


def _locked(session: Session, import_id: int) -> CatalogueImport:
    found = session.scalar(sa.select(CatalogueImport).where(CatalogueImport.id == import_id).with_for_update())
    if found is None:
        raise NotFound(f"There is no import {import_id}.")
    return found


def _active(session: Session, row: CatalogueImport) -> bool:
    if row.job_id is None:
        return False
    state: JobState | None = session.scalar(sa.select(Job.state).where(Job.id == row.job_id))
    return state in ACTIVE


def _view(row: CatalogueImport, user: str, of_job: JobView | None, absent: int = 0) -> ImportView:
    return ImportView(
        id=row.id,
        file_name=row.file_name,
        layout=row.layout,
        user=user,
        mapping={column: Target(target) for column, target in row.mapping.items()},
        notes=tuple(row.notes),
        rows=row.rows,
        new=row.new,
        changed=row.changed,
        unchanged=row.unchanged,
        refused=row.refused,
        warnings=row.warnings,
        photos=row.photos,
        absent=absent,
        created_at=row.created_at,
        staged_at=row.staged_at,
        applied_at=row.applied_at,
        job=of_job,
    )
