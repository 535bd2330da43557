"""Counting a blind vote: the pairs that the challenger won, and whether a coin could have done the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import ComparisonPair, Vote, VoteChoice
from studio.quality.rates import wilson

SHOWN_FROM = 20
"""Pairs that must be judged before a count is shown, unless there are no more: a count on the way sways voters."""
SURE_BELOW = 0.05
"""The challenger has won where a coin would do as well less often than this."""


@dataclass(frozen=True)
class Count:
    """A vote, counted by pairs: of several people's votes on one pair, most decide.

    wins: pairs in which the challenger was preferred; losses: the champion. share: of wins among those decided, with
    its 95 % interval (Wilson). p_value: how often as many wins come up where both are equally good (one-sided exact
    binomial test). The last four are None where no pair is decided.
    """

    pairs: int
    judged: int
    wins: int
    losses: int
    share: float | None
    low: float | None
    high: float | None
    p_value: float | None

    @property
    def undecided(self) -> int:
        """Judged pairs in which neither was preferred."""
        return self.judged - self.wins - self.losses

    @property
    def complete(self) -> bool:
        """Whether every pair was judged by somebody."""
        return 0 < self.pairs == self.judged

    @property
    def shown(self) -> bool:
        """Whether the result may be told."""
        return self.complete or self.judged >= SHOWN_FROM

    @property
    def won(self) -> bool:
        """Whether the vote is over and the challenger is the better one beyond chance."""
        return self.complete and self.p_value is not None and self.p_value < SURE_BELOW


def count(session: Session, comparison_id: int) -> Count:
    """The vote of a comparison as it stands."""
    of_it = ComparisonPair.comparison_id == comparison_id
    pairs = session.scalar(sa.select(sa.func.count()).select_from(ComparisonPair).where(of_it)) or 0
    votes = (
        sa.select(Vote.pair_id, Vote.choice, ComparisonPair.challenger_left)
        .join(ComparisonPair, ComparisonPair.id == Vote.pair_id)
        .where(of_it)
    )
    return counted(pairs, ((pair, _points(choice, left)) for pair, choice, left in session.execute(votes)))


def counted(pairs: int, votes: Iterable[tuple[int, int]]) -> Count:
    """The count of votes, each (pair, 1 for the challenger, -1 for the champion, 0 for neither)."""
    sums: Counter[int] = Counter()
    for pair, points in votes:
        sums[pair] += points
    wins = sum(points > 0 for points in sums.values())
    losses = sum(points < 0 for points in sums.values())
    rate = wilson(wins, wins + losses)
    return Count(
        pairs=pairs,
        judged=len(sums),
        wins=wins,
        losses=losses,
        share=rate.share,
        low=rate.low,
        high=rate.high,
        p_value=_p_value(wins, wins + losses),
    )


def _points(choice: VoteChoice, challenger_left: bool) -> int:
    if choice is VoteChoice.NEITHER:
        return 0
    return 1 if (choice is VoteChoice.LEFT) == challenger_left else -1


def _p_value(wins: int, decided: int) -> float | None:
    if not decided:
        return None
    from scipy.stats import binomtest  # a second to load, and only a result needs it

    return float(binomtest(wins, decided, 0.5, alternative="greater").pvalue)
