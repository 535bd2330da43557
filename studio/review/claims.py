"""Claims: while a reviewer looks at images, nobody else decides them.

A claim lasts a few minutes and is renewed as the reviewer moves on; a decision ends it, and so does going away.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.clock import database_now
from db.tables import Asset, AssetState, ReviewClaim, Role, User
from studio.bootstrap import Studio
from studio.errors import ClaimedByAnother, InputError
from studio.review.asked import task_ids
from studio.roles import Actor, require

MOST_AT_ONCE = 100
MOST_HELD = 200
LONGEST_MINUTES = 30

_CLAIM = sa.select(ReviewClaim.user_id, ReviewClaim.revision, ReviewClaim.until).where(
    ReviewClaim.asset_id == sa.bindparam("asset_id")
)


@dataclass(frozen=True)
class ClaimResult:
    """`mine`: images that the actor holds now, until `until`. `taken`: those that others hold, by id with their names.

    Images that do not wait for review (any more) are in neither.
    """

    mine: tuple[int, ...]
    taken: dict[int, str]
    until: dt.datetime


def take(studio: Studio, actor: Actor | None, asset_ids: Sequence[int], *, minutes: float = 5) -> ClaimResult:
    """Hold images for some minutes, or go on holding them. For reviewers. Who holds more than MOST_HELD lets go of
    those that would end first.

    Raises InputError for more than MOST_AT_ONCE images, or a time that is none.
    """
    actor = require(actor, Role.REVIEWER)
    ids = sorted(set(asset_ids))  # one order for all: two that take the same images cannot lock up
    if not 1 <= len(ids) <= MOST_AT_ONCE:
        raise InputError(f"1 to {MOST_AT_ONCE} images are claimed at a time, got {len(ids):,}.")
    if not 0 < minutes <= LONGEST_MINUTES:
        raise InputError(f"A claim lasts up to {LONGEST_MINUTES} minutes, got {minutes:g}.")
    with studio.writing() as session:
        now = database_now(session)
        until = now + dt.timedelta(minutes=minutes)
        waits = (Asset.state == AssetState.IN_REVIEW) | Asset.id.in_(task_ids(actor.id))
        waiting = sa.select(Asset.id, Asset.revision).where(Asset.id.in_(ids), waits)
        revisions = dict(session.execute(waiting.order_by(Asset.id)).all())
        if revisions:
            _hold(session, actor, revisions, now=now, until=until)
        _let_go_of_the_oldest(session, actor, now)
        holders = session.execute(
            sa.select(ReviewClaim.asset_id, User.id, User.name)
            .join(User, User.id == ReviewClaim.user_id)
            .where(ReviewClaim.asset_id.in_(revisions))
        ).all()
    return ClaimResult(
        mine=tuple(sorted(asset_id for asset_id, user_id, _ in holders if user_id == actor.id)),
        taken={asset_id: name for asset_id, user_id, name in holders if user_id != actor.id},
        until=until,
    )


def release(studio: Studio, actor: Actor | None, asset_ids: Sequence[int] | None = None) -> int:
    """Let go of images, by default of all that one holds; returns how many these were."""
    actor = require(actor, Role.REVIEWER)
    gone = sa.delete(ReviewClaim).where(ReviewClaim.user_id == actor.id)
    if asset_ids is not None:
        gone = gone.where(ReviewClaim.asset_id.in_(asset_ids))
    with studio.writing() as session:
        return len(session.scalars(gone.returning(ReviewClaim.asset_id)).all())


def refuse_claimed(session: Session, actor: Actor, image: Asset) -> None:
    """Raise ClaimedByAnother where another reviewer holds the image, with their name and until when."""
    claim = session.connection().execute(_CLAIM, {"asset_id": image.id}).first()
    if claim is None or claim.user_id == actor.id or claim.revision != image.revision:
        return
    if claim.until <= database_now(session):
        return
    name = session.scalar(sa.select(User.name).where(User.id == claim.user_id))
    raise ClaimedByAnother(
        f"{name} is looking at image {image.id} and holds it until {claim.until:%H:%M:%S} UTC. Nothing was saved; "
        "decide another one, or come back then."
    )


def _hold(session: Session, actor: Actor, revisions: dict[int, int], *, now: dt.datetime, until: dt.datetime) -> None:
    """Write claims in one statement, so that of two reviewers exactly one gets an image.

    It takes over what was the actor's own, what ended, and what a decision ended.
    """
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    rows = [
        {"asset_id": asset_id, "user_id": actor.id, "revision": revision, "until": until}
        for asset_id, revision in revisions.items()
    ]
    statement = insert(ReviewClaim).values(rows)
    new = statement.excluded
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[ReviewClaim.asset_id],
            set_={"user_id": new.user_id, "revision": new.revision, "until": new.until},
            where=sa.or_(
                ReviewClaim.user_id == actor.id, ReviewClaim.until <= now, ReviewClaim.revision != new.revision
            ),
        )
    )


def _let_go_of_the_oldest(session: Session, actor: Actor, now: dt.datetime) -> None:
    """Ended claims go as well, so that the table stays as small as the team."""
    own = sa.select(ReviewClaim.asset_id).where(ReviewClaim.user_id == actor.id)
    oldest = own.order_by(ReviewClaim.until.desc(), ReviewClaim.asset_id.desc()).offset(MOST_HELD)
    ended = sa.and_(ReviewClaim.user_id == actor.id, ReviewClaim.until <= now)
    session.execute(sa.delete(ReviewClaim).where(ended | ReviewClaim.asset_id.in_(oldest)))
