"""Approved images on their way out: the channels, and a ZIP of marked copies for one of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from db.tables import Role
from studio import bootstrap
from studio.access.api_keys import Scope
from studio.api.access import at_least
from studio.publishing import export
from studio.publishing.export import ChannelView
from studio.roles import Actor

router = APIRouter(tags=["exports"])


class ExportBody(BaseModel):
    """Approved images for a channel."""

    model_config = ConfigDict(extra="forbid")

    asset_ids: list[int] = Field(min_length=1, max_length=export.MAX_IMAGES)
    channel_id: int
    publish: bool = Field(False, description="Also set them published; needs the role reviewer.")
    house_style: bool = Field(
        False, description="Set each copy into the house style of its category where that can be; the list says which."
    )
    despite: str = Field("", max_length=600, description="An admin's reason to export what the channel would refuse.")


@router.get("/channels")
def list_channels(actor: Annotated[Actor, at_least(Role.VIEWER, Scope.READ)]) -> tuple[ChannelView, ...]:
    """Where images can go, each with its frame and format."""
    return export.channels(bootstrap.get_studio(), actor)


@router.post("/exports", response_class=Response, responses={200: {"content": {"application/zip": {}}}})
def export_images(body: ExportBody, actor: Annotated[Actor, at_least(Role.EDITOR, Scope.EXPORT)]) -> Response:
    """A ZIP of marked copies in the channel's size, with a list as CSV. 409 for images that are not approved, that the
    channel would refuse, or of a model whose licence was refused.
    """
    file = export.export_approved(
        bootstrap.get_studio(),
        actor,
        body.asset_ids,
        body.channel_id,
        publish=body.publish,
        despite=body.despite,
        house_style=body.house_style,
    )
    headers = {"Content-Disposition": f'attachment; filename="{file.file_name}"', "ETag": f'"{file.sha256}"'}
    return Response(file.data, media_type="application/zip", headers=headers)
