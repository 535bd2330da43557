"""Decisions on images: one a time, each a row that stays, refused when it was taken on an outdated view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from db.tables import Role
from studio.bootstrap import Studio
from studio.errors import InputError, IntegrityError, StudioError
from studio.images.integrity import fault, mark
from studio.review.decisions import DecisionView, derived_key, history, locked
from studio.review.permitting import MAX_COMMENT, check_key, check_words
from studio.review.review_queue import QueueFilter, QueuePage, counts, queue
from studio.review.states import REASONS, RULES, Action
from studio.review.taking import UNDO_WINDOW, Decide, DecisionResult, TakeBack, take, take_back
from studio.roles import Actor, require
from studio.shared_writes import Write

__all__ = [
    "MAX_COMMENT",
    "REASONS",
    "UNDO_WINDOW",
    "Action",
    "Decide",
    "DecisionResult",
    "DecisionView",
    "QueueFilter",
    "QueuePage",
    "SubmitReport",
    "TakeBack",
    "counts",
    "decide",
    "decide_each",
    "history",
    "queue",
    "submit",
    "take",
    "take_back",
    "undo",
]

MAX_SUBMIT = 5_000
MAX_SENT = 20


@dataclass(frozen=True)
class SubmitReport:
    """Many images sent to review: which went, and why the others did not (id, sentence)."""

    submitted: tuple[DecisionResult, ...]
    refused: tuple[tuple[int, str], ...]


def decide(studio: Studio, actor: Actor | None, decision: Decide) -> DecisionResult:
    """Take one decision, in one transaction.

    Raises Forbidden (role, one's own image, or approved by the same person already), StaleDecision (someone decided
    meanwhile), Conflict (the state does not allow it, or another image was displayed), IntegrityError (its bytes are
    missing or changed, which blocks approval), InputError (reason, comment, key or what was seen), NotFound.
    """
    actor = require(actor, RULES[decision.action].minimum)
    (outcome,) = decide_each(studio, actor, [decision])
    if isinstance(outcome, StudioError):
        raise outcome
    return outcome


def decide_each(
    studio: Studio, actor: Actor | None, decisions: Sequence[Decide | TakeBack]
) -> list[DecisionResult | StudioError]:
    """Take several decisions in the order given: what `decide` or `undo` of each returns or raises. Each stands or
    falls alone; the transaction, and with it the wait for the disk, is shared.

    Raises NotSignedIn, Forbidden for a person who decides nothing, InputError for none or more than MAX_SENT.
    """
    actor = require(actor, Role.EDITOR)
    if not 1 <= len(decisions) <= MAX_SENT:
        raise InputError(f"1 to {MAX_SENT} decisions are sent at once, got {len(decisions)}.")
    outcomes: dict[int, DecisionResult | Exception] = {}
    writes: dict[int, Write[DecisionResult]] = {}
    for number, decision in enumerate(decisions):
        try:
            writes[number] = _write(studio, actor, decision)
        except StudioError as refusal:
            outcomes[number] = refusal
    written = studio.write_each(list(writes.values()))
    outcomes |= zip(writes, written, strict=True)
    found = []
    for number, decision in enumerate(decisions):
        outcome = outcomes[number]
        if isinstance(outcome, IntegrityError) and isinstance(decision, Decide):
            mark(studio, decision.seen_sha256 or "")
        if isinstance(outcome, Exception) and not isinstance(outcome, StudioError):
            raise outcome
        found.append(outcome)
    return found


def _write(studio: Studio, actor: Actor, decision: Decide | TakeBack) -> Write[DecisionResult]:
    """What is to be written for a decision whose words are right. Raises what needs no look at the image."""
    if isinstance(decision, TakeBack):
        check_key(decision.idempotency_key)
        return Write(decision.asset_id, lambda session: take_back(session, actor, *astuple(decision)))
    require(actor, RULES[decision.action].minimum)
    check_words(decision)
    damage = damage_of(studio, decision)
    return Write(decision.asset_id, lambda session: take(session, actor, decision, damage))


def submit(studio: Studio, actor: Actor | None, asset_ids: Sequence[int]) -> SubmitReport:
    """Send many images to review, in one transaction; those that cannot go are told and keep none of the others."""
    actor = require(actor, RULES[Action.SUBMIT].minimum)
    if not 1 <= len(asset_ids) <= MAX_SUBMIT:
        raise InputError(f"Choose 1 to {MAX_SUBMIT:,} images to send to review, got {len(asset_ids):,}.")
    submitted, refused = [], []
    with studio.writing() as session:
        for asset_id in sorted(set(asset_ids)):  # one order for all: two that lock the same images cannot lock up
            try:
                image = locked(session, asset_id)
                key = derived_key("submit", asset_id, image.revision, actor.id)
                submitted.append(take(session, actor, Decide(asset_id, image.revision, Action.SUBMIT, key)))
            except StudioError as error:
                refused.append((asset_id, error.message))
    return SubmitReport(tuple(submitted), tuple(refused))


def undo(studio: Studio, actor: Actor | None, asset_id: int, idempotency_key: str) -> DecisionResult:
    """Take back one's own last decision on an image, within UNDO_WINDOW, by a new decision.

    Raises StaleDecision when someone decided after it, Conflict when it is too late or cannot be taken back, NotFound.
    """
    (outcome,) = decide_each(studio, actor, [TakeBack(asset_id, idempotency_key)])
    if isinstance(outcome, StudioError):
        raise outcome
    return outcome


def damage_of(studio: Studio, decision: Decide) -> IntegrityError | None:
    """What is wrong with the bytes that are to be approved. Found before the transaction: reading them may take long,
    and others wait for it.
    """
    return fault(studio, decision.seen_sha256 or "") if decision.action is Action.APPROVE else None
