"""Blind votes: two versions make the same briefs, and people say which image is better without knowing whose it is."""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Comparison, ComparisonPair, Job, JobState, Role, Vote, VoteChoice, utc_now
from studio.activity import record
from studio.errors import Conflict, InputError, NotFound
from studio.models.aliases import CHAMPION, holder
from studio.models.ballots import Count, count
from studio.models.comparison_briefs import pair_briefs
from studio.models.in_use import model, recorded_speed
from studio.roles import Actor, require
from studio.work.jobs import ACTIVE, COMPARISON, add_job

if TYPE_CHECKING:
    from studio.bootstrap import Studio

FEWEST_PAIRS, USUAL_PAIRS, MOST_PAIRS = 20, 30, 100


@dataclass(frozen=True)
class BallotPair:
    """Two images of one brief, as a voter sees them: by side, not by model. choice: what the voter said already."""

    id: int
    number: int
    attributes: Mapping[str, Any]
    left_sha256: str
    right_sha256: str
    choice: VoteChoice | None


@dataclass(frozen=True)
class Ballot:
    """The pairs of a comparison that are made so far, for one voter. `total` is how many there will be.

    job_id: of the job that makes them; job_state: how it stands. over: the champion of that day is not in production
    any more, so that nobody can vote.
    """

    comparison_id: int
    total: int
    pairs: tuple[BallotPair, ...]
    job_id: str
    job_state: JobState
    over: bool

    @property
    def left(self) -> int:
        """How many of all pairs the voter has not judged."""
        return self.total - sum(pair.choice is not None for pair in self.pairs)


def start_comparison(studio: Studio, actor: Actor | None, challenger_id: int, pairs: int = USUAL_PAIRS) -> int:
    """Order the images of a blind vote between a version and the one in production; returns the comparison's id.

    Raises InputError for too few or too many pairs, NotFound, Conflict where the two cannot be compared or the last
    vote about them is not over.
    """
    actor = require(actor, Role.MANAGER)
    if not FEWEST_PAIRS <= pairs <= MOST_PAIRS:
        raise InputError(f"A vote is on {FEWEST_PAIRS} to {MOST_PAIRS} pairs of images, got {pairs}.")
    dice = random.Random(secrets.randbits(64))
    with studio.writing() as session:
        champion_id = holder(session, CHAMPION)
        challenger = model(session, challenger_id)
        if champion_id is None or champion_id == challenger_id:
            raise Conflict(f"{challenger.name} is compared with the version in production, and there is no other.")
        champion = model(session, champion_id)
        _refuse_second(session, champion_id, challenger_id)
        briefs = pair_briefs(session, champion, challenger, pairs, dice)
        speeds = [recorded_speed(session, champion_id), recorded_speed(session, challenger_id)]
        known = [speed for speed in speeds if speed is not None]
        job = add_job(
            studio,
            session,
            kind=COMPARISON,
            title=f"Pairs for a vote: {challenger.name} or {champion.name}",
            owner=actor,
            total=2 * pairs,
            estimate_seconds=2 * pairs * sum(known) / len(known) if known else None,
        )
        row = Comparison(job_id=job.id, champion_id=champion_id, challenger_id=challenger_id, created_by_id=actor.id)
        session.add(row)
        session.flush()
        session.add_all(
            ComparisonPair(
                comparison_id=row.id,
                number=number,
                prompt=brief.prompt,
                attributes=brief.attributes,
                seed=brief.seed,
                challenger_left=dice.random() < 0.5,
            )
            for number, brief in enumerate(briefs)
        )
        text = f"Started a blind vote between {challenger.name} and {champion.name} on {pairs} pairs."
        record(session, actor, "vote_started", "model_version", challenger_id, text, comparison=row.id, pairs=pairs)
        return row.id


def ballot(studio: Studio, actor: Actor | None, comparison_id: int) -> Ballot:
    """The pairs that a voter can judge, in their order. Raises NotFound."""
    actor = require(actor, Role.EDITOR)
    with studio.reading() as session:
        row = _comparison(session, comparison_id)
        pairs = session.scalars(
            sa.select(ComparisonPair).where(ComparisonPair.comparison_id == row.id).order_by(ComparisonPair.number)
        ).all()
        mine = sa.select(Vote.pair_id, Vote.choice).where(
            Vote.user_id == actor.id, Vote.pair_id.in_([pair.id for pair in pairs])
        )
        chosen = dict(session.execute(mine).all())
        job = session.get_one(Job, row.job_id)
        return Ballot(
            comparison_id=row.id,
            total=len(pairs),
            pairs=tuple(_ballot_pair(pair, chosen.get(pair.id)) for pair in pairs if _is_made(pair)),
            job_id=job.id,
            job_state=job.state,
            over=holder(session, CHAMPION) != row.champion_id,
        )


def cast(studio: Studio, actor: Actor | None, pair_id: int, choice: VoteChoice) -> None:
    """Say which image of a pair is better; said again, the last word counts.

    Raises NotFound, Conflict where the pair is not made yet or the vote is over.
    """
    actor = require(actor, Role.EDITOR)
    with studio.writing() as session:
        pair = session.get(ComparisonPair, pair_id)
        if pair is None:
            raise NotFound(f"There is no pair {pair_id} to vote on.")
        if not _is_made(pair):
            raise Conflict("The images of this pair are not made yet. Vote on the others first.")
        if holder(session, CHAMPION) != _comparison(session, pair.comparison_id).champion_id:
            raise Conflict("This vote is over: another version is in production now.")
        mine = sa.select(Vote).where(Vote.pair_id == pair_id, Vote.user_id == actor.id)
        vote = session.scalar(mine)
        if vote is None:
            session.add(Vote(pair_id=pair_id, user_id=actor.id, choice=choice))
        elif vote.choice is not choice:
            vote.choice, vote.at = choice, utc_now()


def result(studio: Studio, actor: Actor | None, comparison_id: int) -> Count:
    """The count as it stands; `shown` says whether voters may see it. Raises NotFound."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        _comparison(session, comparison_id)
        return count(session, comparison_id)


def _refuse_second(session: Session, champion_id: int, challenger_id: int) -> None:
    """One vote at a time, or the one that goes well would be picked."""
    same = (Comparison.champion_id == champion_id, Comparison.challenger_id == challenger_id)
    last = session.scalar(sa.select(Comparison).where(*same).order_by(Comparison.id.desc()).limit(1))
    if last is None:
        return
    state = session.get_one(Job, last.job_id).state
    if state in ACTIVE or (state is JobState.DONE and not count(session, last.id).complete):
        raise Conflict("The last vote about these two is not over. Finish it first: every pair needs a vote.")


def _comparison(session: Session, comparison_id: int) -> Comparison:
    row = session.get(Comparison, comparison_id)
    if row is None:
        raise NotFound(f"There is no vote {comparison_id}.")
    return row


def _is_made(pair: ComparisonPair) -> bool:
    return pair.champion_sha256 is not None and pair.challenger_sha256 is not None


def _ballot_pair(pair: ComparisonPair, choice: VoteChoice | None) -> BallotPair:
    sides = (pair.challenger_sha256 or "", pair.champion_sha256 or "")
    left, right = sides if pair.challenger_left else sides[::-1]
    return BallotPair(pair.id, pair.number, dict(pair.attributes), left, right, choice)
