"""The verdicts of all images and channels as rows, so that "passes channel X" is found without judging anew.

Rows are written with the scores of an image, and again when a pack has another edition: `edition` says which it was.
For rates: count the rows of a pack's present edition (`editions`) by outcome.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetScoring, ChannelVerdict, Score, VerdictOutcome, utc_now
from studio.images.assets import AssetView
from studio.publishing.own_packs import packs_in_use
from studio.publishing.pack_checks import Facts, PackVerdict, judge

PASSING = (VerdictOutcome.PASSES, VerdictOutcome.ON_EXPORT)
"""What counts as passing a channel: what an export writes for it is taken."""

ORIGINAL_FORMAT = "PNG"
"""Of every image as it was made."""


def today() -> dt.date:
    """The day by which dated rules hold: that of UTC."""
    return utc_now().date()


def editions(session: Session) -> dict[str, str]:
    """The present edition of every pack in use, by its key."""
    return {key: pack.edition(today()) for key, pack in packs_in_use(session).items()}


def verdicts_of(session: Session, view: AssetView, day: dt.date | None = None) -> tuple[PackVerdict, ...]:
    """How an image stands with every channel, by its scores as they are now."""
    facts = facts_of(view)
    return tuple(judge(pack, facts, day or today()) for pack in packs_in_use(session).values())


def facts_of(view: AssetView) -> Facts:
    """What is known of an image as it was made."""
    return Facts(view.height, view.width, ORIGINAL_FORMAT, view.purpose.value, scores=view.scores)


def facts_of_images(session: Session, asset_ids: Sequence[int]) -> Mapping[int, Facts]:
    """What is known of these images (at most some hundreds) as they were made, by id."""
    scores: dict[int, dict[str, float | None]] = {}
    rows = sa.select(Score.asset_id, Score.metric, Score.value).where(Score.asset_id.in_(asset_ids))
    for asset_id, metric, value in session.execute(rows.order_by(Score.version)):  # a newer version comes later
        scores.setdefault(asset_id, {})[metric] = value
    images = sa.select(Asset.id, Asset.height, Asset.width, Asset.purpose).where(Asset.id.in_(asset_ids))
    return {
        asset_id: Facts(height, width, ORIGINAL_FORMAT, purpose.value, scores=scores.get(asset_id, {}))
        for asset_id, height, width, purpose in session.execute(images)
    }


def passing(session: Session, pack: str) -> sa.Select[int]:
    """The ids of the images that pass this channel, by its present edition."""
    edition = editions(session).get(pack, "")
    query = sa.select(ChannelVerdict.asset_id).where(ChannelVerdict.pack == pack, ChannelVerdict.edition == edition)
    return query.where(ChannelVerdict.outcome.in_(PASSING))


def keep_verdicts(session: Session, asset_ids: Collection[int]) -> None:
    """Judge these images (at most some hundreds) by all packs in use and keep the outcomes, within the caller's
    transaction.
    """
    packs, day = packs_in_use(session).values(), today()
    judged = [
        {"asset_id": asset_id, "pack": pack.key, "edition": verdict.edition, "outcome": verdict.outcome}
        for asset_id, facts in facts_of_images(session, sorted(asset_ids)).items()
        for pack in packs
        for verdict in (judge(pack, facts, day),)
    ]
    session.execute(sa.delete(ChannelVerdict).where(ChannelVerdict.asset_id.in_(asset_ids)))
    if judged:
        session.execute(sa.insert(ChannelVerdict), judged)


def unjudged(session: Session, after: int, limit: int) -> Sequence[int]:
    """The next scored images, by id, that some pack in use says nothing about in its present edition."""
    kept = (
        sa.select(sa.func.count()).select_from(ChannelVerdict).where(ChannelVerdict.asset_id == AssetScoring.asset_id)
    )
    now = editions(session)
    present = sa.or_(*(sa.and_(ChannelVerdict.pack == key, ChannelVerdict.edition == now[key]) for key in now))
    missing = kept.where(present).scalar_subquery() < len(now)
    scored = sa.select(AssetScoring.asset_id).where(AssetScoring.edition != "", AssetScoring.asset_id > after, missing)
    return session.scalars(scored.order_by(AssetScoring.asset_id).limit(limit)).all()
