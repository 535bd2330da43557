"""Decisions on images: one a time, each a row that stays, refused when it was taken on an outdated view."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetState, Decision, Photo, Purpose, Role, Score, User, utc_now
from studio.access.team import switch_is_on
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError, NotFound, StudioError
from studio.photos.rights import usable
from studio.review.checks import shortfalls
from studio.review.decisions import append, derived_key, last_decision, locked, repeated, stale, storable, told, word
from studio.review.review_queue import QueueFilter, QueuePage, counts, queue
from studio.review.states import FACTUAL, REASONS, RULES, UNDO, Action, Rule
from studio.roles import Actor, require

__all__ = [
    "REASONS",
    "Action",
    "Decide",
    "DecisionResult",
    "DecisionView",
    "QueueFilter",
    "QueuePage",
    "SubmitReport",
    "counts",
    "decide",
    "history",
    "queue",
    "submit",
    "undo",
]

UNDO_WINDOW = dt.timedelta(seconds=10)
MAX_COMMENT = 2_000
MAX_SUBMIT = 5_000

_UNDOABLE = {rule.path[-1] for rule in RULES.values() if rule.undoable}


@dataclass(frozen=True)
class Decide:
    """What a person decides on an image that they saw at `revision`.

    `idempotency_key`, 8 to 64 characters, is made once for each press of a key: sent again, it gets the same answer.
    """

    asset_id: int
    revision: int
    action: Action
    idempotency_key: str
    reason: str | None = None
    comment: str = ""


@dataclass(frozen=True)
class DecisionResult:
    """Where the image stands after a decision. `undo_until`: until when its author may take it back.

    `notes`: what the checks of birth found, told when an image is sent to review.
    """

    asset_id: int
    state: AssetState
    revision: int
    undo_until: dt.datetime | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SubmitReport:
    """Many images sent to review: which went, and why the others did not (id, sentence)."""

    submitted: tuple[DecisionResult, ...]
    refused: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class DecisionView:
    """One line of an image's history. `undo`: it took the line before it back."""

    id: int
    revision: int
    from_state: AssetState
    to_state: AssetState
    undo: bool
    user: str
    at: dt.datetime
    reason: str | None
    comment: str
    asset_sha256: str


def decide(studio: Studio, actor: Actor | None, decision: Decide) -> DecisionResult:
    """Take one decision, in one transaction.

    Raises Forbidden (role, or one's own image), StaleDecision (someone decided meanwhile), Conflict (the state does not
    allow it), InputError (reason, comment or key), NotFound.
    """
    rule = RULES[decision.action]
    actor = require(actor, rule.minimum)
    _check_words(decision, rule)
    with studio.writing() as session:
        return _decide(session, actor, decision, rule)


def submit(studio: Studio, actor: Actor | None, asset_ids: Sequence[int]) -> SubmitReport:
    """Send many images to review, in one transaction; those that cannot go are told and keep none of the others."""
    rule = RULES[Action.SUBMIT]
    actor = require(actor, rule.minimum)
    if not 1 <= len(asset_ids) <= MAX_SUBMIT:
        raise InputError(f"Choose 1 to {MAX_SUBMIT:,} images to send to review, got {len(asset_ids):,}.")
    submitted, refused = [], []
    with studio.writing() as session:
        for asset_id in sorted(set(asset_ids)):  # one order for all: two that lock the same images cannot lock up
            try:
                image = locked(session, asset_id)
                key = derived_key("submit", asset_id, image.revision, actor.id)
                decision = Decide(asset_id, image.revision, Action.SUBMIT, key)
                submitted.append(_decide(session, actor, decision, rule))
            except StudioError as error:
                refused.append((asset_id, error.message))
    return SubmitReport(tuple(submitted), tuple(refused))


def undo(studio: Studio, actor: Actor | None, asset_id: int, idempotency_key: str) -> DecisionResult:
    """Take back one's own last decision on an image, within UNDO_WINDOW, by a new decision.

    Raises StaleDecision when someone decided after it, Conflict when it is too late or cannot be taken back, NotFound.
    """
    actor = require(actor, Role.EDITOR)
    _check_key(idempotency_key)
    with studio.writing() as session:
        image = locked(session, asset_id)
        earlier = repeated(session, actor, image, idempotency_key)
        if earlier is not None:
            return _result(session, earlier)
        last = last_decision(session, image)
        if last is None or last.reason == UNDO:
            raise Conflict(f"There is nothing to take back on image {asset_id}.")
        if last.user_id != actor.id:
            raise stale(session, image)
        if last.to_state not in _UNDOABLE:
            raise Conflict(f"Image {asset_id} is {word(last.to_state)}; that cannot be taken back.")
        if utc_now() - last.at > UNDO_WINDOW:
            raise Conflict(
                f"A decision can be taken back for {UNDO_WINDOW.seconds} seconds, this one is older. "
                "A reviewer can reopen the image."
            )
        return _result(session, append(session, image, last.from_state, actor, idempotency_key, reason=UNDO))


