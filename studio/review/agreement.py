"""How far reviewers agree: pairs of verdicts on one image, given by two people who did not know of each other."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import AssetState, Decision, GoldImage, OpinionKind, SecondOpinion
from studio.quality.rates import Rate, wilson
from studio.review.kappa import Kappa, cohen, fleiss
from studio.review.states import REASONS
from studio.review.verdicts import Days, is_verdict, within

FEWEST_SHARED = 20
"""Images that two must have judged before a kappa is told: with fewer, its interval spans nearly everything."""

FEWEST_NAMED = 5
"""Images of which one of the two must have named a reason, before a kappa of the reason is told."""


@dataclass(frozen=True)
class Shared:
    """One image with the verdict that stands and a second opinion on it."""

    asset_id: int
    first_id: int
    first: AssetState
    first_reason: str | None
    second_id: int
    second: AssetState
    second_reason: str | None
    at: dt.datetime

    @property
    def agreed(self) -> bool:
        """Whether both came to the same verdict, for whatever reason."""
        return self.first is self.second


@dataclass(frozen=True)
class Agreement:
    """`agreed`: of the images that both judged, those with the same verdict. `kappa` is None below FEWEST_SHARED."""

    agreed: Rate
    kappa: Kappa | None


@dataclass(frozen=True)
class PairAgreement:
    """Of two reviewers, in the order of their ids."""

    one_id: int
    other_id: int
    agreement: Agreement


@dataclass(frozen=True)
class ReasonAgreement:
    """On one reason. `named`: images of which one of the two named it, and both did. `kappa` is None where too few."""

    reason: str
    named: Rate
    kappa: Kappa | None


def shared_verdicts(session: Session, days: Days, user_id: int | None = None) -> list[Shared]:
    """All images that two people judged, second opinions of these days; or those in which one person took part.

    A verdict that was taken back since is left out.
    """
    query = (
        sa.select(
            SecondOpinion.asset_id,
            Decision.user_id,
            Decision.to_state,
            Decision.reason,
            SecondOpinion.answered_by_id,
            SecondOpinion.verdict,
            SecondOpinion.reason,
            SecondOpinion.answered_at,
        )
        .join(Decision, Decision.id == SecondOpinion.decision_id)
        .where(SecondOpinion.kind == OpinionKind.SECOND, SecondOpinion.verdict.is_not(None), is_verdict(Decision))
        .where(*within(SecondOpinion.answered_at, days))
        .order_by(SecondOpinion.answered_at.desc(), SecondOpinion.id.desc())
    )
    if user_id is not None:
        query = query.where((Decision.user_id == user_id) | (SecondOpinion.answered_by_id == user_id))
    rows: Iterable[Any] = session.execute(query)  # answered ones: nothing in them is empty but reasons
    return [Shared(*row) for row in rows]


def overall(shared: Sequence[Shared]) -> Agreement:
    """The verdict that stands against the second opinion, whoever gave them."""
    return _agreement([(one.first, one.second) for one in shared])


def with_others(shared: Iterable[Shared], user_id: int) -> Agreement:
    """The verdicts of one person against those of the others, whoever came first."""
    return _agreement(
        [
            (one.first, one.second) if one.first_id == user_id else (one.second, one.first)
            for one in shared
            if user_id in (one.first_id, one.second_id)
        ]
    )


def by_pair(shared: Iterable[Shared]) -> list[PairAgreement]:
    """Each two people who judged images of each other, the most images first."""
    found: dict[tuple[int, int], list[tuple[AssetState, AssetState]]] = defaultdict(list)
    for one in shared:
        if one.first_id < one.second_id:
            found[one.first_id, one.second_id].append((one.first, one.second))
        else:
            found[one.second_id, one.first_id].append((one.second, one.first))
    pairs = [PairAgreement(*ids, _agreement(verdicts)) for ids, verdicts in found.items()]
    return sorted(pairs, key=lambda pair: (-pair.agreement.agreed.n, pair.one_id, pair.other_id))


def by_reason(shared: Sequence[Shared]) -> list[ReasonAgreement]:
    """Whether two people reject for the same reason, each reason that was named; the most named first."""
    found = []
    for reason in REASONS:
        named = Counter((one.first_reason == reason, one.second_reason == reason) for one in shared)
        both, either = named[True, True], named[True, True] + named[True, False] + named[False, True]
        if either:
            table = [[both, named[True, False]], [named[False, True], named[False, False]]]
            told = len(shared) >= FEWEST_SHARED and either >= FEWEST_NAMED
            found.append(ReasonAgreement(reason, wilson(both, either), cohen(table) if told else None))
    return sorted(found, key=lambda each: (-each.named.n, each.reason))


def among_several(session: Session, days: Days) -> Kappa | None:
    """Agreement on the images of which three people or more said something: the verdict that stands, second opinions,
    answers about gold images. None below FEWEST_SHARED.
    """
    votes: dict[int, dict[int, AssetState]] = defaultdict(dict)
    for one in shared_verdicts(session, days):
        votes[one.asset_id][one.first_id] = one.first
        votes[one.asset_id][one.second_id] = one.second
    gold = (
        sa.select(SecondOpinion.asset_id, SecondOpinion.answered_by_id, SecondOpinion.verdict)
        .where(SecondOpinion.kind == OpinionKind.GOLD, SecondOpinion.verdict.is_not(None))
        .where(*within(SecondOpinion.answered_at, days))
    )
    answers: Iterable[Any] = session.execute(gold)
    for asset_id, user_id, verdict in answers:
        votes[asset_id][user_id] = verdict
    several = [Counter(given.values()) for given in votes.values() if len(given) >= 3]
    if len(several) < FEWEST_SHARED:
        return None
    return fleiss([[count[AssetState.APPROVED], count[AssetState.CHANGES_REQUESTED]] for count in several])


@dataclass(frozen=True)
class GoldHits:
    """Answers about gold images: `right` of all, `faults` found of those that are to be rejected."""

    right: Rate
    faults: Rate


NO_GOLD = GoldHits(wilson(0, 0), wilson(0, 0))


def gold_hits(session: Session, days: Days, user_id: int | None = None) -> dict[int, GoldHits]:
    """How often each reviewer gave the right verdict on gold images, by id."""
    faulty = GoldImage.verdict == AssetState.CHANGES_REQUESTED
    right = SecondOpinion.verdict == GoldImage.verdict
    counted = [sa.func.count(sa.case((condition, 1))) for condition in (right, faulty, right & faulty)]
    query = (
        sa.select(SecondOpinion.answered_by_id, sa.func.count(), *counted)
        .join(GoldImage, GoldImage.asset_id == SecondOpinion.asset_id)
        .where(SecondOpinion.kind == OpinionKind.GOLD, SecondOpinion.verdict.is_not(None))
        .where(*within(SecondOpinion.answered_at, days))
        .group_by(SecondOpinion.answered_by_id)
    )
    if user_id is not None:
        query = query.where(SecondOpinion.answered_by_id == user_id)
    rows: Iterable[Any] = session.execute(query)
    return {id_: GoldHits(wilson(hits, n), wilson(found, faults)) for id_, n, hits, faults, found in rows}


def _agreement(verdicts: Sequence[tuple[AssetState, AssetState]]) -> Agreement:
    given = Counter((one is AssetState.APPROVED, other is AssetState.APPROVED) for one, other in verdicts)
    agreed = wilson(given[True, True] + given[False, False], len(verdicts))
    if len(verdicts) < FEWEST_SHARED:
        return Agreement(agreed, None)
    return Agreement(agreed, cohen([[given[one, other] for other in (True, False)] for one in (True, False)]))
