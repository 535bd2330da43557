"""Votes between two model versions, as the ballot sends them: one call a key press, safe to send again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict

from db.tables import Role, VoteChoice
from studio import bootstrap
from studio.api.access import at_least
from studio.models import comparisons
from studio.roles import Actor

router = APIRouter(prefix="/votes", tags=["votes"])


class VoteRequest(BaseModel):
    """Which image of a pair is better, by the side on which it was shown."""

    model_config = ConfigDict(extra="forbid")

    pair_id: int
    choice: VoteChoice


@router.post("", status_code=204, response_class=Response)
def vote(body: VoteRequest, actor: Annotated[Actor, at_least(Role.EDITOR, None)]) -> None:
    """Vote on one pair. A second vote of the same person takes the place of the first."""
    comparisons.cast(bootstrap.get_studio(), actor, body.pair_id, body.choice)
