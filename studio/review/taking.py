"""One decision inside a transaction that is open already: its checks, its line in the log, and what it leads to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from db.clock import database_now
from db.tables import Asset, AssetState, Decision, SecondOpinion
from studio import inbox
from studio.errors import Conflict, IntegrityError
from studio.review import opinions
from studio.review.asking import ask_after
from studio.review.checks import shortfalls
from studio.review.claims import refuse_claimed
from studio.review.decisions import (
    append,
    derived_key,
    is_one_of_several,
    last_decision,
    locked,
    repeated,
    scores_now,
    stale,
    word,
)
from studio.review.permitting import check_allowed
from studio.review.review_rules import Approvals, approvals, approvals_after
from studio.review.states import REASONS, RULES, UNDO, Action
from studio.roles import Actor

UNDO_WINDOW = dt.timedelta(seconds=10)
_TOLD = 300  # characters of a comment that the inbox shows

_UNDOABLE = {rule.path[-1] for rule in RULES.values() if rule.undoable}


@dataclass(frozen=True)
class Decide:
    """What a person decides on an image that they saw at `revision`.

    `idempotency_key`, 8 to 64 characters, is made once for each press of a key: sent again, it gets the same answer.
    `seen_sha256`: the hash of the image that was displayed; to approve and to reject need it.
    """

    asset_id: int
    revision: int
    action: Action
    idempotency_key: str
    reason: str | None = None
    comment: str = ""
    seen_sha256: str | None = None


@dataclass(frozen=True)
class TakeBack:
    """A person takes back their last decision on an image. `idempotency_key` as in `Decide`."""

    asset_id: int
    idempotency_key: str


@dataclass(frozen=True)
class DecisionResult:
    """Where the image stands after a decision. `undo_until`: until when its author may take it back.

    `notes`: what the checks of birth found, told when an image is sent to review. `approvals` of `approvals_needed`
    were given: fewer leave it in review for another person.
    """

    asset_id: int
    state: AssetState
    revision: int
    undo_until: dt.datetime | None
    notes: tuple[str, ...] = ()
    approvals: int = 0
    approvals_needed: int = 1


def take(
    session: Session,
    actor: Actor,
    decision: Decide,
    damage: IntegrityError | None = None,
    *,
    asking: bool = True,
) -> DecisionResult:
    """Take a decision whose words were checked. Raises as `deciding.decide` does, before it writes anything.

    asking: whether reviewers may be asked about it afterwards.
    """
    rule = RULES[decision.action]
    image = locked(session, decision.asset_id)
    if damage is not None:
        damage = IntegrityError(f"Image {image.id} cannot be approved. {damage.message}")
    earlier = repeated(session, actor, image, decision.idempotency_key)
    if earlier is not None:
        if earlier.to_state is not rule.path[-1] and not (
            decision.action is Action.APPROVE and is_one_of_several(earlier)
        ):
            raise Conflict(f"The key {decision.idempotency_key!r} was used for another decision; make a new one.")
        return result(session, image, earlier)
    if (opinion := opinions.answer(session, actor, image, decision, damage)) is not None:
        return _result_of_opinion(session, image, opinion)
    if image.revision != decision.revision:
        raise stale(session, image)
    if decision.action in (Action.APPROVE, Action.REJECT):
        refuse_claimed(session, actor, image)
    given = approvals(session, [image])[image.id]
    check_allowed(session, actor, image, decision, given)
    steps = [state for state in rule.path if state is not image.state]
    if decision.action is Action.APPROVE:
        if damage is not None:
            raise damage
        if image.damaged_at is not None:
            image.damaged_at = None  # the bytes are right, whatever was found before
        if given.given + 1 < given.needed:
            steps = [AssetState.IN_REVIEW]
    for state in steps[:-1]:
        append(session, image, state, actor, derived_key(decision.idempotency_key, state))
    key, comment = decision.idempotency_key, decision.comment.strip()
    row = append(session, image, steps[-1], actor, key, reason=decision.reason, comment=comment)
    if decision.action is Action.REJECT:
        _send_back(session, actor, image, row)
    if asking:
        ask_after(session, row)
    given_by = (*given.given_by, actor.id) if decision.action is Action.APPROVE else ()
    return result(session, image, row, replace(given, given_by=given_by))


def _send_back(session: Session, actor: Actor, image: Asset, row: Decision) -> None:
    """Tell the maker why; hundreds an hour become one line."""
    why = ". ".join(part for part in (REASONS[row.reason or ""].label, row.comment[:_TOLD]) if part)
    inbox.tell(session, image.created_by_id, inbox.SENT_BACK, image.id, text=why, by=actor, gather=True)


def take_back(session: Session, actor: Actor, asset_id: int, idempotency_key: str) -> DecisionResult:
    """Undo one's own last decision. Raises as `deciding.undo` does."""
    image = locked(session, asset_id)
    earlier = repeated(session, actor, image, idempotency_key)
    if earlier is not None:
        return result(session, image, earlier)
    if (opinion := opinions.to_take_back(session, actor, image, idempotency_key)) is not None:
        if opinion.answered_at is not None and opinion.undo_key != idempotency_key:
            _check_in_time(session, opinion.answered_at)
            opinions.take_back(opinion, idempotency_key)
        return _result_of_opinion(session, image, opinion)
    last = last_decision(session, image)
    if last is None or last.reason == UNDO:
        raise Conflict(f"There is nothing to take back on image {asset_id}.")
    if last.user_id != actor.id:
        raise stale(session, image)
    if last.to_state not in _UNDOABLE:
        raise Conflict(f"Image {asset_id} is {word(last.to_state)}; that cannot be taken back.")
    _check_in_time(session, last.at)
    if last.to_state is AssetState.CHANGES_REQUESTED:
        inbox.take_back(session, image.created_by_id, inbox.SENT_BACK, by=actor)
    return result(session, image, append(session, image, last.from_state, actor, idempotency_key, reason=UNDO))


