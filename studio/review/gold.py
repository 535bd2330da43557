"""Gold images: decided images of which a manager knows the right verdict, mixed into the work of reviewers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetState, GoldImage, OpinionKind, Role, SecondOpinion, User, utc_now
from studio.activity import record
from studio.bootstrap import Studio
from studio.errors import Conflict, InputError, NotFound
from studio.images.assets import AssetView
from studio.images.library import views_in_order
from studio.quality.rates import Rate, wilson
from studio.review.asked import DECIDED
from studio.review.decisions import locked, word
from studio.review.states import REASONS
from studio.review.verdicts import VERDICTS
from studio.roles import Actor, require

_UNNAMED = ("team_setting", "gold_images")
"""What the record names, which everyone may read: reviewers are not to know which images these are."""


@dataclass(frozen=True)
class GoldView:
    """A gold image: its right verdict, who said so and when, and how many reviewers gave it."""

    view: AssetView
    verdict: AssetState
    reason: str | None
    marked_by: str
    marked_at: dt.datetime
    right: Rate


@dataclass(frozen=True)
class RightVerdict:
    """What a manager knows about an image."""

    verdict: AssetState
    reason: str | None


def mark_gold(
    studio: Studio, actor: Actor | None, asset_id: int, verdict: AssetState, reason: str | None = None
) -> None:
    """Say what the right verdict on a decided image is; said again, it changes. For managers.

    verdict: APPROVED, or CHANGES_REQUESTED with the key of its reason. Raises InputError, NotFound, and Conflict for an
    image that is not decided.
    """
    actor = require(actor, Role.MANAGER)
    if verdict not in VERDICTS:
        raise InputError(f"The right verdict is approved or changes_requested, got {verdict.value!r}.")
    if (verdict is AssetState.CHANGES_REQUESTED) != (reason is not None) or reason not in (None, *REASONS):
        raise InputError(f"A rejection has one reason of {', '.join(REASONS)}, an approval none; got {reason!r}.")
    with studio.writing() as session:
        image = locked(session, asset_id)
        if image.state not in DECIDED:
            raise Conflict(f"Image {asset_id} is {word(image.state)}; a gold image is one that was decided.")
        row = session.get(GoldImage, asset_id)
        if row is None:
            row = GoldImage(asset_id=asset_id)
            session.add(row)
        row.verdict, row.reason, row.marked_by_id, row.marked_at = verdict, reason, actor.id, utc_now()
        row.retired_at = None
        record(session, actor, "changed", *_UNNAMED, "Marked a gold image.")


def retire_gold(studio: Studio, actor: Actor | None, asset_id: int) -> None:
    """Ask about an image no more; the answers so far go on counting. For managers. Raises NotFound."""
    actor = require(actor, Role.MANAGER)
    with studio.writing() as session:
        row = session.get(GoldImage, asset_id)
        if row is None or row.retired_at is not None:
            raise NotFound(f"Image {asset_id} is no gold image.")
        row.retired_at = utc_now()
        open_ones = (SecondOpinion.asset_id == asset_id, SecondOpinion.kind == OpinionKind.GOLD)
        session.execute(sa.delete(SecondOpinion).where(*open_ones, SecondOpinion.answered_by_id.is_(None)))
        record(session, actor, "changed", *_UNNAMED, "Retired a gold image.")


def gold_verdict(studio: Studio, actor: Actor | None, asset_id: int) -> RightVerdict | None:
    """What is known of an image; None where it is no gold image. For managers: a reviewer is not to know."""
    require(actor, Role.MANAGER)
    with studio.reading() as session:
        row = session.get(GoldImage, asset_id)
        return None if row is None or row.retired_at is not None else RightVerdict(row.verdict, row.reason)


def gold_images(studio: Studio, actor: Actor | None, *, limit: int = 200) -> tuple[GoldView, ...]:
    """The gold images that reviewers are asked about, the newest first. For managers."""
    require(actor, Role.MANAGER)
    query = (
        sa.select(GoldImage, User.name)
        .join(User, User.id == GoldImage.marked_by_id)
        .where(GoldImage.retired_at.is_(None))
        .order_by(GoldImage.marked_at.desc())
        .limit(limit)
    )
    with studio.reading() as session:
        rows = session.execute(query).all()
        views = {view.id: view for view in views_in_order(session, [row.asset_id for row, _ in rows])}
        answers = _answers(session)
    return tuple(
        GoldView(
            view=views[row.asset_id],
            verdict=row.verdict,
            reason=row.reason,
            marked_by=name,
            marked_at=row.marked_at,
            right=answers.get(row.asset_id, wilson(0, 0)),
        )
        for row, name in rows
    )


def count_gold(studio: Studio, actor: Actor | None) -> int:
    """How many gold images there are to ask about. For managers."""
    require(actor, Role.MANAGER)
    usable = sa.select(sa.func.count()).select_from(GoldImage).join(Asset, Asset.id == GoldImage.asset_id)
    with studio.reading() as session:
        return session.scalar(usable.where(GoldImage.retired_at.is_(None), Asset.state.in_(DECIDED))) or 0


def _answers(session: Session) -> dict[int, Rate]:
    right = sa.func.count(sa.case((SecondOpinion.verdict == GoldImage.verdict, 1)))
    query = (
        sa.select(SecondOpinion.asset_id, right, sa.func.count())
        .join(GoldImage, GoldImage.asset_id == SecondOpinion.asset_id)
        .where(SecondOpinion.kind == OpinionKind.GOLD, SecondOpinion.verdict.is_not(None))
        .group_by(SecondOpinion.asset_id)
    )
    return {asset_id: wilson(hits, n) for asset_id, hits, n in session.execute(query)}
