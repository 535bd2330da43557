"""House style: at which scale and where products of a category stand in their frame, learnt or set by a manager."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import AssetState, Decision, HouseStyle, Job, Role, User
from studio.activity import record
from studio.bootstrap import Studio
from studio.errors import Conflict, InputError, NotFound
from studio.publishing.house_figures import FEWEST, Figures, Measure, from_json, scale_of
from studio.roles import Actor, require
from studio.trust.itself import itself
from studio.work.jobs import ACTIVE, HOUSE_STYLES, add_job

ENOUGH = 20
"""Images approved since the last time, from which on styles are learnt anew by themselves."""

SETTABLE = {
    Measure.WIDTH: (0.1, 0.98),
    Measure.HEIGHT: (0.1, 0.98),
    Measure.BASELINE: (0.1, 0.996),
    Measure.CENTRE: (0.1, 0.9),
}
"""What a person may set, and from where to where."""


@dataclass(frozen=True)
class StyleView:
    """The style that holds for a category. figures: over `images` approved ones and `photos` in which the product is
    whole; `cut` more run out of their frame. source: the category, or the path above it that they are of. locked: what
    a person (`changed_by`, empty where a job learnt last) set.
    """

    id: int
    category: str
    version: int
    source: str
    images: int
    photos: int
    cut: int
    figures: Figures
    locked: Mapping[Measure, float]
    changed_by: str
    at: dt.datetime

    @property
    def scale(self) -> Measure:
        """The side by which products are scaled."""
        return scale_of(self.figures, self.locked)

    def value(self, measure: Measure) -> float:
        """What the style says: as a person set it, else as it was learnt."""
        return self.locked.get(measure, self.figures[measure].median)

    @property
    def step(self) -> dict[str, Any]:
        """The finishing step that sets a product into this style."""
        return {
            "step": "reframe",
            "baseline": round(self.value(Measure.BASELINE), 4),
            self.scale.value: round(self.value(self.scale), 4),
            "centre": round(self.value(Measure.CENTRE), 4),
        }


def house_styles(studio: Studio, actor: Actor | None) -> dict[str, StyleView]:
    """The style of each category that has one, by its name."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        return {view.category: view for view in _views(session, sa.true())}


def house_style(studio: Studio, actor: Actor | None, category: str) -> StyleView | None:
    """The style of a category; None where too few of its pictures show a whole product."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        return style_of(session, category)


def style_of(session: Session, category: str) -> StyleView | None:
    """The same within a transaction."""
    return next(iter(_views(session, HouseStyle.category == category)), None)


def lock_style(studio: Studio, actor: Actor | None, category: str, locked: Mapping[Measure, float]) -> StyleView:
    """Set these measures of a category's style, and leave all others to learning. For managers.

    Raises NotFound for a category without a style, InputError for what cannot be.
    """
    actor = require(actor, Role.MANAGER)
    if Measure.WIDTH in locked and Measure.HEIGHT in locked:
        raise InputError("A product is scaled by its width or by its height: set one of them.")
    for measure, value in locked.items():
        if measure not in SETTABLE:
            raise InputError("{measure} follows from the others and cannot be set.", measure=measure.value)
        low, high = SETTABLE[measure]
        if not low <= value <= high:
            raise InputError(
                "The {measure} is {low} to {high} of the frame, got {value}.",
                measure=measure.value,
                low=low,
                high=high,
                value=value,
            )
    with studio.writing() as session:
        held = _newest(HouseStyle.category == category).with_for_update()
        row = session.scalar(held)
        if row is None:
            raise NotFound("{category} has no house style yet.", category=category)
        if dict(row.locked) != _plain(locked):
            row = successor(row, locked=_plain(locked))
            row.changed_by_id = actor.id
            session.add(row)
            session.flush()
            told = ", ".join(f"{measure.value} {value:.3f}" for measure, value in locked.items()) or "nothing"
            text = f"Locked {told} of the house style of {category}."
            record(session, actor, "changed", "house_style", category, text, locked=_plain(locked))
        found = style_of(session, category)
    assert found is not None
    return found


def successor(row: HouseStyle, **changes: Any) -> HouseStyle:
    """The next version of a style, as it was but for `changes`."""
    kept = ("category", "source", "images", "photos", "cut", "figures", "locked")
    return HouseStyle(**{name: getattr(row, name) for name in kept} | changes, version=row.version + 1)


def learn_styles(studio: Studio, actor: Actor | None) -> str:
    """Have all styles learnt from the approved images and the photos of this moment; returns the job's id. For
    managers. Raises Conflict while a job is at it.
    """
    actor = require(actor, Role.MANAGER)
    with studio.writing() as session:
        if learning(session):
            raise Conflict("The house styles are being learnt already; the page shows it when it is done.")
        return _order(studio, session, actor)


def learn_if_due(studio: Studio) -> str | None:
    """The same by itself, once enough images were approved since the last time; None where it is not due."""
    with studio.reading() as session:
        if learning(session):
            return None
        last = session.scalar(sa.select(sa.func.max(Job.created_at)).where(Job.kind == HOUSE_STYLES))
        approvals = sa.select(Decision.id).where(Decision.to_state == AssetState.APPROVED)
        if last is not None:
            approvals = approvals.where(Decision.at > last)
        wanted = FEWEST if last is None else ENOUGH
        if len(session.scalars(approvals.limit(wanted)).all()) < wanted:
            return None
    with studio.writing() as session:
        return None if learning(session) else _order(studio, session, itself(session))


def learning(session: Session) -> str | None:
    """The id of the job that learns the styles just now."""
    query = sa.select(Job.id).where(Job.kind == HOUSE_STYLES, Job.state.in_(ACTIVE))
    return session.scalar(query.order_by(Job.created_at).limit(1))


def learning_job(studio: Studio, actor: Actor | None) -> str | None:
    """The same for a page that waits for it."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        return learning(session)


def _order(studio: Studio, session: Session, owner: Actor) -> str:
    title = "Learn the house styles"
    return add_job(studio, session, kind=HOUSE_STYLES, title=title, owner=owner, total=1, estimate_seconds=None).id


def _plain(locked: Mapping[Measure, float]) -> dict[str, float]:
    return {measure.value: round(float(value), 4) for measure, value in locked.items()}


def _newest(condition: sa.ColumnElement[bool]) -> sa.Select[HouseStyle]:
    other = sa.orm.aliased(HouseStyle)
    newest = sa.select(sa.func.max(other.version)).where(other.category == HouseStyle.category).scalar_subquery()
    return sa.select(HouseStyle).where(condition, HouseStyle.version == newest).order_by(HouseStyle.category)


def _views(session: Session, condition: sa.ColumnElement[bool]) -> list[StyleView]:
    rows = session.scalars(_newest(condition)).all()
    ids = {row.changed_by_id for row in rows if row.changed_by_id is not None}
    names = dict(session.execute(sa.select(User.id, User.name).where(User.id.in_(ids))).all())
    return [
        StyleView(
            id=row.id,
            category=row.category,
            version=row.version,
            source=row.source,
            images=row.images,
            photos=row.photos,
            cut=row.cut,
            figures=from_json(row.figures),
            locked={Measure(name): float(value) for name, value in row.locked.items()},
            changed_by="" if row.changed_by_id is None else names[row.changed_by_id],
            at=row.created_at,
        )
        for row in rows
    ]
