"""Image bytes: thumbnails by their hash."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from db.tables import Role
from studio import bootstrap
from studio.api.access import at_least
from studio.roles import Actor
from studio.thumbnails import MEDIA_TYPE, SIZES, thumbnail

router = APIRouter(tags=["images"])

# The address holds the hash of the bytes, so what it answers can never change.
_FOR_EVER = "private, max-age=31536000, immutable"


@router.get("/thumbnails/{sha256}", response_class=Response, responses={200: {"content": {MEDIA_TYPE: {}}}})
def read_thumbnail(
    sha256: str,
    actor: Annotated[Actor, at_least(Role.VIEWER)],
    size: Annotated[int, Query(json_schema_extra={"enum": list(SIZES)})] = 320,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The image with this hash, its longest side at most `size` pixels."""
    headers = {"Cache-Control": _FOR_EVER, "ETag": f'"{sha256}-{size}"'}
    if if_none_match == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(thumbnail(bootstrap.get_studio(), sha256, size), media_type=MEDIA_TYPE, headers=headers)
