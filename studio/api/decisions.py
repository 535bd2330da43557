"""Decisions on images, as the review gallery sends them: one call a key press, safe to send again."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from db.tables import Role
from studio import bootstrap
from studio.access.api_keys import Scope
from studio.api.access import at_least
from studio.api.refusals import ErrorAnswer, told_of
from studio.errors import StudioError
from studio.review import bulk, deciding
from studio.review.bulk import MAX_BULK, BulkResult
from studio.review.deciding import Action, Decide, DecisionResult, TakeBack
from studio.roles import Actor

router = APIRouter(prefix="/decisions", tags=["decisions"])

IdempotencyKey = Annotated[str, Field(min_length=8, max_length=64, description="Made once a key press.")]


SeenHash = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="Hash of the image that was displayed.")]


class DecisionRequest(BaseModel):
    """A decision on the image as it was seen at `revision`. To approve and to reject need `seen_sha256`."""

    model_config = ConfigDict(extra="forbid")

    asset_id: int
    revision: int = Field(ge=0)
    action: Action
    idempotency_key: IdempotencyKey
    seen_sha256: SeenHash | None = None
    reason: str | None = Field(None, max_length=48)
    comment: str = Field("", max_length=deciding.MAX_COMMENT)

    def wanted(self) -> Decide:
        """The decision in the words of the studio."""
        return Decide(**dict(self))


class UndoRequest(BaseModel):
    """Takes back one's own last decision on the image."""

    model_config = ConfigDict(extra="forbid")

    asset_id: int
    idempotency_key: IdempotencyKey


class UndoAmongOthers(UndoRequest):
    """The same, among decisions that are sent together."""

    action: Literal["undo"]

    def wanted(self) -> TakeBack:
        """The wish in the words of the studio."""
        return TakeBack(self.asset_id, self.idempotency_key)


class SentRequest(BaseModel):
    """Decisions that were pressed while the ones before were on their way; those on one image in their order."""

    model_config = ConfigDict(extra="forbid")

    items: list[DecisionRequest | UndoAmongOthers] = Field(min_length=1, max_length=deciding.MAX_SENT)


class OneAnswer(BaseModel):
    """The answer to one of several decisions: its result, or an error with its status."""

    status: int
    answer: DecisionResult | ErrorAnswer


class SentAnswer(BaseModel):
    """For each decision the status and the answer that it would have got alone."""

    answers: list[OneAnswer]


class ApprovalRequest(BaseModel):
    """The approval of one image of a selection, as it was seen at `revision`."""

    model_config = ConfigDict(extra="forbid")

    asset_id: int
    revision: int = Field(ge=0)
    idempotency_key: IdempotencyKey
    seen_sha256: SeenHash


class BulkRequest(BaseModel):
    """Approves a selection of images that are alike."""

    model_config = ConfigDict(extra="forbid")

    items: list[ApprovalRequest] = Field(min_length=1, max_length=MAX_BULK)
    comment: str = Field("", max_length=deciding.MAX_COMMENT)


class BulkUndoRequest(BaseModel):
    """Takes back one's own last decisions on these images."""

    model_config = ConfigDict(extra="forbid")

    asset_ids: list[int] = Field(min_length=1, max_length=MAX_BULK)
    idempotency_key: IdempotencyKey


class BulkAnswer(BaseModel):
    """How many images changed, each result, and which could not be taken back, with a sentence."""

    count: int
    undo_until: dt.datetime | None
    results: tuple[DecisionResult, ...]
    refused: tuple[tuple[int, str], ...]


@router.post("")
def decide(body: DecisionRequest, actor: Annotated[Actor, at_least(Role.EDITOR, Scope.DECIDE)]) -> DecisionResult:
    """Take one decision. Sent again with the same key, it gets the same answer.

    409 StaleDecision, with `current_state` and `last_decision`, when someone decided meanwhile. 409 IntegrityError when
    the image's bytes are missing or changed, which blocks its approval.
    """
    return deciding.decide(bootstrap.get_studio(), actor, body.wanted())


@router.post("/several")
def decide_each(body: SentRequest, actor: Annotated[Actor, at_least(Role.EDITOR, Scope.DECIDE)]) -> SentAnswer:
    """Take several decisions, and take some back, in one call and in the order given. Each stands or falls alone."""
    outcomes = deciding.decide_each(bootstrap.get_studio(), actor, [item.wanted() for item in body.items])
    return SentAnswer(
        answers=[
            OneAnswer(status=outcome.http_status, answer=told_of(outcome))
            if isinstance(outcome, StudioError)
            else OneAnswer(status=200, answer=outcome)
            for outcome in outcomes
        ]
    )


@router.post("/undo")
def undo(body: UndoRequest, actor: Annotated[Actor, at_least(Role.EDITOR, Scope.DECIDE)]) -> DecisionResult:
    """Take back one's own last decision, within ten seconds, by a new decision."""
    return deciding.undo(bootstrap.get_studio(), actor, body.asset_id, body.idempotency_key)


@router.post("/bulk")
def decide_many(body: BulkRequest, actor: Annotated[Actor, at_least(Role.REVIEWER, Scope.DECIDE)]) -> BulkAnswer:
    """Approve images that are alike, all of them or none: of one category, with the same checks failed or none, and
    needing as many approvals. 409 Conflict says what differs, or which image cannot be approved.
    """
    items = [
        Decide(
            asset_id=item.asset_id,
            revision=item.revision,
            action=Action.APPROVE,
            idempotency_key=item.idempotency_key,
            comment=body.comment,
            seen_sha256=item.seen_sha256,
        )
        for item in body.items
    ]
    return _answer(bulk.approve_many(bootstrap.get_studio(), actor, items))


@router.post("/bulk/undo")
def undo_many(body: BulkUndoRequest, actor: Annotated[Actor, at_least(Role.EDITOR, Scope.DECIDE)]) -> BulkAnswer:
    """Take back one's own last decisions on images, within ten seconds; those that cannot be are told in `refused`."""
    return _answer(bulk.undo_many(bootstrap.get_studio(), actor, body.asset_ids, body.idempotency_key))


def _answer(result: BulkResult) -> BulkAnswer:
    return BulkAnswer(count=result.count, undo_until=result.undo_until, results=result.results, refused=result.refused)
