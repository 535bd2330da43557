"""What the worker does for images and photos that have no look yet, so that the search by likeness finds them."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetLook, Job, PhotoLook
from ecomgan.metrics.likeness import VERSION
from studio.errors import InputError, StorageError
from studio.images.looks import look_of_file, unseen_photos
from studio.work.job_body import JobBody
from studio.work.job_rows import advance, locked
from studio.work.jobs import note
from studio.work.queue import Steps

_log = logging.getLogger(__name__)
_CHUNK = 64  # images; about half a second, which is how long a cancelled job may go on


@dataclass(frozen=True)
class LookMaker(JobBody):
    """Prepares looks."""

    def work(self, steps: Steps, job_id: str) -> None:
        """The images by id, chunk after chunk, then the photos by hash, finish."""
        going = steps.run("begin", self.begin, job_id)
        last: int | None = 0
        while going and last is not None:
            going, last = steps.run("images", self.see_images, job_id, last)
        after: str | None = ""
        while going and after is not None:
            going, after = steps.run("photos", self.see_photos, job_id, after)
        steps.run("finish", self.finish, job_id)

    def see_images(self, job_id: str, after: int) -> tuple[bool, int | None]:
        """The next images without a look. Returns whether to go on, and the last id; None when there are no more."""
        start = time.perf_counter()
        seen = sa.exists().where(AssetLook.asset_id == Asset.id, AssetLook.version == VERSION)
        query = sa.select(Asset.id, Asset.sha256).where(Asset.id > after, ~seen).order_by(Asset.id).limit(_CHUNK)
        with self.studio.reading() as session:
            rows = session.execute(query).all()
        looks = [
            AssetLook(asset_id=asset_id, version=VERSION, vector=vector)
            for asset_id, sha256 in rows
            if (vector := self._look(sha256)) is not None
        ]
        going = self._keep(job_id, looks, len(rows), start)
        return going, rows[-1][0] if rows else None

    def see_photos(self, job_id: str, after: str) -> tuple[bool, str | None]:
        """The next photos that a model was taught, by their hashes; as `see_images`."""
        start = time.perf_counter()
        query = unseen_photos().subquery()
        some = sa.select(query.c.sha256).where(query.c.sha256 > after).order_by(query.c.sha256).limit(_CHUNK)
        with self.studio.reading() as session:
            hashes = session.scalars(some).all()
        looks = [
            PhotoLook(sha256=sha256, version=VERSION, vector=vector)
            for sha256 in hashes
            if (vector := self._look(sha256)) is not None
        ]
        going = self._keep(job_id, looks, len(hashes), start)
        return going, hashes[-1] if hashes else None

    def told(self, session: Session, job: Job) -> str:
        """How they are found now."""
        return "Done: all of these images can be found by likeness now."

    def _keep(self, job_id: str, looks: list[AssetLook] | list[PhotoLook], tried: int, start: float) -> bool:
        with self.studio.writing() as session:
            for row in looks:
                session.merge(row)  # one of an older kind may be there
            going = advance(locked(session, job_id), tried, start)
            if len(looks) < tried:
                note(session, job_id, f"{tried - len(looks)} could not be read and stay out of the search.")
            return going

    def _look(self, sha256: str) -> bytes | None:
        """The look of an image of the storage; None when its bytes are missing or no image that can be read."""
        try:
            return look_of_file(self.studio.storage.get(sha256)).tobytes()
        except (StorageError, InputError) as error:
            _log.warning("image %s has no look: %s", sha256, error)
            return None
