"""Who is to look at what: images of the queue given to people by share or by hand, and how urgent they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.portions import portions
from db.tables import Asset, AssetState, Role, User
from studio.activity import record
from studio.bootstrap import Studio
from studio.errors import InputError
from studio.inbox import ASSIGNED, tell
from studio.review.queue_filter import QueueFilter
from studio.review.queue_order import LEVELS, conditions
from studio.roles import Actor, require

MOST_AT_ONCE = 5_000
MOST_PEOPLE = 20


@dataclass(frozen=True)
class Load:
    """How much waits for a reviewer; `person_id` None: for nobody in particular."""

    person_id: int | None
    name: str | None
    waiting: int


@dataclass(frozen=True)
class Shared:
    """How many images each person was given, by id, and how many of the filter were left out for want of a person who
    may decide them: their makers are the only ones among those named.
    """

    given: dict[int, int]
    left: int


def loads(studio: Studio, actor: Actor | None) -> tuple[Load, ...]:
    """How much waits for whom, the longest list first; who may review and has nothing is told too."""
    require(actor, Role.VIEWER)
    waiting = sa.select(Asset.assignee_id, sa.func.count()).where(Asset.state == AssetState.IN_REVIEW)
    with studio.reading() as session:
        numbers: dict[int | None, int] = dict(session.execute(waiting.group_by(Asset.assignee_id)).all())
        people = session.execute(
            sa.select(User.id, User.name).where(
                (User.active & User.role.in_(_reviewing())) | User.id.in_([id_ for id_ in numbers if id_])
            )
        ).all()
    found = [Load(id_, name, numbers.get(id_, 0)) for id_, name in people]
    found.append(Load(None, None, numbers.get(None, 0)))
    return tuple(sorted(found, key=lambda load: (-load.waiting, load.name or "")))


def share(
    studio: Studio, actor: Actor | None, wanted: QueueFilter, shares: Mapping[int, float], *, again: bool = False
) -> Shared:
    """Give the images of a filter that wait for review to people in proportion to their shares (60 and 40, say, or 1
    and 1), in turn along the queue, so that each gets urgent and old ones alike. For managers.

    again: also those that somebody has been given already. Nobody is given an image that they made, where another of
    those named can take it. Raises InputError for shares that are none, people who may not review, or more images than
    MOST_AT_ONCE.
    """
    actor = require(actor, Role.MANAGER)
    if not 1 <= len(shares) <= MOST_PEOPLE or not all(0 < share <= 100 for share in shares.values()):
        told = ", ".join(f"{share:g}" for share in shares.values()) or "none"
        raise InputError(f"Name 1 to {MOST_PEOPLE} people, each with a share above 0 and up to 100; got {told}.")
    wanted = replace(wanted, state=AssetState.IN_REVIEW)
    with studio.writing() as session:
        names = _reviewers(session, shares)
        images = _along_the_queue(session, wanted, actor, again=again)
        given, left = _dealt(images, shares)
        for person_id, asset_ids in given.items():
            _give(session, actor, person_id, asset_ids)
        total = sum(map(len, given.values()))
        if total:
            told = ", ".join(f"{names[id_]} {len(asset_ids):,}" for id_, asset_ids in given.items())
            record(session, actor, "shared", "review_queue", "in_review", f"Gave out {total:,} images: {told}.")
        return Shared({person_id: len(asset_ids) for person_id, asset_ids in given.items()}, left)


def assign(studio: Studio, actor: Actor | None, asset_ids: Sequence[int], person_id: int | None) -> int:
    """Give images that wait for review to one person, or to nobody; returns how many were not theirs before. Managers
    give to anyone, reviewers take for themselves or let go of their own.

    Raises InputError for too many images or a person who may not review, Forbidden.
    """
    actor = require(actor, Role.REVIEWER)
    ids = _checked(asset_ids)
    with studio.writing() as session:
        change = sa.update(Asset).where(Asset.state == AssetState.IN_REVIEW)
        if person_id is None:
            change = change.where(Asset.assignee_id.is_not(None))
        else:
            _reviewers(session, [person_id])
            change = change.where(Asset.assignee_id.is_distinct_from(person_id))
        if person_id != actor.id and not actor.may(Role.MANAGER):
            if person_id is not None:
                require(actor, Role.MANAGER)
            change = change.where(Asset.assignee_id == actor.id)
        changed: list[int] = []
        for some in portions(ids):
            given = change.where(Asset.id.in_(some)).values(assignee_id=person_id)
            changed += session.scalars(given.returning(Asset.id), execution_options={"synchronize_session": False})
        if changed and person_id is not None:
            _tell(session, actor, person_id, changed)
    return len(changed)


def set_priority(studio: Studio, actor: Actor | None, asset_ids: Sequence[int], priority: int) -> int:
    """Say how urgent images are (0: as usual, 1: soon, 2: at once); returns how many were otherwise before. Editors
    say it of their own images, managers of all. Raises InputError, Forbidden.
    """
    actor = require(actor, Role.EDITOR)
    ids = _checked(asset_ids)
    if priority not in LEVELS:
        raise InputError(f"A priority is one of {', '.join(map(str, sorted(LEVELS)))}, got {priority}.")
    change = sa.update(Asset).where(Asset.priority != priority)
    if not actor.may(Role.MANAGER):
        change = change.where(Asset.created_by_id == actor.id)
    changed = 0
    with studio.writing() as session:
        for some in portions(ids):
            risen = change.where(Asset.id.in_(some)).values(priority=priority)
            options = {"synchronize_session": False}
            changed += len(session.scalars(risen.returning(Asset.id), execution_options=options).all())
    return changed


def set_priority_of(studio: Studio, actor: Actor | None, wanted: QueueFilter, priority: int) -> int:
    """Say how urgent all images of a filter are that wait for review; returns how many were otherwise before. For
    managers. Raises InputError for more than MOST_AT_ONCE.
    """
    actor = require(actor, Role.MANAGER)
    with studio.reading() as session:
        images = _along_the_queue(session, replace(wanted, state=AssetState.IN_REVIEW), actor, again=True)
    return set_priority(studio, actor, [asset_id for asset_id, _ in images], priority) if images else 0


def _checked(asset_ids: Sequence[int]) -> list[int]:
    ids = sorted(set(asset_ids))
    if not 1 <= len(ids) <= MOST_AT_ONCE:
        raise InputError(f"Choose 1 to {MOST_AT_ONCE:,} images, got {len(ids):,}.")
    return ids


def _reviewing() -> list[Role]:
    return [role for role in Role if list(Role).index(role) >= list(Role).index(Role.REVIEWER)]


def _reviewers(session: Session, person_ids: Sequence[int] | Mapping[int, float]) -> dict[int, str]:
    """The names of people who may review. Raises InputError for any other."""
    query = sa.select(User.id, User.name).where(User.id.in_(list(person_ids)), User.active)
    found: dict[int, str] = dict(session.execute(query.where(User.role.in_(_reviewing()))).all())
    others = [str(person_id) for person_id in person_ids if person_id not in found]
    if others:
        raise InputError(f"Images are given to people who may review; these may not: {', '.join(others[:5])}.")
    return found


def _along_the_queue(session: Session, wanted: QueueFilter, actor: Actor, *, again: bool) -> list[tuple[int, int]]:
    """Id and maker of the images to give out, in the order of the queue."""
    query = sa.select(Asset.id, Asset.created_by_id).where(*conditions(wanted, actor.id))
    if not again:
        query = query.where(Asset.assignee_id.is_(None))
    query = query.order_by(Asset.priority.desc(), Asset.state_since, Asset.id).limit(MOST_AT_ONCE + 1)
    images = [(asset_id, maker) for asset_id, maker in session.execute(query)]
    if len(images) > MOST_AT_ONCE:
        raise InputError(f"Up to {MOST_AT_ONCE:,} images are given out at once, the filter finds more. Narrow it.")
    return images


def _dealt(images: Sequence[tuple[int, int]], shares: Mapping[int, float]) -> tuple[dict[int, list[int]], int]:
    """Deal the images out one by one, each to who is furthest behind their share; and how many nobody may take."""
    given: dict[int, list[int]] = {person_id: [] for person_id in shares}
    left = 0
    for asset_id, maker in images:
        able = [person_id for person_id in shares if person_id != maker]
        if not able:
            left += 1
            continue
        # The next one belongs to whom it brings least ahead: D'Hondt's rule, which is never more than one image off.
        behind = min(able, key=lambda person_id: (len(given[person_id]) + 1) / shares[person_id])
        given[behind].append(asset_id)
    return given, left


def _give(session: Session, actor: Actor, person_id: int, asset_ids: Sequence[int]) -> None:
    for some in portions(asset_ids):
        given = sa.update(Asset).where(Asset.id.in_(some)).values(assignee_id=person_id)
        session.execute(given, execution_options={"synchronize_session": False})
    if asset_ids:
        _tell(session, actor, person_id, asset_ids)


def _tell(session: Session, actor: Actor, person_id: int, asset_ids: Sequence[int]) -> None:
    number = len(asset_ids)
    text = "An image to review." if number == 1 else f"{number:,} images to review."
    tell(session, person_id, ASSIGNED, asset_ids[0], text=text, by=actor, number=number, gather=True)
