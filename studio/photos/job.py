"""What the worker does for photos that people brought in: reads each as hostile input, then places it."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import JobState, PhotoFile, PhotoOutcome, PhotoUpload, utc_now
from ecomgan.data.decode import decode_image
from ecomgan.errors import ImageError
from studio.errors import InputError
from studio.photos.archives import read_entry
from studio.photos.fingerprints import Fingerprint, fingerprint
from studio.photos.matching import match
from studio.photos.placing import fulfil, place
from studio.photos.references import take_references
from studio.work.job_body import JobBody
from studio.work.job_rows import close, locked, take_up
from studio.work.queue import Steps

_CHUNK = 16  # files; about half a second, which is how long a cancelled upload may go on
_LEAST_SIDE = 16  # pixels; nothing can be seen on less


@dataclass(frozen=True)
class _Read:
    """A photo that was read; its sides in pixels, turned as its EXIF says."""

    sha256: str
    fingerprint: Fingerprint
    height: int
    width: int


@dataclass(frozen=True)
class PhotoPlacer(JobBody):
    """Runs uploads of photos."""

    unit = "files"

    def work(self, steps: Steps, job_id: str) -> None:
        """What catalogues say of photos, chunk after chunk of files, finish."""
        chunks = steps.run("plan", self.plan, job_id)
        if chunks:
            steps.run("references", take_references, self.studio)
        for numbers in chunks:
            if not steps.run("chunk", self.take_chunk, job_id, numbers):
                break
        steps.run("finish", self.finish, job_id)

    def plan(self, job_id: str) -> list[list[int]]:
        """Mark the job as running and cut its waiting files into chunks; nothing when it was cancelled meanwhile."""
        with self.studio.writing() as session:
            if take_up(session, job_id, self.worker) is None:
                return []
            numbers = list(session.scalars(_waiting(_upload_of(session, job_id).id)))
        return [numbers[start : start + _CHUNK] for start in range(0, len(numbers), _CHUNK)]

    def take_chunk(self, job_id: str, numbers: list[int]) -> bool:
        """Read and place these files; one transaction for all. False once the job is cancelled.

        Files that were taken already are left alone, so running it twice is the same as once.
        """
        start = time.perf_counter()
        with self.studio.reading() as session:
            upload = _upload_of(session, job_id)
            query = sa.select(PhotoFile).where(PhotoFile.upload_id == upload.id, PhotoFile.number.in_(numbers))
            files = session.scalars(query.where(PhotoFile.outcome == PhotoOutcome.WAITING)).all()
        read = self._read(upload, files)
        with self.studio.writing() as session:
            job = locked(session, job_id)
            job.worker = self.worker
            _place(session, upload, list(session.scalars(query.with_for_update())), read)
            session.flush()
            left = session.scalar(sa.select(sa.func.count()).select_from(_waiting(upload.id).subquery())) or 0
            job.done = max(job.total - left, 0)
            job.compute_seconds += time.perf_counter() - start
            return job.state is JobState.RUNNING

    def finish(self, job_id: str) -> None:
        """Close the job: done, or cancelled."""
        with self.studio.writing() as session:
            job = locked(session, job_id)
            upload = _upload_of(session, job_id)
            if job.state is JobState.RUNNING:
                upload.finished_at = utc_now()
                job.done = job.total
            close(session, job, f"Done in {job.compute_seconds:.1f} s: {_told(session, upload.id)}.", self.unit)

    def _read(self, upload: PhotoUpload, files: Sequence[PhotoFile]) -> dict[int, _Read | str]:
        """Each file by its number: what it shows, or why it is refused."""
        read: dict[int, _Read | str] = {}
        with self._opened(upload) as archive:
            for file in files:
                try:
                    read[file.number] = self._read_one(file, archive)
                except (ImageError, InputError) as error:
                    read[file.number] = str(error)
        return read

    @contextmanager
    def _opened(self, upload: PhotoUpload) -> Iterator[zipfile.ZipFile | None]:
        if upload.archive_sha256 is None:
            yield None
            return
        with self.studio.storage.open(upload.archive_sha256) as file, zipfile.ZipFile(file) as archive:
            yield archive

    def _read_one(self, file: PhotoFile, archive: zipfile.ZipFile | None) -> _Read:
        if file.sha256 is not None:
            data = self.studio.storage.get(file.sha256)
        else:
            assert archive is not None
            assert file.entry is not None
            data = read_entry(archive, file.entry)
        image = decode_image(data)
        if min(image.size) < _LEAST_SIDE:
            raise ImageError(
                f"the image has {image.width}x{image.height} pixels; at least {_LEAST_SIDE} a side are read"
            )
        return _Read(self.studio.storage.put(data), fingerprint(image), image.height, image.width)


def _place(session: Session, upload: PhotoUpload, files: Sequence[PhotoFile], read: dict[int, _Read | str]) -> None:
    """Put what was read where it belongs; what matches nothing waits for a person."""
    waiting = [file for file in files if file.outcome is PhotoOutcome.WAITING and file.number in read]
    for file, found in zip(waiting, match(session, [file.path for file in waiting]), strict=True):
        photo = read[file.number]
        if isinstance(photo, str):
            file.outcome, file.reason = PhotoOutcome.REFUSED, photo
            continue
        file.sha256, file.height, file.width = photo.sha256, photo.height, photo.width
        file.fingerprint, file.colour_grid = photo.fingerprint.shapes, photo.fingerprint.colours
        if not found.product_ids:
            file.outcome, file.reason = PhotoOutcome.UNMATCHED, found.reason
            continue
        place(session, upload, file, found.product_ids, by=found.by)
        session.flush()  # the same bytes may come twice in one chunk
        if found.path:
            fulfil(session, found.path, found.product_ids, photo.sha256)


def _told(session: Session, upload_id: int) -> str:
    query = sa.select(PhotoFile.outcome, sa.func.count()).where(PhotoFile.upload_id == upload_id)
    counts = dict(session.execute(query.group_by(PhotoFile.outcome)).all())
    return ", ".join(f"{counts.get(outcome, 0)} {outcome.value}" for outcome in PhotoOutcome if outcome in counts)


def _waiting(upload_id: int) -> sa.Select[int]:
    waits = PhotoFile.outcome == PhotoOutcome.WAITING
    return sa.select(PhotoFile.number).where(PhotoFile.upload_id == upload_id, waits).order_by(PhotoFile.number)


def _upload_of(session: Session, job_id: str) -> PhotoUpload:
    return session.scalars(sa.select(PhotoUpload).where(PhotoUpload.job_id == job_id)).one()
