"""Who asks, and from where: the two checks in front of the routes.

A person is known by the session cookie, a program by `Authorization: Bearer`. A call that brings a key is judged by the
key alone, never by a cookie beside it; browsers cannot be made to send that header from another site, so its origin
does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPBearer
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from db.tables import Role
from studio import bootstrap
from studio.access import accounts
from studio.access.api_keys import Scope as KeyScope
from studio.access.api_keys import actor_with_key
from studio.roles import Actor, require

_cookie = APIKeyCookie(name=accounts.COOKIE_NAME, auto_error=False, description="Set by signing in on the pages.")
_key = HTTPBearer(
    auto_error=False,
    description="An API key (eg_...), made on the page My account. It acts for its owner, within the owner's role and "
    f"its own scopes: {', '.join(KeyScope)}. Up to 600 calls a minute.",
)


def at_least(minimum: Role, scope: KeyScope | None) -> Any:
    """A dependency: the person who calls, or whose API key with `scope` does, with the role `minimum` or above.

    scope: None where only people on the pages may call.
    """

    def check(
        request: Request, session_token: Annotated[str | None, Depends(_cookie)], _: Annotated[object, Depends(_key)]
    ) -> Actor:
        studio = bootstrap.get_studio()
        token = bearer(request.headers)
        if token is None:
            return require(accounts.actor_for(studio, session_token), minimum)
        address = request.client.host if request.client else "unknown"
        return require(actor_with_key(studio, token, address, scope), minimum)

    return Depends(check)


def bearer(headers: Headers) -> str | None:
    """The token of `Authorization: Bearer TOKEN`, however it is written; None where the call brings none."""
    kind, _, token = headers.get("authorization", "").strip().partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


LARGEST_BODY = 64_000
"""Bytes. No form and no decision comes near it; photos to search by have a limit of their own."""


class OwnPagesOnly:
    """Lets calls that change something through only from our own pages, and with a body of a sensible size.

    keys: calls with an API key come from anywhere. large: the ends of paths that take larger bodies, with their bytes.
    """

    def __init__(self, app: ASGIApp, *, keys: bool = False, large: Mapping[str, int] | None = None) -> None:
        self.app, self.keys, self.large = app, keys, large or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let safe methods through, and others after two looks at their headers."""
        app = self.app
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            with_key = self.keys and bearer(Headers(scope=scope)) is not None
            if not with_key and not is_same_origin(scope):
                message = "This call changes something and must come from the studio's own pages (Origin does not fit)."
                app = JSONResponse({"error": "CrossOrigin", "message": message}, status_code=403)
            elif not _is_small(scope, most := self._most(scope)):
                message = f"The body must be at most {most} bytes and name its length (Content-Length)."
                app = JSONResponse({"error": "TooLarge", "message": message}, status_code=413)
        await app(scope, receive, send)

    def _most(self, scope: Scope) -> int:
        return next((most for end, most in self.large.items() if scope["path"].endswith(end)), LARGEST_BODY)


def is_same_origin(scope: Scope) -> bool:
    """Whether the call comes from a page of this very server. Scripts of other sites cannot forge these headers."""
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(headers.get("origin", ""))
    ours = {headers.get("host"), urlsplit(bootstrap.get_studio().settings.public_url).netloc}
    return origin.scheme in ("http", "https") and origin.netloc in ours


def _is_small(scope: Scope, most: int) -> bool:
    headers = Headers(scope=scope)
    if "transfer-encoding" in headers:
        return False
    length = headers.get("content-length", "0")
    return length.isdecimal() and int(length) <= most
