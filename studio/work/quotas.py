"""How much computing a person may order in 24 hours, so that nobody takes the machine from the others."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Job, Role, User, utc_now
from studio.activity import record
from studio.errors import InputError, NotFound, QuotaReached
from studio.roles import Actor, require
from studio.team_settings import keep_setting, setting

if TYPE_CHECKING:
    from studio.bootstrap import Studio

WINDOW: Final = dt.timedelta(hours=24)
LEAST_SECONDS: Final = 60
MOST_SECONDS: Final = 31 * 86_400
"""Of a limit. Several workers compute more than 24 hours a day; who is to compute nothing gets the role viewer."""

UNCOUNTED = "scores"
"""The kind of job that nobody is charged for: it scores what others made as well (`jobs.SCORES`)."""

_TEAM = "compute_seconds_a_day"


@dataclass(frozen=True)
class Quota:
    """A person's computing, in seconds. limit: None is no limit; own: it is this person's, not the team's.

    used: by jobs of the last 24 hours. ordered: what their waiting and running jobs are still estimated to take.
    """

    limit: int | None
    own: bool
    used: float
    ordered: float

    @property
    def left(self) -> float | None:
        """What can still be ordered now; None without a limit."""
        return None if self.limit is None else max(self.limit - self.used - self.ordered, 0.0)


def quota_of(studio: Studio, actor: Actor | None) -> Quota:
    """The actor's own quota and what is left of it."""
    actor = require(actor, Role.VIEWER)
    with studio.reading() as session:
        return _quota(session, actor.id)


def quotas(studio: Studio, actor: Actor | None) -> dict[int, Quota]:
    """Everyone's quota by the id of the person. For admins."""
    require(actor, Role.ADMIN)
    with studio.reading() as session:
        return _quotas(session)


def team_quota(studio: Studio, actor: Actor | None) -> int | None:
    """Seconds of computing a day for everyone without a limit of their own; None is no limit."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        return _team_limit(session)


def set_team_quota(studio: Studio, actor: Actor | None, seconds: int | None) -> None:
    """Limit everyone without a limit of their own; None ends the limit. For admins. Raises InputError."""
    actor = require(actor, Role.ADMIN)
    _check(seconds)
    with studio.writing() as session:
        told = f"Set the team's computing a day to {_limit_in_words(seconds)}."
        keep_setting(session, actor, _TEAM, {"seconds": seconds}, told)


def set_quota(studio: Studio, actor: Actor | None, user_id: int, seconds: int | None) -> None:
    """Limit one person; None is the team's limit again. For admins. Raises InputError, NotFound."""
    actor = require(actor, Role.ADMIN)
    _check(seconds)
    with studio.writing() as session:
        user = session.get(User, user_id)
        if user is None:
            raise NotFound(f"There is no person {user_id}.")
        user.compute_seconds_a_day = seconds
        limit = "the team's limit" if seconds is None else _limit_in_words(seconds)
        told = f"Set {user.name}'s computing a day to {limit}."
        record(session, actor, "changed", "user", user.id, told, compute_seconds_a_day=seconds)


def check_quota(session: Session, actor: Actor, seconds: float | None) -> None:
    """Refuse work of `seconds` (None: nobody can estimate it) beyond the actor's limit, in the transaction that orders
    it; until its end no other order of the same person is counted.

    Raises QuotaReached, with the time until enough is free again; InputError for work that is larger than the limit.
    """
    session.scalars(sa.select(User.id).where(User.id == actor.id).with_for_update()).one()
    quota = _quota(session, actor.id)
    if quota.limit is None:
        return
    needed = seconds or 0.0
    if needed > quota.limit:
        raise InputError(
            "This takes about {needed} of computing, and your limit is {limit} a day. Order less at once, or ask an "
            "admin for more.",
            needed=in_words(needed),
            limit=in_words(quota.limit),
        )
    over = quota.used + quota.ordered + needed - quota.limit
    if over <= 0 and quota.left:
        return
    wait = _frees_in(session, actor.id, over)
    told = {"limit": in_words(quota.limit), "taken": in_words(quota.used + quota.ordered), "wait": in_words(wait)}
    seconds_to_wait = max(round(wait), 1)
    if not needed:
        raise QuotaReached(
            "Your limit is {limit} a day, and {taken} were used or ordered in the last 24 hours. Enough is free again "
            "in {wait}.",
            retry_after=seconds_to_wait,
            **told,
        )
    raise QuotaReached(
        "This takes about {needed} of computing. Your limit is {limit} a day, and {taken} were used or ordered in the "
        "last 24 hours. Enough is free again in {wait}.",
        retry_after=seconds_to_wait,
        needed=in_words(needed),
        **told,
    )


