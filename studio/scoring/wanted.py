"""Which images wait for scores: new ones by themselves when their order ends, older ones when an admin asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetScoring, Brief, Job, JobState, Photo, Role, User
from studio.errors import Conflict, NotFound
from studio.photos.rights import usable
from studio.roles import Actor, require
from studio.scoring.measures import edition
from studio.work.jobs import ACTIVE, SCORES, add_job, note

if TYPE_CHECKING:
    from studio.bootstrap import Studio

SECONDS_AN_IMAGE = 0.25
"""How long an image takes before any was scored here: two cores at 320x256."""

_LAST_JOBS = 5


@dataclass(frozen=True)
class Outstanding:
    """How many images lack scores of the present scorers, about how long taking them lasts, and the job that takes
    some now, if there is one.
    """

    images: int
    seconds: float
    job_id: str | None


def outstanding(studio: Studio, actor: Actor | None) -> Outstanding:
    """What an admin may have scored again."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        images = session.scalar(sa.select(sa.func.count()).select_from(Asset).where(lacks_scores())) or 0
        return Outstanding(images, images * seconds_an_image(session), _at_it(session))


def score_again(studio: Studio, actor: Actor | None) -> str:
    """Have every image scored that lacks scores of the present scorers; returns the job's id. For admins.

    Raises Conflict when none lacks any, or a job is at them already.
    """
    actor = require(actor, Role.ADMIN)
    with studio.writing() as session:
        let_go(session)
        left = sa.and_(lacks_scores(), ~_waits())
        images = session.scalar(sa.select(sa.func.count()).select_from(Asset).where(left)) or 0
        if not images:
            raise Conflict("Every image has its scores, or waits for them in a job already.")
        ids = sa.select(Asset.id).where(left)
        job_id = _job_for(studio, session, actor, images, f"Score {images:,} images again")
        _wait_in(session, job_id, ids, again=True)
        return job_id


def score_now(studio: Studio, actor: Actor | None, asset_id: int) -> str:
    """Have one image scored; returns the id of the job that does it, an earlier one where it waits already.

    Raises NotFound, Conflict when nothing is missing.
    """
    actor = require(actor, Role.EDITOR)
    with studio.writing() as session:
        let_go(session)
        if session.get(Asset, asset_id) is None:
            raise NotFound("There is no image {image}.", image=asset_id)
        row = session.get(AssetScoring, asset_id)
        if row is not None and row.job_id is not None:
            return row.job_id
        one = sa.select(Asset.id).where(Asset.id == asset_id)
        if session.scalar(one.where(lacks_scores())) is None:
            raise Conflict("Image {image} has all its scores.", image=asset_id)
        job_id = _job_for(studio, session, actor, 1, f"Score image {asset_id}")
        _wait_in(session, job_id, one, again=False)
        return job_id


def score_order(studio: Studio, session: Session, order: Job) -> None:
    """Let the images of an order that has ended wait for their scores, within the caller's transaction; and with them
    those that a job left behind.
    """
    let_go(session)
    of_order = sa.select(Brief.id).where(Brief.job_id == (order.retry_of_id or order.id))
    left = sa.and_(Asset.brief_id.in_(of_order), lacks_scores(), ~_waits())
    orphans = AssetScoring.job_id.in_(sa.select(Job.id).where(Job.state.not_in(ACTIVE)))
    behind = sa.select(AssetScoring.asset_id).where(orphans)
    ids = sa.select(Asset.id).where(sa.or_(left, Asset.id.in_(behind)))
    images = session.scalar(sa.select(sa.func.count()).select_from(ids.subquery())) or 0
    if images:
        owner = session.get_one(User, order.owner_id)
        actor = Actor(id=owner.id, name=owner.name, role=owner.role)
        job_id = _job_for(studio, session, actor, images, f"Score {images:,} new images")
        _wait_in(session, job_id, ids, again=False)


