"""Which pictures have their vectors, and the making of those that are missing: a few at once, many in a durable job."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.clock import database_now
from db.tables import Asset, AssetVector, Job, JobState, Photo, PhotoVector, Role
from ecomgan.encoder.packing import pack
from ecomgan.errors import EcomGANError
from studio.errors import IntegrityError
from studio.photos.rights import usable
from studio.roles import Actor, require
from studio.trust.itself import itself
from studio.work.jobs import ACTIVE, VECTORS, add_job

if TYPE_CHECKING:
    from studio.bootstrap import Studio

AT_ONCE = 64
"""Pictures of one chunk: about half a second. So many are made without a job."""

_SECONDS_A_PICTURE = 0.005
_REST = dt.timedelta(hours=1)  # after a job that was cancelled, or that failed
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Readiness:
    """How many pictures of a kind have their vector, of how many; and the job that makes some now, if there is one."""

    ready: int
    total: int
    job_id: str | None

    @property
    def complete(self) -> bool:
        """Whether the search finds them all."""
        return self.ready >= self.total


@dataclass(frozen=True)
class Made:
    """One chunk: how many pictures were tried, and how many of them could not be read."""

    tried: int
    unreadable: int


def images_ready(studio: Studio, actor: Actor | None) -> Readiness:
    """How far the images are."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        total = session.scalar(sa.select(sa.func.count()).select_from(Asset)) or 0
        return Readiness(total - _images_missing(studio, session), total, job_at_it(session))


def photos_ready(studio: Studio, actor: Actor | None) -> Readiness:
    """How far the real photos are, those of refused rights left out; each picture counts once."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        total = session.scalar(sa.select(sa.func.count(sa.distinct(Photo.sha256))).where(usable())) or 0
        return Readiness(total - _photos_missing(studio, session), total, job_at_it(session))


def make_some(studio: Studio) -> Made:
    """Make the vectors of the next pictures that have none of the present encoder, the newest images first.

    What cannot be read gets a vector of zeros, which is never found. Raises EngineError without an encoder,
    StorageError.
    """
    identity = studio.meanings.encoder.identity
    with studio.reading() as session:
        lacking = sa.select(Asset.id, Asset.sha256).where(_image_lacks(identity)).order_by(Asset.id.desc())
        images = session.execute(lacking.limit(AT_ONCE)).all()
        room = AT_ONCE - len(images)
        photos = session.scalars(_photos_lacking(identity).order_by(Photo.sha256).limit(room)).all() if room else []
    vectors = _vectors(studio, {*(sha256 for _, sha256 in images), *photos})
    with studio.writing() as session:
        of_images = [{"asset_id": asset_id, "vector": vectors[sha256]} for asset_id, sha256 in images]
        _keep(session, AssetVector, [row | {"encoder": identity} for row in of_images])
        of_photos = [{"sha256": sha256, "vector": vectors[sha256]} for sha256 in photos]
        _keep(session, PhotoVector, [row | {"encoder": identity} for row in of_photos])
    return Made(len(images) + len(photos), sum(not any(vector) for vector in vectors.values()))


def prepare_if_due(studio: Studio) -> None:
    """Make a few missing vectors at once; order a job where there are many, and leave all to one that is at it."""
    with studio.reading() as session:
        missing = _images_missing(studio, session) + _photos_missing(studio, session)
        if missing == 0 or job_at_it(session) is not None:
            return
    if missing <= AT_ONCE:
        make_some(studio)
        return
    with studio.writing() as session:
        if job_at_it(session) is None and not _rests(session):
            add_job(
                studio,
                session,
                kind=VECTORS,
                title=f"Prepare {missing:,} pictures for the search by meaning",
                owner=itself(session),
                total=missing,
                estimate_seconds=missing * _SECONDS_A_PICTURE,
            )


def job_at_it(session: Session) -> str | None:
    """The job that makes vectors now, if there is one."""
    return session.scalar(sa.select(Job.id).where(Job.kind == VECTORS, Job.state.in_(ACTIVE)).limit(1))


def _rests(session: Session) -> bool:
    """Whether somebody stopped such a job a short while ago, or it failed."""
    stopped = Job.state.in_((JobState.CANCELLED, JobState.FAILED))
    since = database_now(session) - _REST
    lately = sa.select(Job.id).where(Job.kind == VECTORS, stopped, Job.finished_at > since)
    return session.scalar(lately.limit(1)) is not None


def _keep(session: Session, table: type[AssetVector | PhotoVector], rows: list[dict[str, Any]]) -> None:
    """Put vectors down; those of another encoder, or that another worker made at this moment, give way."""
    if not rows:
        return
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(rows)
    new = {name: statement.excluded[name] for name in ("encoder", "vector")}
    session.execute(statement.on_conflict_do_update(index_elements=list(table.__table__.primary_key), set_=new))


def _vectors(studio: Studio, hashes: Iterable[str]) -> dict[str, bytes]:
    """The packed vectors of pictures of the storage; zeros for those that are missing, damaged or no image. Raises
    StorageError while the storage itself does not answer.
    """
    from ecomgan.data.decode import decode_image

    encoder = studio.meanings.encoder
    found: dict[str, bytes] = {}
    for sha256 in hashes:  # one by one: a chunk of large photos at once would take gigabytes
        vector = np.zeros((1, encoder.dim), dtype=np.float32)
        try:
            vector = encoder.images([np.asarray(decode_image(studio.storage.get(sha256)))])
        except (IntegrityError, EcomGANError) as error:
            _log.warning("picture %s has no vector: %s", sha256, error)
        found[sha256] = pack(vector).tobytes()
    return found


def _images_missing(studio: Studio, session: Session) -> int:
    made = sa.select(sa.func.count()).where(AssetVector.encoder == studio.meanings.encoder.identity)
    return (session.scalar(sa.select(sa.func.count()).select_from(Asset)) or 0) - (session.scalar(made) or 0)


def _photos_missing(studio: Studio, session: Session) -> int:
    lacking = _photos_lacking(studio.meanings.encoder.identity).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(lacking)) or 0


def _image_lacks(identity: str) -> sa.ColumnElement[bool]:
    return ~sa.exists().where(AssetVector.asset_id == Asset.id, AssetVector.encoder == identity)


def _photos_lacking(identity: str) -> sa.Select[str]:
    made = sa.exists().where(PhotoVector.sha256 == Photo.sha256, PhotoVector.encoder == identity)
    return sa.select(Photo.sha256).distinct().where(usable(), ~made)
