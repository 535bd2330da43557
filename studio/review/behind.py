"""The images behind a figure of a reviewer, each with the verdicts that were given on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import AssetState, Decision, GoldImage, OpinionKind, Role, SecondOpinion, User
from studio.bootstrap import Studio
from studio.errors import Forbidden
from studio.images.assets import AssetView
from studio.images.library import views_in_order
from studio.review.agreement import Shared, shared_verdicts
from studio.review.pace import SITTING_ENDS, gaps
from studio.review.verdicts import Days, is_first_verdict, is_verdict, was_given, was_taken_back, within
from studio.roles import Actor, require


class Behind(StrEnum):
    """Which figure of the reviewers the images are of."""

    APPROVED = "approved"
    REJECTED = "rejected"
    FIRST_PASS = "first_pass"
    UNDONE = "undone"
    SLOWEST = "slowest"
    AGREED = "agreed"
    DISAGREED = "disagreed"
    GOLD_RIGHT = "gold_right"
    GOLD_WRONG = "gold_wrong"


@dataclass(frozen=True)
class WantedImages:
    """Of whom: `user_id` (None: of everyone), and for verdicts of two on one image also `other_id`, or only those where
    one of the two named `reason`.
    """

    behind: Behind
    user_id: int | None = None
    other_id: int | None = None
    reason: str | None = None
    days: Days = field(default_factory=Days)


@dataclass(frozen=True)
class Given:
    """A verdict on an image. `name` is None for the right one of a gold image, and for another reviewer where the
    reader is no manager. `seconds`: how long it took, where that is the figure.
    """

    name: str | None
    verdict: AssetState
    reason: str | None
    seconds: float | None = None


@dataclass(frozen=True)
class JudgedImage:
    """An image and the verdicts that are compared, the first one first."""

    view: AssetView
    given: tuple[Given, ...]


@dataclass(frozen=True)
class JudgedImages:
    """The newest `images` (the slowest first, where that is asked for), out of `total`."""

    images: tuple[JudgedImage, ...]
    total: int


def images_behind(studio: Studio, actor: Actor | None, wanted: WantedImages, *, limit: int = 60) -> JudgedImages:
    """The images of a figure. For managers; reviewers see those of their own. Raises Forbidden."""
    actor = require(actor, Role.REVIEWER)
    whole_team = actor.may(Role.MANAGER)
    if not whole_team and (wanted.user_id != actor.id or wanted.other_id is not None):
        raise Forbidden("Figures of other reviewers are shown to managers.")
    with studio.reading() as session:
        found = _found(session, wanted)
        views = {view.id: view for view in views_in_order(session, [asset_id for asset_id, _ in found[:limit]])}
        names: dict[int, str] = dict(session.execute(sa.select(User.id, User.name)).all())

    def told(row: _Row) -> Given:
        known = row.user_id is not None and (whole_team or row.user_id == actor.id)
        return Given(names[row.user_id] if known and row.user_id else None, row.verdict, row.reason, row.seconds)

    images = tuple(JudgedImage(views[asset_id], tuple(map(told, rows))) for asset_id, rows in found[:limit])
    return JudgedImages(images, len(found))


class _Row(NamedTuple):
    user_id: int | None
    verdict: AssetState
    reason: str | None
    seconds: float | None = None


_Found = list[tuple[int, tuple[_Row, ...]]]


def _found(session: Session, wanted: WantedImages) -> _Found:
    if wanted.behind in (Behind.AGREED, Behind.DISAGREED):
        return _of_two(shared_verdicts(session, wanted.days, wanted.user_id), wanted)
    if wanted.behind in (Behind.GOLD_RIGHT, Behind.GOLD_WRONG):
        return _of_gold(session, wanted)
    return _slowest(session, wanted) if wanted.behind is Behind.SLOWEST else _of_one(session, wanted)


def _of_two(shared: Sequence[Shared], wanted: WantedImages) -> _Found:
    agreed = wanted.behind is Behind.AGREED
    found: _Found = []
    for one in shared:
        named = (one.first_reason == wanted.reason, one.second_reason == wanted.reason)
        fits = one.agreed == agreed if wanted.reason is None else all(named) if agreed else named[0] != named[1]
        if fits and wanted.other_id in (None, one.first_id, one.second_id):
            first = _Row(one.first_id, one.first, one.first_reason)
            found.append((one.asset_id, (first, _Row(one.second_id, one.second, one.second_reason))))
    return found


def _of_gold(session: Session, wanted: WantedImages) -> _Found:
    right = SecondOpinion.verdict == GoldImage.verdict
    query = (
        sa.select(SecondOpinion, GoldImage)
        .join(GoldImage, GoldImage.asset_id == SecondOpinion.asset_id)
        .where(SecondOpinion.kind == OpinionKind.GOLD, SecondOpinion.verdict.is_not(None))
        .where(right if wanted.behind is Behind.GOLD_RIGHT else ~right)
        .where(*within(SecondOpinion.answered_at, wanted.days))
        .order_by(SecondOpinion.answered_at.desc(), SecondOpinion.id.desc())
    )
    if wanted.user_id is not None:
        query = query.where(SecondOpinion.answered_by_id == wanted.user_id)
    found: _Found = []
    for answer, gold in session.execute(query):
        assert answer.verdict is not None
        told = _Row(answer.answered_by_id, answer.verdict, answer.reason)
        found.append((gold.asset_id, (_Row(None, gold.verdict, gold.reason), told)))
    return found


def _of_one(session: Session, wanted: WantedImages) -> _Found:
    approved = Decision.to_state == AssetState.APPROVED
    conditions = {
        Behind.APPROVED: is_verdict(Decision) & approved,
        Behind.REJECTED: is_verdict(Decision) & ~approved,
        Behind.FIRST_PASS: is_first_verdict(Decision) & approved,
        Behind.UNDONE: was_given(Decision) & was_taken_back(Decision),
    }
    query = (
        sa.select(Decision.asset_id, Decision.user_id, Decision.to_state, Decision.reason)
        .where(conditions[wanted.behind], *within(Decision.at, wanted.days))
        .order_by(Decision.at.desc(), Decision.id.desc())
    )
    if wanted.user_id is not None:
        query = query.where(Decision.user_id == wanted.user_id)
    return [(asset_id, (_Row(*rest),)) for asset_id, *rest in _rows(session, query)]


def _slowest(session: Session, wanted: WantedImages) -> _Found:
    gap = gaps(session, wanted.days, wanted.user_id).subquery().c
    query = (
        sa.select(gap.asset_id, gap.user_id, gap.verdict, gap.reason, gap.seconds)
        .where(gap.seconds <= SITTING_ENDS)
        .order_by(gap.seconds.desc(), gap.asset_id)
    )
    return [(asset_id, (_Row(*rest),)) for asset_id, *rest in _rows(session, query)]


def _rows(session: Session, query: sa.Select[*tuple[Any, ...]]) -> Iterable[Any]:
    return session.execute(query)
