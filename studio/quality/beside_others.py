"""What a reviewer approves beside what the others approve, of the categories that both decide on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from studio.quality.rates import Rate, wilson

FEWEST = 50
"""Verdicts, of the reviewer and of the others, before they are compared."""

NEARLY_ALL = 0.95

_IN_A_CATEGORY = 20  # verdicts of the others, before theirs stand for a category


@dataclass(frozen=True)
class Tally:
    """Of `n` verdicts of a reviewer in a category, `approved` were approvals."""

    user_id: int
    category: str
    n: int
    approved: int


@dataclass(frozen=True)
class BesideOthers:
    """own: what the reviewer approves. expected: the share that the others approve of as many images of the same
    categories. Categories on which hardly anybody else decides are in neither.
    """

    own: Rate
    expected: float

    @property
    def approves_all(self) -> bool:
        """Whether it is nearly everything, and more than the others approve, beyond chance."""
        share, low = self.own.share, self.own.low
        if self.own.n < FEWEST or share is None or low is None:
            return False
        return share >= NEARLY_ALL and low > self.expected


def beside_others(tallies: Iterable[Tally], user_id: int) -> BesideOthers | None:
    """The comparison for one reviewer; None where there are too few verdicts of others. tallies: of all reviewers."""
    n_of, approved_of = Counter[str](), Counter[str]()
    own: list[Tally] = []
    for tally in tallies:
        if tally.user_id == user_id:
            own.append(tally)
        else:
            n_of[tally.category] += tally.n
            approved_of[tally.category] += tally.approved
    shared = [tally for tally in own if n_of[tally.category] >= _IN_A_CATEGORY]
    number = sum(tally.n for tally in shared)
    if n_of.total() < FEWEST or not number:
        return None
    expected = sum(tally.n * approved_of[tally.category] / n_of[tally.category] for tally in shared) / number
    return BesideOthers(wilson(sum(tally.approved for tally in shared), number), expected)
