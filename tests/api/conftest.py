"""The routes over real HTTP requests, on the studio of the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studio import bootstrap
from studio.access.accounts import COOKIE_NAME, create_link, sign_in_with_link
from studio.api.routes import routes
from studio.bootstrap import Studio
from studio.roles import Actor
from tests.studio.conftest import images  # noqa: F401 - the same images as for the use cases

Browser = Callable[[Actor | None], TestClient]


@pytest.fixture
def browser(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """`browser(actor)` is a client with the session of `actor`, or of nobody; it sends what our own pages send."""
    monkeypatch.setattr(bootstrap, "get_studio", lambda: studio)
    app = Starlette(routes=routes())
    clients: list[TestClient] = []

    def open_browser(actor: Actor | None) -> TestClient:
        headers = {"Sec-Fetch-Site": "same-origin"}
        client = TestClient(app, follow_redirects=False, raise_server_exceptions=False, headers=headers)
        if actor is not None:
            _, token = sign_in_with_link(studio, create_link(studio, actor.name))
            client.cookies.set(COOKIE_NAME, token)
        clients.append(client)
        return client

    yield open_browser
    for client in clients:
        client.close()
