"""Who asks, and from where: the two checks in front of the routes."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends
from fastapi.security import APIKeyCookie
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from db.tables import Role
from studio import accounts, bootstrap
from studio.roles import Actor, require

_cookie = APIKeyCookie(name=accounts.COOKIE_NAME, auto_error=False, description="Set by signing in on the pages.")


def visitor(session_token: Annotated[str | None, Depends(_cookie)]) -> Actor | None:
    """The person of the session cookie, if any."""
    return accounts.actor_for(bootstrap.get_studio(), session_token)


def at_least(minimum: Role) -> Any:
    """A dependency: the signed-in person, whose role is `minimum` or above."""

    def check(actor: Annotated[Actor | None, Depends(visitor)]) -> Actor:
        return require(actor, minimum)

    return Depends(check)


LARGEST_BODY = 64_000
"""Bytes. No form and no decision comes near it."""


class OwnPagesOnly:
    """Lets calls that change something through only from our own pages, and with a body of a sensible size."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let safe methods through, and others after two looks at their headers."""
        app = self.app
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            if not is_same_origin(scope):
                message = "This call changes something and must come from the studio's own pages (Origin does not fit)."
                app = JSONResponse({"error": "CrossOrigin", "message": message}, status_code=403)
            elif not _is_small(scope):
                message = f"The body must be at most {LARGEST_BODY} bytes and name its length (Content-Length)."
                app = JSONResponse({"error": "TooLarge", "message": message}, status_code=413)
        await app(scope, receive, send)


def is_same_origin(scope: Scope) -> bool:
    """Whether the call comes from a page of this very server. Scripts of other sites cannot forge these headers."""
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(headers.get("origin", ""))
    ours = {headers.get("host"), urlsplit(bootstrap.get_studio().settings.public_url).netloc}
    return origin.scheme in ("http", "https") and origin.netloc in ours


def _is_small(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    if "transfer-encoding" in headers:
        return False
    length = headers.get("content-length", "0")
    return length.isdecimal() and int(length) <= LARGEST_BODY
