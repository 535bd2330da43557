"""Trainings: the pictures that one draws on its way."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Response

from db.tables import Role
from studio import bootstrap
from studio.access.api_keys import Scope
from studio.api.access import at_least
from studio.roles import Actor
from studio.training.views import picture

router = APIRouter(tags=["trainings"])

_FOR_EVER = "private, max-age=31536000, immutable"  # named by the hash of the bytes


@router.get(
    "/trainings/{training_id}/pictures/{sha256}",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}},
)
def read_picture(
    training_id: int,
    sha256: str,
    actor: Annotated[Actor, at_least(Role.ADMIN, Scope.READ)],
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """A sample grid, or pairs of made images and their nearest photos, as PNG in its own size."""
    headers = {"Cache-Control": _FOR_EVER, "ETag": f'"{sha256}"', "X-Content-Type-Options": "nosniff"}
    if if_none_match == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(
        picture(bootstrap.get_studio(), actor, training_id, sha256), media_type="image/png", headers=headers
    )
