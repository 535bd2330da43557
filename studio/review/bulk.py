"""Many images approved at once, where they are alike; and taken back at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, Role
from studio.bootstrap import Studio
from studio.errors import Conflict, InputError, IntegrityError, StaleDecision, StudioError
from studio.images.integrity import mark
from studio.review.checks import missed
from studio.review.deciding import damage_of
from studio.review.decisions import derived_key, scores_now
from studio.review.permitting import check_key, check_words
from studio.review.review_rules import approvals
from studio.review.states import RULES, Action
from studio.review.taking import Decide, DecisionResult, take, take_back
from studio.roles import Actor, require

MAX_BULK = 200
"""Images of one approval: as many as the body of a call holds."""

_NAMED = 3  # images that a refusal names


@dataclass(frozen=True)
class BulkResult:
    """What became of each image. `refused`: those that could not be taken back (id, sentence)."""

    results: tuple[DecisionResult, ...]
    refused: tuple[tuple[int, str], ...] = ()

    @property
    def count(self) -> int:
        """How many images changed."""
        return len(self.results)

    @property
    def undo_until(self) -> dt.datetime | None:
        """Until when all of them may be taken back."""
        return min((result.undo_until for result in self.results if result.undo_until), default=None)


@dataclass(frozen=True)
class _Kind:
    """What the images of one approval have in common."""

    category: str
    missed: frozenset[str]
    needed: int


def approve_many(studio: Studio, actor: Actor | None, items: Sequence[Decide]) -> BulkResult:
    """Approve images in one transaction: all of them or none. They must be alike: of one category, with the same
    checks failed (or none), and needing as many approvals.

    Raises InputError for none, too many or other actions, Conflict for a mixed selection or when one of them cannot be
    approved, naming it; IntegrityError for one whose bytes are damaged.
    """
    actor = require(actor, RULES[Action.APPROVE].minimum)
    _check_items(items)
    damages = [damage_of(studio, item) for item in items]
    try:
        with studio.writing() as session:
            return _approve(session, actor, items, damages)
    except IntegrityError:
        for item, damage in zip(items, damages, strict=True):
            if damage is not None:
                mark(studio, item.seen_sha256 or "")
        raise


def undo_many(studio: Studio, actor: Actor | None, asset_ids: Sequence[int], idempotency_key: str) -> BulkResult:
    """Take back one's own last decisions, in one transaction; those that cannot be are told, with the reason."""
    actor = require(actor, Role.EDITOR)
    check_key(idempotency_key)
    if not 1 <= len(asset_ids) <= MAX_BULK:
        raise InputError(f"Choose 1 to {MAX_BULK} images to take back, got {len(asset_ids)}.")
    results, refused = [], []
    with studio.writing() as session:
        for asset_id in sorted(set(asset_ids)):  # one order for all: two that lock the same images cannot lock up
            try:
                results.append(take_back(session, actor, asset_id, derived_key("undo", idempotency_key, asset_id)))
            except StudioError as error:
                refused.append((asset_id, error.message))
    return BulkResult(tuple(results), tuple(refused))


def _check_items(items: Sequence[Decide]) -> None:
    if not 1 <= len(items) <= MAX_BULK:
        raise InputError(f"Choose 1 to {MAX_BULK} images to approve at once, got {len(items)}.")
    for item in items:
        if item.action is not Action.APPROVE:
            raise InputError(f"Only approvals are taken at once, got {item.action.value!r}.")
        check_words(item)
    for what, values in (
        ("image", [item.asset_id for item in items]),
        ("idempotency key", [item.idempotency_key for item in items]),
    ):
        if len(set(values)) < len(values):
            raise InputError(f"Each image has its own {what} in a selection; one came twice.")


def _approve(
    session: Session, actor: Actor, items: Sequence[Decide], damages: Sequence[IntegrityError | None]
) -> BulkResult:
    _check_alike(session, [item.asset_id for item in items])
    results, refusals = [], []
    for item, damage in sorted(zip(items, damages, strict=True), key=lambda pair: pair[0].asset_id):
        try:
            results.append(take(session, actor, item, damage))
        except StudioError as error:
            refusals.append(error)
    if not refusals:
        return BulkResult(tuple(results))
    if len(refusals) == 1:
        raise refusals[0]
    told = " ".join(error.message for error in refusals[:_NAMED])
    more = f" And {len(refusals) - _NAMED} more." if len(refusals) > _NAMED else ""
    message = f"{len(refusals)} of {len(items)} images cannot be approved, so none was. {told}{more}"
    raise _kind_of(refusals)(message)


def _kind_of(refusals: Sequence[StudioError]) -> type[StudioError]:
    """The kind that all refusals share; a Conflict for several, and for stale ones, which tell of one image each."""
    kinds = {type(error) for error in refusals}
    return kinds.pop() if len(kinds) == 1 and StaleDecision not in kinds else Conflict


def _check_alike(session: Session, asset_ids: Sequence[int]) -> None:
    images = session.scalars(sa.select(Asset).where(Asset.id.in_(asset_ids))).all()
    needed = approvals(session, images)
    kinds = {
        image.id: _Kind(
            image.category,
            missed({metric: told["value"] for metric, told in scores_now(session, image.id).items()}),
            needed[image.id].needed,
        )
        for image in images
    }
    for what, values in (
        ("of one category", {kind.category for kind in kinds.values()}),
        ("alike in what their checks found", {kind.missed for kind in kinds.values()}),
        ("alike in how many people must approve them", {kind.needed for kind in kinds.values()}),
    ):
        if len(values) > 1:
            raise Conflict(
                f"Images are approved at once only when they are {what}; this selection of {len(asset_ids)} is not: "
                f"{_few(values)}. Nothing was saved."
            )


def _few(values: set[str] | set[frozenset[str]] | set[int]) -> str:
    told = sorted(
        (", ".join(sorted(value)) or "all checks passed") if isinstance(value, frozenset) else str(value)
        for value in values
    )
    return "; ".join(told[:_NAMED]) + (" …" if len(told) > _NAMED else "")