def history(studio: Studio, actor: Actor | None, asset_id: int) -> tuple[DecisionView, ...]:
    """All decisions on an image, the oldest first. Raises NotFound."""
    require(actor, Role.VIEWER)
    query = (
        sa.select(Decision, User.name).join(User, User.id == Decision.user_id).where(Decision.asset_id == asset_id)
    ).order_by(Decision.revision)
    with studio.reading() as session:
        if session.get(Asset, asset_id) is None:
            raise NotFound(f"There is no image {asset_id}.")
        return tuple(
            DecisionView(
                id=row.id,
                revision=row.revision,
                from_state=row.from_state,
                to_state=row.to_state,
                undo=row.reason == UNDO,
                user=name,
                at=row.at,
                reason=None if row.reason == UNDO else row.reason,
                comment=row.comment,
                asset_sha256=row.asset_sha256,
            )
            for row, name in session.execute(query)
        )


def _decide(session: Session, actor: Actor, decision: Decide, rule: Rule) -> DecisionResult:
    image = locked(session, decision.asset_id)
    earlier = repeated(session, actor, image, decision.idempotency_key)
    if earlier is not None:
        if earlier.to_state is not rule.path[-1]:
            raise Conflict(f"The key {decision.idempotency_key!r} was used for another decision; make a new one.")
        return _result(session, earlier)
    if image.revision != decision.revision:
        raise stale(session, image)
    _check_allowed(session, actor, image, decision.action, rule)
    steps = [state for state in rule.path if state is not image.state]
    for state in steps[:-1]:
        append(session, image, state, actor, derived_key(decision.idempotency_key, state))
    return _result(
        session,
        append(
            session,
            image,
            steps[-1],
            actor,
            decision.idempotency_key,
            reason=decision.reason,
            comment=decision.comment.strip(),
        ),
    )


def _check_words(decision: Decide, rule: Rule) -> None:
    _check_key(decision.idempotency_key)
    if decision.reason is not None and decision.reason not in REASONS:
        raise InputError(f"There is no reason {decision.reason!r}; there are: {', '.join(REASONS)}.")
    if decision.reason is None and rule.reason == "required":
        raise InputError(f"To {decision.action.value} an image needs a reason; there are: {', '.join(REASONS)}.")
    if decision.reason is not None and rule.reason == "none":
        raise InputError(f"To {decision.action.value} an image takes no reason, got {decision.reason!r}.")
    if len(decision.comment) > MAX_COMMENT:
        raise InputError(f"A comment has up to {MAX_COMMENT:,} characters, got {len(decision.comment):,}.")
    if not storable(decision.comment):
        raise InputError("The comment holds characters that cannot be stored (NUL, or half of a surrogate pair).")


def _check_key(key: str) -> None:
    if not 8 <= len(key) <= 64 or not storable(key):
        raise InputError(f"An idempotency key has 8 to 64 characters, got {len(key)}.")


def _check_allowed(session: Session, actor: Actor, image: Asset, action: Action, rule: Rule) -> None:
    if image.state not in rule.sources:
        raise Conflict(
            f"Image {image.id} is {word(image.state)}; to {action.value} needs one that is "
            f"{' or '.join(word(state) for state in AssetState if state in rule.sources)}. {told(session, image)}"
        )
    last = last_decision(session, image)
    if last is not None and last.reason in FACTUAL and not rule.after_factual:
        raise Conflict(
            f"Image {image.id} was rejected for a fact ({REASONS[last.reason].label.lower()}). That is final: "
            "make a new image."
        )
    if rule.second_person and image.created_by_id == actor.id and not switch_is_on(session, "self_approval"):
        raise Forbidden(f"You made image {image.id}, so another person has to {action.value} it.")
    if image.purpose is Purpose.LISTING and action in (Action.SUBMIT, Action.APPROVE, Action.PUBLISH):
        _check_listing(session, image)
    if action is Action.SUBMIT and not _scores(session, image.id):
        raise Conflict(f"The checks of image {image.id} did not run yet, so it cannot go to review. Try again shortly.")


def _check_listing(session: Session, image: Asset) -> None:
    """A listing image shows the product itself: a reviewer must have a real photo of it to compare."""
    photos = sa.select(sa.exists().where(Photo.product_id == image.product_id, usable()))
    if image.product_id is None or not session.scalar(photos):
        raise Conflict(
            f"Image {image.id} was made from text alone: it can be a concept, a placeholder or an ad, never a listing "
            "image, which needs a real photo of the product as proof."
        )


def _result(session: Session, row: Decision) -> DecisionResult:
    undoable = row.to_state in _UNDOABLE and row.reason != UNDO
    submitted = row.to_state is AssetState.IN_REVIEW and row.from_state is AssetState.CHECKED
    return DecisionResult(
        asset_id=row.asset_id,
        state=row.to_state,
        revision=row.revision,
        undo_until=row.at + UNDO_WINDOW if undoable else None,
        notes=shortfalls(_scores(session, row.asset_id)) if submitted else (),
    )


def _scores(session: Session, asset_id: int) -> dict[str, float | None]:
    query = sa.select(Score.metric, Score.value).where(Score.asset_id == asset_id).order_by(Score.version)
    return dict(session.execute(query).all())  # a newer version comes later
