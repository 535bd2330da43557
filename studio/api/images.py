"""Images: what is known of one, its bytes, and small pictures by their hash."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Header, Query, Response

from db.tables import Role
from studio import bootstrap
from studio.access.api_keys import Scope
from studio.api.access import at_least
from studio.images.assets import AssetView, asset, file_name
from studio.images.integrity import bytes_of, unmark
from studio.images.thumbnails import MEDIA_TYPE, SIZES, thumbnail
from studio.review.deciding import DecisionView, history
from studio.roles import Actor

router = APIRouter(tags=["images"])

# The ETag is the hash of the bytes, and bytes of images never change.
_FOR_EVER = "private, max-age=31536000, immutable"


@router.get("/thumbnails/{sha256}", response_class=Response, responses={200: {"content": {MEDIA_TYPE: {}}}})
def read_thumbnail(
    sha256: str,
    actor: Annotated[Actor, at_least(Role.VIEWER, Scope.READ)],
    size: Annotated[int, Query(json_schema_extra={"enum": list(SIZES)})] = 320,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The image with this hash, its longest side at most `size` pixels."""
    headers = {"Cache-Control": _FOR_EVER, "ETag": f'"{sha256}-{size}"'}
    if if_none_match == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(thumbnail(bootstrap.get_studio(), sha256, size), media_type=MEDIA_TYPE, headers=headers)


@router.get("/assets/{asset_id}")
def read_asset(asset_id: int, actor: Annotated[Actor, at_least(Role.VIEWER, Scope.READ)]) -> AssetView:
    """One image with all that made it: brief, seed, model version, scores, state."""
    return asset(bootstrap.get_studio(), actor, asset_id)


@router.get("/assets/{asset_id}/decisions")
def read_decisions(
    asset_id: int, actor: Annotated[Actor, at_least(Role.VIEWER, Scope.READ)]
) -> tuple[DecisionView, ...]:
    """What was decided on an image, by whom, when and why; the oldest decision first."""
    return history(bootstrap.get_studio(), actor, asset_id)


@router.get("/assets/{asset_id}/image", response_class=Response, responses={200: {"content": {"image/png": {}}}})
def read_image(
    asset_id: int,
    actor: Annotated[Actor, at_least(Role.VIEWER, Scope.READ)],
    download: bool = False,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The bytes of an image as they were made; with `download=1` as a file with a telling name.

    409 IntegrityError when they are missing or no longer the same; the image is marked as damaged then.
    """
    studio = bootstrap.get_studio()
    view = asset(studio, actor, asset_id)
    headers = {"Cache-Control": _FOR_EVER, "ETag": f'"{view.sha256}"', "X-Content-Type-Options": "nosniff"}
    if if_none_match == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if download:
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file_name(view))}"
    data = bytes_of(studio, view.sha256)
    if view.damaged:
        unmark(studio, view.sha256)
    return Response(data, media_type="image/png", headers=headers)
