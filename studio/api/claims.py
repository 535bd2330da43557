"""Claims of the review gallery: images that a reviewer holds while looking at them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from db.tables import Role
from studio import bootstrap
from studio.access.api_keys import Scope
from studio.api.access import at_least
from studio.review import claims
from studio.review.claims import ClaimResult
from studio.roles import Actor

router = APIRouter(prefix="/review/claims", tags=["review"])

Reviewer = Annotated[Actor, at_least(Role.REVIEWER, Scope.DECIDE)]


class ClaimRequest(BaseModel):
    """Images to hold for some minutes, or to go on holding."""

    model_config = ConfigDict(extra="forbid")

    asset_ids: list[int] = Field(min_length=1, max_length=claims.MOST_AT_ONCE)
    minutes: float = Field(5, gt=0, le=claims.LONGEST_MINUTES)


class ReleaseRequest(BaseModel):
    """Images to let go of; without a list, all that one holds."""

    model_config = ConfigDict(extra="forbid")

    asset_ids: list[int] | None = Field(None, max_length=claims.MOST_HELD)


@router.post("")
def take(body: ClaimRequest, actor: Reviewer) -> ClaimResult:
    """Hold images while looking at them. Those that others hold are told with a name; nothing is waited for."""
    return claims.take(bootstrap.get_studio(), actor, body.asset_ids, minutes=body.minutes)


@router.post("/release")
def release(body: ReleaseRequest, actor: Reviewer) -> dict[str, int]:
    """Let go of images. A POST, so that a page that closes can still send it (`navigator.sendBeacon`)."""
    return {"released": claims.release(bootstrap.get_studio(), actor, body.asset_ids)}
