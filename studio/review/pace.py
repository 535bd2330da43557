"""How fast reviewers decide, by the server's clock: from one press of a key to the next.

A gap of more than SITTING_ENDS is a break and begins a new sitting; it is no time of deciding. What comes together
(several approvals at once) counts for the number of decisions, and not for the time that one takes.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import AssetState, Decision, SecondOpinion
from studio.quality.rates import percentile, seconds_between
from studio.review.states import UNDO
from studio.review.verdicts import VERDICTS, Days, within

SITTING_ENDS = 300.0
"""Seconds; as long as a claim lasts."""

TOGETHER = 0.2
"""Seconds; nobody decides one by one so fast."""


@dataclass(frozen=True)
class Pace:
    """n: decisions whose time is known. per_hour: decisions for each hour of sitting, those taken together included."""

    n: int
    median_seconds: float
    p90_seconds: float
    per_hour: float


def paces(session: Session, days: Days, user_id: int | None = None) -> dict[int, Pace]:
    """The pace of each reviewer, or of one of them, by id; those without two decisions in a sitting are left out."""
    gap = gaps(session, days, user_id).subquery().c
    sat = gap.seconds <= SITTING_ENDS
    sittings = sa.select(gap.user_id, sa.func.count(), sa.func.sum(gap.seconds)).where(sat).group_by(gap.user_id)
    alone = (
        sa.select(
            gap.user_id,
            gap.seconds,
            sa.func.row_number().over(partition_by=gap.user_id, order_by=gap.seconds).label("rank"),
            sa.func.count().over(partition_by=gap.user_id).label("n"),
        )
        .where(sat, gap.seconds >= TOGETHER)
        .subquery()
        .c
    )
    median, p90 = (percentile(alone.rank, alone.n, alone.seconds, percent) for percent in (50, 90))
    times = sa.select(alone.user_id, sa.func.max(alone.n), median, p90).group_by(alone.user_id)
    per_hour = {id_: 3600 * n / seconds for id_, n, seconds in session.execute(sittings) if seconds > 0}
    return {id_: Pace(n, middle, long, per_hour[id_]) for id_, n, middle, long in session.execute(times)}


def gaps(
    session: Session, days: Days, user_id: int | None = None
) -> sa.Select[int, int, AssetState, str | None, float]:
    """Each decision of a reviewer and the seconds since their decision before: user_id, asset_id, verdict, reason,
    seconds. An approval that another one must follow has the verdict IN_REVIEW.
    """
    decided = sa.select(
        Decision.user_id, Decision.asset_id, Decision.to_state.label("verdict"), Decision.reason, Decision.at
    ).where(
        Decision.from_state == AssetState.IN_REVIEW,
        Decision.to_state.in_((*VERDICTS, AssetState.IN_REVIEW)),
        sa.func.coalesce(Decision.reason, "") != UNDO,
        *within(Decision.at, days),
    )
    answered = sa.select(
        SecondOpinion.answered_by_id,
        SecondOpinion.asset_id,
        SecondOpinion.verdict,
        SecondOpinion.reason,
        SecondOpinion.answered_at,
    ).where(SecondOpinion.verdict.is_not(None), *within(SecondOpinion.answered_at, days))
    if user_id is not None:
        decided = decided.where(Decision.user_id == user_id)
        answered = answered.where(SecondOpinion.answered_by_id == user_id)
    press = decided.union_all(answered).subquery().c
    before = sa.func.lag(press.at).over(partition_by=press.user_id, order_by=press.at)
    seconds = seconds_between(session, before, press.at).label("seconds")
    known = sa.select(press.user_id, press.asset_id, press.verdict, press.reason, seconds).subquery().c
    return sa.select(known.user_id, known.asset_id, known.verdict, known.reason, known.seconds).where(
        known.seconds.is_not(None)
    )
