"""What the worker does for a catalogue file: stages it in durable steps. Nothing of the catalogue is touched here."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import CatalogueImport, ImportOutcome, ImportRow, Job, JobState, utc_now
from studio.bootstrap import Studio
from studio.imports.families import refuse_repeated, set_parents
from studio.imports.layouts import Target
from studio.imports.staged_rows import clear_rows, count_photos
from studio.imports.staging import CHUNK, Stager, store_chunk
from studio.work.job_rows import end, locked, take_up
from studio.work.queue import StepFailed, Steps


@dataclass
class Importer:
    """Runs imports on this worker. `worker` is the name that jobs show."""

    studio: Studio
    worker: str
    stager: Stager = field(init=False)

    def __post_init__(self) -> None:
        self.stager = Stager(self.studio)

    def body(self, steps: Steps, job_id: str) -> None:
        """The workflow of one import: count, chunk after chunk, what only the whole tells, finish."""
        import_id = 0
        try:
            import_id = steps.run("begin", self.begin, job_id)
            number = 0
            while import_id and steps.run("chunk", self.stage_chunk, import_id, number):
                number += 1
            if import_id:
                steps.run("families", self.set_families, import_id)
                steps.run("finish", self.finish, import_id)
        except StepFailed as failure:
            steps.run("fail", self.fail, job_id, str(failure))
        finally:
            self.stager.close(import_id)

    def stage(self, import_id: int) -> None:
        """All of it here and now, for an import without a job."""
        try:
            number = 0
            while self.stage_chunk(import_id, number):
                number += 1
            self.set_families(import_id)
            self.finish(import_id)
        finally:
            self.stager.close(import_id)

    def begin(self, job_id: str) -> int:
        """Mark the job as running and count the rows; the id of the import, 0 when it was cancelled meanwhile."""
        with self.studio.writing() as session:
            if take_up(session, job_id, self.worker) is None:
                return 0
            import_id = session.scalars(sa.select(CatalogueImport.id).where(CatalogueImport.job_id == job_id)).one()
        rows = self.stager.count(import_id)
        with self.studio.writing() as session:
            locked(session, job_id).total = rows
        return import_id

    def stage_chunk(self, import_id: int, number: int) -> bool:
        """Stage one chunk in one transaction. False after the last one, and once the job is cancelled."""
        start = time.perf_counter()
        rows, read = self.stager.read_chunk(import_id, number)
        with self.studio.writing() as session:
            job = _job_of(session, import_id)
            store_chunk(session, rows)
            if job is None:
                return len(rows) == CHUNK
            job.total = max(job.total, read)  # a workbook may say too little
            job.done, job.worker = read, self.worker
            job.compute_seconds += time.perf_counter() - start
            return len(rows) == CHUNK and job.state is JobState.RUNNING

    def set_families(self, import_id: int) -> None:
        """Set the parents of variants and refuse repeated SKUs, unless the job was cancelled."""
        with self.studio.reading() as session:
            row = session.get_one(CatalogueImport, import_id)
            job = session.get(Job, row.job_id) if row.job_id else None
            if job is not None and job.state is not JobState.RUNNING:
                return
            has_variants = Target.VARIANTS in row.mapping.values()
        if has_variants:
            set_parents(self.studio, import_id)
        refuse_repeated(self.studio, import_id)

    def finish(self, import_id: int) -> None:
        """Count what came of it and close the job: done, or cancelled with nothing left of it."""
        with self.studio.writing() as session:
            job = _job_of(session, import_id)
            if job is not None and job.state is not JobState.RUNNING:
                clear_rows(session, import_id)
                if job.state is JobState.CANCELLING:
                    end(session, job, JobState.CANCELLED, "Stopped; nothing was imported.")
                return
            row = session.get_one(CatalogueImport, import_id)
            _set_figures(session, row)
            row.staged_at = utc_now()
            if job is not None:
                job.done = job.total = row.rows
                told = f"{row.new} new, {row.changed} changed, {row.unchanged} unchanged, {row.refused} refused"
                end(session, job, JobState.DONE, f"Checked {row.rows} rows in {job.compute_seconds:.1f} s: {told}.")

    def fail(self, job_id: str, message: str) -> None:
        """Close the job as failed. `message` is for people; the catalogue is as it was."""
        with self.studio.writing() as session:
            job = locked(session, job_id)
            clear_rows(session, session.scalars(_import_id_of(job_id)).one())
            if job.state in (JobState.RUNNING, JobState.QUEUED):
                job.error = message
                end(session, job, JobState.FAILED, f"Failed: {message}")
            elif job.state is JobState.CANCELLING:
                end(session, job, JobState.CANCELLED, "Stopped; nothing was imported.")


def _set_figures(session: Session, row: CatalogueImport) -> None:
    numbers = session.execute(
        sa.select(ImportRow.outcome, sa.func.count(), sa.func.sum(sa.cast(ImportRow.warned, sa.Integer)))
        .where(ImportRow.import_id == row.id)
        .group_by(ImportRow.outcome)
    ).all()
    count = {outcome: number for outcome, number, _ in numbers}
    row.new, row.changed = count.get(ImportOutcome.NEW, 0), count.get(ImportOutcome.CHANGED, 0)
    row.unchanged, row.refused = count.get(ImportOutcome.UNCHANGED, 0), count.get(ImportOutcome.REFUSED, 0)
    row.rows = sum(count.values())
    row.warnings = sum(warned or 0 for _, _, warned in numbers)
    row.photos = count_photos(session, row.id)


def _import_id_of(job_id: str) -> sa.Select[int]:
    return sa.select(CatalogueImport.id).where(CatalogueImport.job_id == job_id)


def _job_of(session: Session, import_id: int) -> Job | None:
    job_id = session.get_one(CatalogueImport, import_id).job_id
    return locked(session, job_id) if job_id else None
