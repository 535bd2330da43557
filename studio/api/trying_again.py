"""From an image that was sent back to its next version."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from db.tables import Role
from studio import bootstrap
from studio.access.api_keys import Scope
from studio.api.access import at_least
from studio.api.orders import OrderAnswer
from studio.review import trying_again
from studio.review.trying_again import Suggestion
from studio.roles import Actor

router = APIRouter(prefix="/assets/{asset_id}/again", tags=["review"])

Editor = Annotated[Actor, at_least(Role.EDITOR, Scope.ORDER)]


class AgainRequest(BaseModel):
    """Asks for what the rejection calls for."""

    model_config = ConfigDict(extra="forbid")

    idempotency_key: str = Field(min_length=8, max_length=64, description="Made once a press of the button.")


@router.get("")
def read_suggestion(asset_id: int, actor: Editor) -> Suggestion:
    """What the reason of the rejection calls for. 409 for an image that waits for no changes."""
    return trying_again.suggestion(bootstrap.get_studio(), actor, asset_id)


@router.post("", status_code=201)
def order_again(asset_id: int, body: AgainRequest, actor: Editor) -> OrderAnswer:
    """Order the image again with that change. Sent again with the same key, it is ordered once."""
    studio = bootstrap.get_studio()
    return OrderAnswer(id=trying_again.order_again(studio, actor, asset_id, idempotency_key=body.idempotency_key))
