"""The pages run as Streamlit runs them, through the router, for a given person, without a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from studio import accounts, bootstrap
from studio.bootstrap import Studio
from studio.roles import Actor
from studio.ui.places import Place, page_of

ROUTER = Path(__file__).resolve().parents[2] / "studio" / "ui" / "router.py"

Visit = Callable[..., AppTest]


@pytest.fixture
def visit(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Visit:
    """`visit("review", actor, state="approved")` opens a page with a query; `language` and `theme` may be given."""
    monkeypatch.setattr(bootstrap, "get_studio", lambda: studio)

    def open_page(
        place: Place, actor: Actor | None, *, language: str = "en", theme: str = "light", **query: str
    ) -> AppTest:
        monkeypatch.setattr(accounts, "actor_for", lambda studio, token: actor)
        app = AppTest.from_file(ROUTER, default_timeout=60)
        app.context = {"locale": "zh-CN" if language == "zh" else "en-GB", "timezone": "UTC", "theme": theme}
        for name, value in query.items():
            app.query_params[name] = value
        return app.switch_page(page_of(place)).run()

    return open_page
