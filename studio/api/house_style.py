"""House style over HTTP: what an image would look like in it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from db.tables import Role
from studio import bootstrap
from studio.access.api_keys import Scope
from studio.api.access import at_least
from studio.making.reframing import preview
from studio.roles import Actor

router = APIRouter(tags=["images"])


@router.get("/assets/{asset_id}/reframed", response_class=Response, responses={200: {"content": {"image/webp": {}}}})
def read_reframed(
    asset_id: int,
    actor: Annotated[Actor, at_least(Role.VIEWER, Scope.READ)],
    style: Annotated[int, Query(description="version of the style, so that a browser keeps no older picture")] = 0,
) -> Response:
    """The image as the house style of its category would have it, at most 640 pixels a side. Nothing is kept.

    409 Conflict when it cannot be reframed.
    """
    data = preview(bootstrap.get_studio(), actor, asset_id)
    return Response(data, media_type="image/webp", headers={"Cache-Control": "private, max-age=3600"})
