"""Comments on images, and the names of the team that can be named in them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from db.tables import Role
from studio import bootstrap
from studio.access.api_keys import Scope
from studio.api.access import at_least
from studio.review import comments
from studio.review.comments import CommentView, Person
from studio.roles import Actor

router = APIRouter(tags=["review"])


class CommentRequest(BaseModel):
    """What to say. @Name tells a person of it."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=comments.MAX_TEXT)
    idempotency_key: str = Field(min_length=8, max_length=64, description="Made once a comment.")


@router.get("/assets/{asset_id}/comments")
def read_comments(asset_id: int, actor: Annotated[Actor, at_least(Role.VIEWER, Scope.READ)]) -> tuple[CommentView, ...]:
    """What people said about an image, the oldest comment first. Texts are plain: show markup in them as it stands."""
    return comments.comments(bootstrap.get_studio(), actor, asset_id)


@router.post("/assets/{asset_id}/comments")
def comment(
    asset_id: int, body: CommentRequest, actor: Annotated[Actor, at_least(Role.EDITOR, Scope.DECIDE)]
) -> CommentView:
    """Say something about an image. Sent again with the same key, it gets the same answer."""
    return comments.comment(bootstrap.get_studio(), actor, asset_id, body.text, body.idempotency_key)


@router.get("/review/people")
def read_people(actor: Annotated[Actor, at_least(Role.VIEWER, Scope.READ)]) -> tuple[Person, ...]:
    """The team by name, for completing an @."""
    return comments.people(bootstrap.get_studio(), actor)
