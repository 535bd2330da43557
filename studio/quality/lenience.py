"""Reviewers who approve nearly everything, and more than others do of the same categories: they lift every figure."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from db.tables import QualityReviewer, Role, User
from studio.bootstrap import Studio
from studio.quality.beside_others import Tally, beside_others
from studio.quality.figures import QualityFilter, matching
from studio.quality.rates import Rate
from studio.roles import Actor, require
from studio.trust.itself import is_person


@dataclass(frozen=True)
class LenientReviewer:
    """What a reviewer approved where others decide as well, and what they approve of as many images there."""

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
        rows = session.execute(query).all()
    names = {row.user_id: row.name for row in rows}
    tallies = [Tally(user_id, category, int(n), int(approved)) for user_id, _, category, n, approved in rows]
    beside = {user_id: beside_others(tallies, user_id) for user_id in names}
    found = [
        LenientReviewer(user_id, names[user_id], one.own, one.expected)
        for user_id, one in beside.items()
        if one is not None and one.approves_all
    ]
    return sorted(found, key=lambda one: (-one.approved.n, one.name))
