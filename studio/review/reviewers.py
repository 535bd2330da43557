"""What is known of the reviewers: how much and how fast they decide, how far they agree, and what they overlook.

A manager sees everyone, a reviewer oneself. A share is never told without its number, a kappa never below its minimum.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetState, Decision, OpinionKind, Role, SecondOpinion, User, utc_now
from studio.bootstrap import Studio
from studio.quality.beside_others import BesideOthers, Tally, beside_others
from studio.quality.rates import Rate, wilson
from studio.review.agreement import (
    NO_GOLD,
    Agreement,
    GoldHits,
    PairAgreement,
    ReasonAgreement,
    among_several,
    by_pair,
    by_reason,
    gold_hits,
    overall,
    shared_verdicts,
    with_others,
)
from studio.review.asked import ASKED_DAYS, DECIDED
from studio.review.kappa import Kappa
from studio.review.pace import Pace, paces
from studio.review.verdicts import Days, is_first_verdict, is_verdict, was_given, was_taken_back, within
from studio.roles import Actor, require
from studio.trust.itself import is_person, itself_id

FEWEST_TIMED = 20
"""Decisions with a known time before a pace is told."""

FEWEST_GOLD = 10
"""Answers about gold images before their share is told."""

_ENOUGH = 50  # decisions before haste is told
_BLINK = 1.0  # seconds


class Concern(StrEnum):
    """What somebody should look at. None of them is a verdict on a person."""

    APPROVES_ALL = "approves_all"  # nearly everything, and more than the others do in the same categories
    MISSES_FAULTS = "misses_faults"  # half of the faults in gold images, or more
    TOO_FAST = "too_fast"  # half of the decisions in less than a second


@dataclass(frozen=True)
class ReviewerFigures:
    """One reviewer in the period.

    `approved`: of the verdicts. `beside`: what that is beside the others, None where they decided too little.
    `first_pass`: of the images that this person was the first to judge, those approved. `undone`: of all verdicts,
    those taken back. `pace` is None below FEWEST_TIMED.
    """

    user_id: int
    name: str
    approved: Rate
    beside: BesideOthers | None
    first_pass: Rate
    undone: Rate
    pace: Pace | None
    gold: GoldHits
    agreement: Agreement

    @property
    def concerns(self) -> tuple[Concern, ...]:
        """What somebody should look at."""
        found = {
            Concern.APPROVES_ALL: self.beside is not None and self.beside.approves_all,
            Concern.MISSES_FAULTS: self.gold.faults.n >= FEWEST_GOLD and (self.gold.faults.share or 0.0) <= 0.5,
            Concern.TOO_FAST: self.pace is not None and self.pace.n >= _ENOUGH and self.pace.median_seconds < _BLINK,
        }
        return tuple(concern for concern, raised in found.items() if raised)


@dataclass(frozen=True)
class ReviewerReport:
    """The reviewers with the most verdicts first; for a reviewer only oneself, with `whole_team` False.

    `agreement`, `reasons`: of all images that two judged (for a reviewer: oneself and another). `pairs` and `several`
    (three people or more on an image) are told to managers. `waiting`: second opinions asked and not given.
    """

    whole_team: bool
    people: tuple[ReviewerFigures, ...]
    agreement: Agreement
    several: Kappa | None
    pairs: tuple[PairAgreement, ...]
    reasons: tuple[ReasonAgreement, ...]
    waiting: int


def reviewer_report(studio: Studio, actor: Actor | None, days: Days) -> ReviewerReport:
    """The figures of the days. For reviewers: their own; for managers: everyone's."""
    actor = require(actor, Role.REVIEWER)
    whole_team = actor.may(Role.MANAGER)
    only = None if whole_team else actor.id
    with studio.reading() as session:
        shared = shared_verdicts(session, days, only)
        counts = _counts(session, days, only)
        several = among_several(session, days) if whole_team else None
        waiting = session.scalar(_waiting()) or 0 if whole_team else 0
        hits, times = gold_hits(session, days, only), paces(session, days, only)
        named = {one.first_id for one in shared} | {one.second_id for one in shared} | set(hits)
        names = _names(session, {*counts, *named} if only is None else {only})
        tallies = _tallies(session, days)
    figures = [
        ReviewerFigures(
            user_id=user_id,
            name=name,
            approved=counts[user_id].approved,
            beside=beside_others(tallies, user_id),
            first_pass=counts[user_id].first_pass,
            undone=counts[user_id].undone,
            pace=times[user_id] if user_id in times and times[user_id].n >= FEWEST_TIMED else None,
            gold=hits.get(user_id, NO_GOLD),
            agreement=with_others(shared, user_id),
        )
        for user_id, name in names.items()
    ]
    return ReviewerReport(
        whole_team=whole_team,
        people=tuple(sorted(figures, key=lambda each: (-each.approved.n, each.name.casefold()))),
        agreement=overall(shared),
        several=several,
        pairs=tuple(by_pair(shared)) if whole_team else (),
        reasons=tuple(by_reason(shared)),
        waiting=waiting,
    )


_NONE = wilson(0, 0)


@dataclass(frozen=True)
class _Counts:
    approved: Rate = _NONE
    first_pass: Rate = _NONE
    undone: Rate = _NONE


def _counts(session: Session, days: Days, user_id: int | None) -> dict[int, _Counts]:
    """The verdicts of each reviewer, or of one of them, counted in three ways; zeros for everyone else."""

    def rates(condition: sa.ColumnElement[bool], success: sa.ColumnElement[bool]) -> dict[int, Rate]:
        successes = sa.func.count(sa.case((success, 1)))
        query = sa.select(Decision.user_id, successes, sa.func.count()).group_by(Decision.user_id)
        query = query.where(condition, *within(Decision.at, days))
        if user_id is not None:
            query = query.where(Decision.user_id == user_id)
        return {id_: wilson(hits, n) for id_, hits, n in session.execute(query)}

    approved = Decision.to_state == AssetState.APPROVED
    first = rates(is_first_verdict(Decision), approved)
    stood = rates(is_verdict(Decision), approved)
    undone = rates(was_given(Decision), was_taken_back(Decision))
    found: dict[int, _Counts] = defaultdict(_Counts)
    found |= {id_: _Counts(stood.get(id_, _NONE), first.get(id_, _NONE), undone[id_]) for id_ in undone}
    return found


def _tallies(session: Session, days: Days) -> list[Tally]:
    """What each person decided in each category."""
    approved = sa.func.count(sa.case((Decision.to_state == AssetState.APPROVED, 1)))
    query = (
        sa.select(Decision.user_id, Asset.category, sa.func.count(), approved)
        .join(Asset, Asset.id == Decision.asset_id)
        .where(is_verdict(Decision), *within(Decision.at, days), Decision.user_id != itself_id(session))
        .group_by(Decision.user_id, Asset.category)
    )
    return [Tally(*row) for row in session.execute(query)]


def _names(session: Session, user_ids: Iterable[int]) -> dict[int, str]:
    query = sa.select(User.id, User.name).where(User.id.in_(set(user_ids)), is_person())
    return dict(session.execute(query).all())


def _waiting() -> sa.Select[int]:
    """How many second opinions somebody is still asked for."""
    recent = SecondOpinion.created_at > utc_now() - dt.timedelta(days=ASKED_DAYS)
    query = sa.select(sa.func.count()).select_from(SecondOpinion).join(Asset, Asset.id == SecondOpinion.asset_id)
    unanswered = (SecondOpinion.kind == OpinionKind.SECOND, SecondOpinion.answered_by_id.is_(None))
    return query.where(*unanswered, recent, Asset.state.in_(DECIDED))
