"""The rules that say which images need the approval of several people, and who has given theirs already."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetState, Decision, Product, Purpose, ReviewRule, Role, RuleCause, User
from studio.activity import record
from studio.bootstrap import Studio
from studio.errors import Conflict, InputError, NotFound
from studio.review.decisions import approvers, storable
from studio.roles import Actor, require

APPROVALS = (2, 5)
"""The least and the most approvals that a rule may ask for."""

MAX_CATEGORY = 200

_RULES = sa.select(ReviewRule)


@dataclass(frozen=True)
class RuleView:
    """A rule: images of `category` (a level or a whole path, in any case; "" is any) and `purpose` (None is any) need
    `approvals` people, because of `cause`.
    """

    id: int
    category: str
    purpose: Purpose | None
    cause: RuleCause
    approvals: int
    created_by: str
    created_at: dt.datetime


@dataclass(frozen=True)
class Approvals:
    """How many people must approve an image, why, and the ids of those who did; none are told where one is enough."""

    needed: int = 1
    cause: RuleCause | None = None
    given_by: tuple[int, ...] = ()

    @property
    def given(self) -> int:
        """How many approvals the image has."""
        return len(self.given_by)


class Reviewed(Protocol):
    """What a rule looks at: an image as a row or as a view."""

    @property
    def id(self) -> int: ...
    @property
    def state(self) -> AssetState: ...
    @property
    def category(self) -> str: ...
    @property
    def purpose(self) -> Purpose: ...
    @property
    def product_id(self) -> int | None: ...


def rules(studio: Studio, actor: Actor | None) -> tuple[RuleView, ...]:
    """All rules, the oldest first."""
    require(actor, Role.VIEWER)
    query = sa.select(ReviewRule, User.name).join(User, User.id == ReviewRule.created_by_id).order_by(ReviewRule.id)
    with studio.reading() as session:
        return tuple(
            RuleView(row.id, row.category, row.purpose, row.cause, row.approvals, name, row.created_at)
            for row, name in session.execute(query)
        )


def add_rule(
    studio: Studio, actor: Actor | None, *, category: str, purpose: Purpose | None, cause: RuleCause, approvals: int = 2
) -> int:
    """Ask for several approvals from now on; returns the rule's id. For admins. Raises InputError, Conflict."""
    actor = require(actor, Role.ADMIN)
    category = " ".join(category.split())
    if len(category) > MAX_CATEGORY or not storable(category):
        raise InputError(f"A category has up to {MAX_CATEGORY} characters, got {len(category)}.")
    if not APPROVALS[0] <= approvals <= APPROVALS[1]:
        raise InputError(f"A rule asks for {APPROVALS[0]} to {APPROVALS[1]} approvals, got {approvals}.")
    with studio.writing() as session:
        for row in session.scalars(sa.select(ReviewRule)):
            if (row.category.casefold(), row.purpose) == (category.casefold(), purpose):
                raise Conflict(f"There is such a rule already; it asks for {row.approvals} approvals. Remove it first.")
        row = ReviewRule(category=category, purpose=purpose, cause=cause, approvals=approvals, created_by_id=actor.id)
        session.add(row)
        session.flush()
        text = f"Asked for {approvals} approvals: {_whom(row)}."
        record(session, actor, "added", "review_rule", row.id, text, cause=cause.value, approvals=approvals)
        return row.id


def remove_rule(studio: Studio, actor: Actor | None, rule_id: int) -> None:
    """Ask for it no more. For admins. Raises NotFound."""
    actor = require(actor, Role.ADMIN)
    with studio.writing() as session:
        row = session.get(ReviewRule, rule_id)
        if row is None:
            raise NotFound(f"There is no rule {rule_id}.")
        record(session, actor, "removed", "review_rule", row.id, f"No more {row.approvals} approvals: {_whom(row)}.")
        session.delete(row)


def approvals(session: Session, images: Sequence[Reviewed]) -> dict[int, Approvals]:
    """For each image (by id) how many approvals it needs and has; three statements however many images."""
    known = session.scalars(_RULES).all()
    if not known:
        return {image.id: Approvals() for image in images}
    paths = _paths(session, images)
    wanted = {image.id: _strictest(known, image, paths.get(image.product_id or 0, "")) for image in images}
    waiting = [image.id for image in images if wanted[image.id] and image.state is AssetState.IN_REVIEW]
    given = _given(session, waiting)
    return {
        id_: Approvals() if rule is None else Approvals(rule.approvals, rule.cause, given.get(id_, ()))
        for id_, rule in wanted.items()
    }


def shows_people(session: Session, *paths: str) -> bool:
    """Whether a rule says that images of these categories or product paths show people, whatever their purpose."""
    levels = set().union(*map(_levels, paths))
    known = session.scalars(sa.select(ReviewRule.category).where(ReviewRule.cause == RuleCause.PEOPLE))
    return any(not category or category.casefold() in levels for category in known)


def approvals_after(session: Session, image: Asset, row: Decision) -> Approvals:
    """How often an image was approved after one of its decisions, whatever came later, by today's rules."""
    rule = approvals(session, [image])[image.id]
    if rule.needed == 1:
        return rule
    query = sa.select(Decision).where(Decision.asset_id == image.id, Decision.revision <= row.revision)
    return replace(rule, given_by=approvers(session.scalars(query.order_by(Decision.revision))))


def _strictest(known: Iterable[ReviewRule], image: Reviewed, path: str) -> ReviewRule | None:
    levels = _levels(image.category) | _levels(path)
    fitting = [
        rule
        for rule in known
        if rule.purpose in (None, image.purpose) and (not rule.category or rule.category.casefold() in levels)
    ]
    return max(fitting, key=lambda rule: rule.approvals, default=None)


def _levels(path: str) -> set[str]:
    """Each level of "Apparel > Topwear > Tshirts", and each path down to it."""
    parts = [part.strip() for part in path.casefold().split(">")]
    return set(parts) | {" > ".join(parts[: end + 1]) for end in range(len(parts))}


def _paths(session: Session, images: Sequence[Reviewed]) -> dict[int, str]:
    ids = {image.product_id for image in images if image.product_id is not None}
    return dict(session.execute(sa.select(Product.id, Product.category).where(Product.id.in_(ids))).all())


def _given(session: Session, asset_ids: list[int]) -> dict[int, tuple[int, ...]]:
    query = sa.select(Decision).where(Decision.asset_id.in_(asset_ids)).order_by(Decision.asset_id, Decision.revision)
    rows = groupby(session.scalars(query), key=lambda row: row.asset_id)
    return {asset_id: approvers(some) for asset_id, some in rows}


def _whom(row: ReviewRule) -> str:
    return f"{row.category or 'every category'}, {row.purpose.value if row.purpose else 'any purpose'}"
