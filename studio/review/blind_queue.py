"""How the images that a reviewer is asked about stand in the queue: among those that wait, and nowhere else."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetState, Role, SecondOpinion
from studio.review.asked import open_tasks, task_ids
from studio.review.queue_filter import QueueFilter
from studio.review.queue_order import Place, fitting
from studio.roles import Actor


def hidden_elsewhere(wanted: QueueFilter, actor: Actor) -> tuple[sa.ColumnElement[bool], ...]:
    """The condition that keeps asked images out of pages of decided images; none for other pages."""
    if wanted.state in (None, AssetState.IN_REVIEW) or not actor.may(Role.REVIEWER):
        return ()
    return (Asset.id.not_in(task_ids(actor.id)),)


def with_asked(
    session: Session,
    wanted: QueueFilter,
    actor: Actor,
    found: Sequence[Place],
    *,
    after: Place | None,
    limit: int,
    further: tuple[sa.ColumnElement[bool], ...] = (),
) -> list[Place]:
    """`found`, the next `limit` images of the queue, with the asked ones among them that fit the filter."""
    if wanted.state is not AssetState.IN_REVIEW or not _may_show(wanted, actor):
        return list(found)
    asked = {row.id: Place(row.priority, row.since, row.id) for row in _open(session, wanted, actor, further)}
    later = [place for place in asked.values() if after is None or _order(place) > _order(after)]
    return sorted([*found, *later], key=_order)[:limit]


def asked_since(session: Session, actor: Actor, asset_ids: Sequence[int]) -> dict[int, dt.datetime]:
    """Those of the images that the actor is asked about, with the moment since when they seem to wait."""
    if not asset_ids or not actor.may(Role.REVIEWER):
        return {}
    query = open_tasks(actor.id).with_only_columns(SecondOpinion.asset_id, SecondOpinion.since)
    return dict(session.execute(query.where(SecondOpinion.asset_id.in_(asset_ids))).all())


def moved_by_asking(session: Session, wanted: QueueFilter, actor: Actor) -> Counter[AssetState]:
    """How the number of images in each state changes for the actor: the asked ones count as waiting."""
    moved: Counter[AssetState] = Counter()
    if not _may_show(wanted, actor):
        return moved
    states = {row.id: row.state for row in _open(session, wanted, actor)}
    for state in states.values():
        moved[state] -= 1
        moved[AssetState.IN_REVIEW] += 1
    return moved


def _open(
    session: Session, wanted: QueueFilter, actor: Actor, further: tuple[sa.ColumnElement[bool], ...] = ()
) -> list[sa.Row[int, AssetState, int, dt.datetime]]:
    """What the actor is asked about that fits the filter, whatever the state: few, so they are found first."""
    query = open_tasks(actor.id).with_only_columns(Asset.id, Asset.state, Asset.priority, SecondOpinion.since)
    rows = session.execute(query).all()
    fit = fitting(session, [row.id for row in rows], replace(wanted, state=None), actor.id, further) if rows else set()
    return [row for row in rows if row.id in fit]


def _may_show(wanted: QueueFilter, actor: Actor) -> bool:
    """Only reviewers are asked; and a filter by verdict would tell the verdict."""
    by_verdict = wanted.verdict is not None or wanted.reason is not None or wanted.decided is not None
    return actor.may(Role.REVIEWER) and not by_verdict


def _order(place: Place) -> tuple[int, dt.datetime, int]:
    return (-place.priority, place.since, place.asset_id)
