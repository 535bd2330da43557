"""Headers on every answer, Streamlit's included, and what Streamlit would tell anyone."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",  # Streamlit's own components may stand in frames
    "Referrer-Policy": "same-origin",
}
_HIDDEN = ("/_stcore/metrics", "/_stcore/agent")


class Shield:
    """Adds the headers that keep other sites from framing or sniffing, and hides Streamlit's inner figures."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 404 for what is hidden; add the headers where an answer does not set them itself."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        app = PlainTextResponse("Not found", 404) if scope["path"].startswith(_HIDDEN) else self.app
        await app(scope, receive, shielded)
