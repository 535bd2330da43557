"""Decisions on images, as the review gallery sends them: one call a key press, safe to send again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from db.tables import Role
from studio import bootstrap
from studio.access.api_keys import Scope
from studio.api.access import at_least
from studio.review import deciding
from studio.review.deciding import Action, Decide, DecisionResult
from studio.roles import Actor

router = APIRouter(prefix="/decisions", tags=["decisions"])

IdempotencyKey = Annotated[str, Field(min_length=8, max_length=64, description="Made once a key press.")]


class DecisionRequest(BaseModel):
    """A decision on the image as it was seen at `revision`."""

    model_config = ConfigDict(extra="forbid")

    asset_id: int
    revision: int = Field(ge=0)
    action: Action
    idempotency_key: IdempotencyKey
    reason: str | None = Field(None, max_length=48)
    comment: str = Field("", max_length=deciding.MAX_COMMENT)


class UndoRequest(BaseModel):
    """Takes back one's own last decision on the image."""

    model_config = ConfigDict(extra="forbid")

    asset_id: int
    idempotency_key: IdempotencyKey


@router.post("")
def decide(body: DecisionRequest, actor: Annotated[Actor, at_least(Role.EDITOR, Scope.DECIDE)]) -> DecisionResult:
    """Take one decision. Sent again with the same key, it gets the same answer.

    409 StaleDecision, with `current_state` and `last_decision`, when someone decided meanwhile.
    """
    return deciding.decide(
        bootstrap.get_studio(),
        actor,
        Decide(
            asset_id=body.asset_id,
            revision=body.revision,
            action=body.action,
            idempotency_key=body.idempotency_key,
            reason=body.reason,
            comment=body.comment,
        ),
    )


@router.post("/undo")
def undo(body: UndoRequest, actor: Annotated[Actor, at_least(Role.EDITOR, Scope.DECIDE)]) -> DecisionResult:
    """Take back one's own last decision, within ten seconds, by a new decision."""
    return deciding.undo(bootstrap.get_studio(), actor, body.asset_id, body.idempotency_key)