def _check_in_time(session: Session, at: dt.datetime) -> None:
    if database_now(session) - at > UNDO_WINDOW:
        raise Conflict(
            f"A decision can be taken back for {UNDO_WINDOW.seconds} seconds, this one is older. "
            "A reviewer can reopen the image."
        )


def result(session: Session, image: Asset, row: Decision, standing: Approvals | None = None) -> DecisionResult:
    """What is told of a decision, now or when its key comes again. standing: the approvals after it, where known."""
    undoable = row.to_state in _UNDOABLE and row.reason != UNDO
    submitted = row.to_state is AssetState.IN_REVIEW and row.from_state is AssetState.CHECKED
    standing = standing or approvals_after(session, image, row)
    scores = {metric: told["value"] for metric, told in scores_now(session, image.id).items()} if submitted else {}
    return DecisionResult(
        asset_id=row.asset_id,
        state=row.to_state,
        revision=row.revision,
        undo_until=row.at + UNDO_WINDOW if undoable else None,
        notes=shortfalls(scores) if submitted else (),
        approvals=standing.needed if row.to_state is AssetState.APPROVED else standing.given,
        approvals_needed=standing.needed,
    )


def _result_of_opinion(session: Session, image: Asset, opinion: SecondOpinion) -> DecisionResult:
    """What an ordinary decision would have led to: nothing tells that it was an answer."""
    needed = approvals(session, [image])[image.id].needed
    approved = opinion.verdict is AssetState.APPROVED
    state = AssetState.IN_REVIEW if opinion.verdict is None or (approved and needed > 1) else opinion.verdict
    return DecisionResult(
        asset_id=image.id,
        state=state,
        revision=opinion.seen_revision + (opinion.answered_at is not None),
        undo_until=opinion.answered_at + UNDO_WINDOW if opinion.answered_at else None,
        approvals=int(approved),
        approvals_needed=needed,
    )