def judge_again(studio: Studio, session: Session, actor: Actor) -> None:
    """Let a job judge the scored images by packs of rules that are new, within the caller's transaction."""
    scored = sa.select(sa.func.count()).select_from(AssetScoring).where(AssetScoring.edition != "")
    images = session.scalar(scored) or 0
    if images and _at_it(session) is None:  # one that is at work looks for new rules before it ends
        title = f"Judge {images:,} images by new rules"
        add_job(studio, session, kind=SCORES, title=title, owner=actor, total=images, estimate_seconds=images / 500)


def seconds_an_image(session: Session) -> float:
    """How long an image took in the last jobs that scored some."""
    last = (
        sa.select(Job.compute_seconds, Job.done)
        .where(Job.kind == SCORES, Job.state == JobState.DONE, Job.done > 0, Job.title.not_like("Judge%"))
        .order_by(Job.created_at.desc())
        .limit(_LAST_JOBS)
    )
    rows = session.execute(last).all()
    return sum(seconds for seconds, _ in rows) / sum(done for _, done in rows) if rows else SECONDS_AN_IMAGE


def let_go(session: Session) -> None:
    """What an admin asked for waits no more once its job is over: cancelled is cancelled."""
    over = AssetScoring.job_id.in_(sa.select(Job.id).where(Job.state.not_in(ACTIVE)))
    dropped = sa.update(AssetScoring).where(over, AssetScoring.again).values(job_id=None, again=False)
    session.execute(dropped.execution_options(synchronize_session=False))


def lacks_scores() -> sa.ColumnElement[bool]:
    """What holds for images that were not scored by the present scorers, or whose product got its real photo since, or
    lost the one that they were compared with. An image that cannot be read lacks none.
    """
    present = sa.and_(AssetScoring.asset_id == Asset.id, AssetScoring.edition == edition())
    photo = sa.and_(Photo.product_id == Asset.product_id, usable())
    compared = sa.exists().where(photo, Photo.sha256 == AssetScoring.photo_sha256)
    never = sa.and_(AssetScoring.photo_sha256.is_(None), ~sa.exists().where(photo))
    unread = AssetScoring.fault != ""
    return ~sa.exists().where(present, sa.or_(unread, never, compared))


def _waits() -> sa.ColumnElement[bool]:
    return sa.exists().where(AssetScoring.asset_id == Asset.id, AssetScoring.job_id.is_not(None))


def _at_it(session: Session) -> str | None:
    return session.scalar(sa.select(Job.id).where(Job.kind == SCORES, Job.state.in_(ACTIVE[:2])).limit(1))


def _job_for(studio: Studio, session: Session, actor: Actor, images: int, title: str) -> str:
    """The job that is at it already, which then has so many images more; else a new one."""
    query = sa.select(Job).where(Job.kind == SCORES, Job.state.in_(ACTIVE[:2])).with_for_update().limit(1)
    row = session.scalar(query)
    if row is None:
        seconds = images * seconds_an_image(session)
        return add_job(
            studio, session, kind=SCORES, title=title, owner=actor, total=images, estimate_seconds=seconds
        ).id
    row.total += images
    note(session, row.id, f"{images:,} images more, of {actor.name}.")
    return row.id


def _wait_in(session: Session, job_id: str, ids: sa.Select[int], *, again: bool) -> None:
    """Let these images wait in a job: those that have a row by an update, the others by a new one."""
    chosen = ids.subquery()
    known = sa.update(AssetScoring).where(AssetScoring.asset_id.in_(sa.select(chosen.c.id)))
    new = sa.select(
        chosen.c.id, sa.literal(job_id), sa.literal(again, sa.Boolean()), sa.literal(""), sa.literal("")
    ).where(~sa.exists().where(AssetScoring.asset_id == chosen.c.id))
    columns = ["asset_id", "job_id", "again", "edition", "fault"]
    # The new rows first: after the update, "lacks no row" would not tell them apart.
    session.execute(sa.insert(AssetScoring).from_select(columns, new))
    session.execute(known.values(job_id=job_id, again=again).execution_options(synchronize_session=False))
