"""The shot list on paper: a plain page that browsers print well, and the same as CSV."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader

from db.tables import Role
from ecomgan.text.words import display_name
from studio import bootstrap
from studio.access.api_keys import Scope
from studio.api.access import at_least
from studio.photos.shot_list import export_shots, shot_list
from studio.publishing.shot_frames import shot_frames
from studio.roles import Actor
from studio.ui.i18n import LANGUAGES, msg, translate
from studio.ui.shot_words import FRONT, frame_words

router = APIRouter(prefix="/shots", tags=["shots"])

TEXTS = {
    "title": msg("Shot list"),
    "one": msg("1 product to photograph"),
    "many": msg("{n} products to photograph"),
    "for": msg("for {channel}"),
    "print": msg("Print"),
    "done": msg("Done"),
    "product": msg("Product"),
    "how": msg("How"),
    "notes": msg("Notes"),
    "none": msg("Nothing waits for the photographer."),
    "angle": msg("Angle"),
}

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


@router.get("/print", response_class=HTMLResponse)
def print_shots(
    actor: Annotated[Actor, at_least(Role.VIEWER, None)],
    channel: Annotated[str, Query(max_length=40)] = "",
    lang: Annotated[str, Query(max_length=8)] = "en",
) -> HTMLResponse:
    """The products that wait for the photographer, to print. channel: key of the pack of rules that they are for."""
    studio = bootstrap.get_studio()
    language = lang if lang in LANGUAGES else "en"
    say = partial(translate, language)
    frame = shot_frames(studio, actor).get(channel)
    html = _pages.get_template("shot_list.html").render(
        language=language,
        say=say,
        term=lambda value: display_name(value, language),
        texts=TEXTS,
        lines=shot_list(studio, actor),
        channel=frame.channel if frame else "",
        wanted=frame_words(frame, say),
        front=say(FRONT),
    )
    return HTMLResponse(html, headers={"Cache-Control": "no-store"})


@router.get("/csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def read_shots(actor: Annotated[Actor, at_least(Role.VIEWER, Scope.READ)]) -> Response:
    """The products that wait for the photographer, as CSV (UTF-8)."""
    data = export_shots(bootstrap.get_studio(), actor)
    headers = {"Content-Disposition": "attachment; filename=shot-list.csv"}
    return Response(data, media_type="text/csv; charset=utf-8", headers=headers)
