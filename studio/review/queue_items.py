"""The images of the queue as one person meets them: what they may do, what stands in the way, what others said.

An image that the person is asked about blindly looks here like any other that waits; no field tells them apart.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from db.tables import AssetState, Purpose, Role, SecondOpinion
from studio.access.team import switch_is_on
from studio.bootstrap import Studio
from studio.images.assets import AssetView
from studio.review.checks import CHECKS
from studio.review.opinions import open_tasks
from studio.review.review_queue import QueueFilter, QueuePage, Standing, queue
from studio.review.review_rules import Approvals
from studio.review.states import Action, allowed
from studio.roles import Actor, require


@dataclass(frozen=True)
class ScoreFact:
    """A score of an image. `passes`: whether it is in the range of its check; None: there is no check for it."""

    metric: str
    value: float | None
    passes: bool | None


@dataclass(frozen=True)
class Rejection:
    """Why an image waits for changes: the key of the reason, the comment; `ended`: it is a fact, and so final."""

    reason: str
    comment: str
    ended: bool


@dataclass(frozen=True)
class QueueItem:
    """One image as the reader may act on it.

    `locked` says why an image that waits for approval may not be approved by the reader: "own", "role" or "approved"
    (by the reader, and it needs another person); "" when it may. `photo`: hash of a real photo of the product.
    `waiting_since`: since when it is in its state. `damaged`: its bytes are missing or changed.
    """

    id: int
    revision: int
    sha256: str
    height: int
    width: int
    state: AssetState
    purpose: Purpose
    category: str
    colour: str | None
    title: str
    sku: str | None
    scores: tuple[ScoreFact, ...]
    may: tuple[Action, ...]
    locked: str
    rejection: Rejection | None
    photo: str | None
    approvals: int
    approvals_needed: int
    priority: int
    assignee: str | None
    waiting_since: dt.datetime
    overdue: bool
    comments: int
    damaged: bool
    may_try_again: bool


@dataclass(frozen=True)
class QueueItems:
    """A page of the queue. `after` asks for the next one; None: there is no more."""

    items: tuple[QueueItem, ...]
    after: str | None


def queue_items(
    studio: Studio, actor: Actor | None, wanted: QueueFilter, *, after: str | None = None, limit: int = 100
) -> QueueItems:
    """One page of the queue for one person. Raises InputError."""
    actor = require(actor, Role.VIEWER)
    page = queue(studio, actor, wanted, after=after, limit=limit)
    with studio.reading() as session:
        return QueueItems(items_of(session, actor, page), page.after)


def items_of(session: Session, actor: Actor, page: QueuePage) -> tuple[QueueItem, ...]:
    """The images of a page as the actor meets them."""
    asked = asked_about(session, actor, page.assets)
    views = [as_waiting(view, asked.get(view.id)) for view in page.assets]
    own = switch_is_on(session, "self_approval")
    return tuple(_item(view, actor, page, self_approval=own, blind=view.id in asked) for view in views)


def asked_about(session: Session, actor: Actor, views: Sequence[AssetView]) -> dict[int, SecondOpinion]:
    """What the actor is asked blindly about these images, by image."""
    if not actor.may(Role.REVIEWER):
        return {}
    ids = [view.id for view in views if view.state is not AssetState.IN_REVIEW]
    if not ids:
        return {}
    tasks = open_tasks(actor.id).where(SecondOpinion.asset_id.in_(ids)).order_by(SecondOpinion.id.desc())
    return {task.asset_id: task for task in session.scalars(tasks)}


def as_waiting(view: AssetView, asked: SecondOpinion | None) -> AssetView:
    """The image as one that waits for review, where the reader is asked about it."""
    return view if asked is None else replace(view, state=AssetState.IN_REVIEW, revision=asked.seen_revision)


def score_facts(scores: Mapping[str, float | None]) -> tuple[ScoreFact, ...]:
    """The scores in the order of the checks, each with its outcome; a check that should be there and is not fails."""
    facts = []
    for key, check in CHECKS.items():
        value = scores.get(key)
        if value is not None:
            facts.append(ScoreFact(key, value, check.passes(value)))
        elif check.always:
            facts.append(ScoreFact(key, None, False))
    return tuple(facts)


def _item(view: AssetView, actor: Actor, page: QueuePage, *, self_approval: bool, blind: bool) -> QueueItem:
    given = page.approvals[view.id]
    ended = view.id in page.ended and not blind
    may = allowed(view.state, actor, made_by_id=view.created_by_id, self_approval=self_approval, factual=ended)
    if actor.id in given.given_by:
        may = tuple(action for action in may if action is not Action.APPROVE)
    rejection = None if blind else page.rejections.get(view.id)
    standing: Standing = page.standing[view.id]
    return QueueItem(
        id=view.id,
        revision=view.revision,
        sha256=view.sha256,
        height=view.height,
        width=view.width,
        state=view.state,
        purpose=view.purpose,
        category=view.category,
        colour=view.colour,
        title=view.product_title or view.prompt,
        sku=view.product_sku,
        scores=score_facts(view.scores) if view.scores else (),
        may=may,
        locked=_locked(view, actor, may, given),
        rejection=Rejection(*rejection, ended=ended) if rejection else None,
        photo=page.photos.get(view.product_id or 0),
        approvals=given.given,
        approvals_needed=given.needed,
        priority=standing.priority,
        assignee=standing.assignee,
        waiting_since=standing.since,
        overdue=standing.overdue,
        comments=0 if blind else standing.comments,
        damaged=view.damaged,
        may_try_again=rejection is not None and actor.may(Role.EDITOR),
    )


def _locked(view: AssetView, actor: Actor, may: Sequence[Action], given: Approvals) -> str:
    if view.state is not AssetState.IN_REVIEW or Action.APPROVE in may:
        return ""
    if not actor.may(Role.REVIEWER):
        return "role"
    return "approved" if actor.id in given.given_by else "own"