def in_words(seconds: float) -> str:
    """A length of time in its two largest units, in English: 40 s, 2 min 10 s, 3 h 5 min."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    parts = [(hours, "h"), (minutes, "min")] if hours else [(minutes, "min"), (rest, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number)


def _quota(session: Session, user_id: int) -> Quota:
    """Of one person; who is not there has used nothing of the team's limit."""
    return _quotas(session, user_id).get(user_id) or Quota(_team_limit(session), own=False, used=0.0, ordered=0.0)


def _quotas(session: Session, user_id: int | None = None) -> dict[int, Quota]:
    """The quota of one person, or of all, by the person's id."""
    whose, jobs = (sa.true(), sa.true()) if user_id is None else (User.id == user_id, Job.owner_id == user_id)
    spent, left = sa.func.sum(Job.compute_seconds), Job.estimate_seconds * (Job.total - Job.done)
    ahead = sa.func.sum(left / sa.func.nullif(Job.total, 0))
    # Two questions, since each is answered from an index; "or" between them is not.
    ended = sa.select(Job.owner_id, spent).where(jobs, *_ended())
    active = sa.select(Job.owner_id, spent, ahead).where(jobs, Job.finished_at.is_(None), Job.kind != UNCOUNTED)
    used: dict[int, float] = {
        id_: float(seconds or 0) for id_, seconds in session.execute(ended.group_by(Job.owner_id))
    }
    ordered: dict[int, float] = {}
    for id_, seconds, estimated in session.execute(active.group_by(Job.owner_id)):
        used[id_] = used.get(id_, 0.0) + float(seconds or 0)
        ordered[id_] = max(float(estimated or 0), 0.0)
    team = _team_limit(session)
    people = session.execute(sa.select(User.id, User.compute_seconds_a_day).where(whose))
    return {
        id_: Quota(team if own is None else own, own is not None, used.get(id_, 0.0), ordered.get(id_, 0.0))
        for id_, own in people
    }


def _ended() -> tuple[sa.ColumnElement[bool], ...]:
    return Job.finished_at > utc_now() - WINDOW, Job.kind != UNCOUNTED


def _frees_in(session: Session, user_id: int, over: float) -> float:
    """Seconds until jobs that took more than `over` seconds are a day old, at the latest a day from now."""
    now = utc_now()
    ended = sa.select(Job.finished_at, Job.compute_seconds).where(Job.owner_id == user_id, *_ended())
    for finished_at, seconds in session.execute(ended.order_by(Job.finished_at)):
        over -= seconds
        if over <= 0 and seconds and finished_at:
            return float((finished_at + WINDOW - now).total_seconds())
    return WINDOW.total_seconds()


def _team_limit(session: Session) -> int | None:
    seconds = (setting(session, _TEAM) or {}).get("seconds")
    return None if seconds is None else int(seconds)


def _limit_in_words(seconds: int | None) -> str:
    return "no limit" if seconds is None else in_words(seconds)


def _check(seconds: int | None) -> None:
    if seconds is not None and not LEAST_SECONDS <= seconds <= MOST_SECONDS:
        raise InputError(f"A limit is {LEAST_SECONDS} to {MOST_SECONDS:,} seconds of computing a day, got {seconds:,}.")
