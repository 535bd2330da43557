"""Giving images of the queue to people, and saying how urgent they are, for a selection of the gallery."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from db.tables import Role
from studio import bootstrap
from studio.access.api_keys import Scope
from studio.api.access import at_least
from studio.review import sharing
from studio.roles import Actor

router = APIRouter(prefix="/review", tags=["review"])

AssetIds = Annotated[list[int], Field(min_length=1, max_length=sharing.MOST_AT_ONCE)]


class AssignRequest(BaseModel):
    """Whom to give images to; null: nobody in particular."""

    model_config = ConfigDict(extra="forbid")

    asset_ids: AssetIds
    person_id: int | None


class PriorityRequest(BaseModel):
    """How urgent images are: 0 as usual, 1 soon, 2 at once."""

    model_config = ConfigDict(extra="forbid")

    asset_ids: AssetIds
    priority: Literal[0, 1, 2]


class ChangedAnswer(BaseModel):
    """How many images it changed."""

    changed: int


@router.post("/assign")
def assign(body: AssignRequest, actor: Annotated[Actor, at_least(Role.REVIEWER, Scope.DECIDE)]) -> ChangedAnswer:
    """Give images that wait for review to a person. Reviewers take for themselves, managers give to anyone."""
    studio = bootstrap.get_studio()
    return ChangedAnswer(changed=sharing.assign(studio, actor, body.asset_ids, body.person_id))


@router.post("/priority")
def prioritise(body: PriorityRequest, actor: Annotated[Actor, at_least(Role.EDITOR, Scope.DECIDE)]) -> ChangedAnswer:
    """Say how urgent images are. Editors say it of their own, managers of all; those of others stay as they are."""
    studio = bootstrap.get_studio()
    return ChangedAnswer(changed=sharing.set_priority(studio, actor, body.asset_ids, body.priority))
