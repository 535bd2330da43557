"""Images in place of those that a recall withdrew: their briefs again, from another model or with other seeds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, Brief, ModelVersion, Photo, Purpose, Recall, RecallImage, RecallOutcome
from studio.engines.choice import Chosen, adjusted, choose
from studio.errors import InputError, StudioError
from studio.making.briefs import ARTICLE, attributes_of_text, check_overrides
from studio.making.order_requests import MOST_IMAGES, Draft, OrderRequest, check
from studio.making.orders import place_drafts
from studio.photos.rights import usable
from studio.review.causes import Cause, CauseKind
from studio.review.states import APPROVED_STATES
from studio.roles import Actor

if TYPE_CHECKING:
    from studio.bootstrap import Studio

_BRIEFS = 200  # looked at in one transaction
_NOTES = 50  # kept of briefs that cannot be made again; more say nothing new


@dataclass(frozen=True)
class Replacing:
    """How replacements are ordered: from this model version, None: the one in production. Their seeds are new."""

    model_version_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The wish as JSON values."""
        return {"wanted": True, "model_version_id": self.model_version_id}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Replacing | None:
        """The wish that `as_json` wrote; None for an empty one: none are wanted."""
        return cls(values.get("model_version_id")) if values else None


@dataclass(frozen=True)
class Batch:
    """What one call of `order_some` did: orders placed, why some briefs could not be ordered, and the brief to go on
    after; None: no brief is left, or it makes no sense to go on.
    """

    orders: int
    refused: tuple[str, ...]
    after: int | None


@dataclass(frozen=True)
class _Wanted:
    """A brief of which `number` images are to be made again."""

    brief: Brief
    number: int
    engine: str


def to_replace(row: Recall) -> sa.Select[int]:
    """The images of a recall that are still to be replaced; none where no replacements are wanted."""
    return sa.select(RecallImage.asset_id).where(
        RecallImage.recall_id == row.id,
        RecallImage.outcome == RecallOutcome.WITHDRAWN,
        RecallImage.from_state.in_(APPROVED_STATES),
        RecallImage.order_id.is_(None),
        sa.true() if row.replacing else sa.false(),
    )


def order_some(studio: Studio, actor: Actor, recall_id: int, after: int) -> Batch:
    """Order replacements for the next briefs of a recall, those after the brief `after` (0: from the first on), in one
    transaction with the note of which image is replaced by which order.
    """
    with studio.reading() as session:
        row = session.get_one(Recall, recall_id)
        replacing, cause = Replacing.from_json(row.replacing), Cause.from_json(row.cause)
    if replacing is None:
        return Batch(0, (), None)
    try:
        chosen = choose(studio, replacing.model_version_id)
        with studio.writing() as session:
            return _order(studio, session, actor, session.get_one(Recall, recall_id), cause, chosen, after)
    except StudioError as error:  # no model, no quota: the same would happen with every further brief
        note(studio, recall_id, [error.message])
        return Batch(0, (error.message,), None)


def note(studio: Studio, recall_id: int, lines: Iterable[str]) -> None:
    """Keep, once each, why something could not be ordered again."""
    with studio.writing() as session:
        _note(session.get_one(Recall, recall_id), lines)


def _note(row: Recall, lines: Iterable[str]) -> None:
    row.notes = list(dict.fromkeys([*row.notes, *lines]))[-_NOTES:]


def _order(
    studio: Studio, session: Session, actor: Actor, row: Recall, cause: Cause, chosen: Chosen, after: int
) -> Batch:
    wanted = _next(session, row, after)
    refused: list[str] = []
    groups: dict[str, tuple[OrderRequest, list[tuple[Draft, _Wanted]]]] = {}
    for one in wanted:
        try:
            request, draft = _again(session, one, cause, chosen)
        except InputError as error:
            refused.append(f"{one.brief.prompt[:80]}: {error.message}")
            continue
        key = json.dumps(
            [request.number, request.finishing, request.purpose, request.truncation, request.guidance_scale]
        )
        groups.setdefault(key, (request, []))[1].append((draft, one))
    orders = 0
    for request, drafts in groups.values():
        most = max(1, MOST_IMAGES // request.number)
        for start in range(0, len(drafts), most):
            some = drafts[start : start + most]
            run = adjusted(chosen, request)
            job_id = place_drafts(studio, session, actor, run, [draft for draft, _ in some], request)
            _link(session, row, [one.brief.id for _, one in some], job_id)
            orders += 1
    _note(row, refused)
    return Batch(orders, tuple(refused), wanted[-1].brief.id if len(wanted) == _BRIEFS else None)


def _next(session: Session, row: Recall, after: int) -> list[_Wanted]:
    number = sa.func.count()
    counted = (
        sa.select(Asset.brief_id, number)
        .where(Asset.id.in_(to_replace(row)), Asset.brief_id > after)
        .group_by(Asset.brief_id)
        .order_by(Asset.brief_id)
        .limit(_BRIEFS)
    )
    numbers: dict[int, int] = dict(session.execute(counted).all())
    query = sa.select(Brief, ModelVersion.engine).join(ModelVersion, ModelVersion.id == Brief.model_version_id)
    query = query.where(Brief.id.in_(numbers)).order_by(Brief.id)
    return [_Wanted(brief, numbers[brief.id], engine) for brief, engine in session.execute(query)]


def _again(session: Session, one: _Wanted, cause: Cause, chosen: Chosen) -> tuple[OrderRequest, Draft]:
    """The brief as it can be made again without what proved bad. Raises InputError where it cannot."""
    brief, free = one.brief, chosen.settings is not None
    if brief.purpose is Purpose.LISTING:
        _check_proof(session, brief.product_id)
    attributes = {name: value for name, value in brief.attributes.items() if value}
    if not free and ARTICLE not in attributes:  # the brief of an engine that takes any text
        attributes = attributes_of_text(brief.prompt, attributes, chosen.words)
    check_overrides(attributes, chosen.words)
    request = OrderRequest(
        prompt=brief.prompt,
        number=one.number,
        finishing=tuple(step for step in brief.finishing if step.get("step") != cause.step),
        purpose=brief.purpose,
        model_id=chosen.model.id,
    )
    if one.engine == chosen.model.engine and cause.kind is not CauseKind.SETTING:
        request = replace(request, truncation=brief.truncation, guidance_scale=brief.guidance_scale or None)
    check(request, free=free)
    return request, Draft(brief.product_id, brief.prompt, attributes)


def _check_proof(session: Session, product_id: int | None) -> None:
    if not session.scalar(sa.select(sa.exists().where(Photo.product_id == product_id, usable()))):
        raise InputError("A listing image needs a real photo of the product as proof, and there is none any more.")


def _link(session: Session, row: Recall, brief_ids: list[int], job_id: str) -> None:
    images = sa.select(Asset.id).where(Asset.brief_id.in_(brief_ids), Asset.id.in_(to_replace(row)))
    statement = sa.update(RecallImage).where(RecallImage.recall_id == row.id, RecallImage.asset_id.in_(images))
    session.execute(statement.values(order_id=job_id).execution_options(synchronize_session=False))
