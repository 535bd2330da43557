"""Reviewers who approve nearly everything, and more than others do of the same categories: they lift every figure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa

from db.tables import QualityReviewer, Role, User
from studio.bootstrap import Studio
from studio.quality.figures import QualityFilter, matching
from studio.quality.rates import Rate, wilson
from studio.roles import Actor, require
from studio.trust.itself import is_person

FEWEST = 50
"""Verdicts, of the reviewer and of the others, before they are compared."""

NEARLY_ALL = 0.95


@dataclass(frozen=True)
class LenientReviewer:
    """What a reviewer approved, and what the others approve of as many images of the same categories."""

    user_id: int
    name: str
    approved: Rate
    expected: float


def lenient_reviewers(studio: Studio, actor: Actor | None, wanted: QualityFilter) -> list[LenientReviewer]:
    """Those of the days, the one with most verdicts first. For managers: others are told nothing of each other."""
    actor = require(actor, Role.VIEWER)
    if not actor.may(Role.MANAGER):
        return []
    row = QualityReviewer
    query = (
        sa.select(row.user_id, User.name, row.category, sa.func.sum(row.verdicts), sa.func.sum(row.approved))
        .join(User, User.id == row.user_id)
        .where(*matching(row, wanted), is_person())
        .group_by(row.user_id, User.name, row.category)
    )
    with studio.reading() as session:
        rows = [(id_, name, category, int(n), int(good)) for id_, name, category, n, good in session.execute(query)]
    names = {id_: name for id_, name, *_ in rows}
    verdicts, approved = Counter[int](), Counter[int]()
    for id_, _, _, n, good in rows:
        verdicts[id_] += n
        approved[id_] += good
    found = []
    for id_, name in names.items():
        rate, expected = wilson(approved[id_], verdicts[id_]), _expected(rows, id_)
        if rate.n < FEWEST or expected is None or rate.share is None or rate.low is None:
            continue
        if rate.share >= NEARLY_ALL and rate.low > expected:
            found.append(LenientReviewer(id_, name, rate, expected))
    return sorted(found, key=lambda one: (-one.approved.n, one.name))


def _expected(rows: list[tuple[int, str, str, int, int]], user_id: int) -> float | None:
    """The share that the others approve, category by category, weighted as the reviewer's verdicts are."""
    n_of, good_of = Counter[str](), Counter[str]()
    for id_, _, category, n, good in rows:
        if id_ != user_id:
            n_of[category] += n
            good_of[category] += good
    own = [(category, n) for id_, _, category, n, _ in rows if id_ == user_id and n_of[category]]
    if n_of.total() < FEWEST or not own:
        return None
    return sum(n * good_of[category] / n_of[category] for category, n in own) / sum(n for _, n in own)
