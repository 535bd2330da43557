"""The pages run as Streamlit runs them, through the router, for a given person, without a browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from studio import bootstrap
from studio.access import accounts
from studio.bootstrap import Studio
from studio.models.in_use import register_starter
from studio.roles import Actor
from studio.settings import Settings
from studio.ui.places import Place, page_of
from tests.studio.conftest import Images

ROUTER = Path(__file__).resolve().parents[2] / "studio" / "ui" / "router.py"

Visit = Callable[..., AppTest]


@pytest.fixture
def visit(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Visit:
    """`visit("review", actor, state="approved")` opens a page with a query; a locale may be given."""
    monkeypatch.setattr(bootstrap, "get_studio", lambda: studio)

    def open_page(place: Place, actor: Actor | None, *, locale: str = "en-GB", **query: str) -> AppTest:
        monkeypatch.setattr(accounts, "actor_for", lambda studio, token: actor)
        app = AppTest.from_file(ROUTER, default_timeout=60)
        app.context = {"locale": locale, "timezone": "UTC", "theme": "light"}
        for name, value in query.items():
            app.query_params[name] = value
        return app.switch_page(page_of(place)).run()

    return open_page


@pytest.fixture
def images(studio: Studio) -> Images:
    return Images(studio)


@pytest.fixture
def with_model(studio: Studio, tiny_model: Path) -> Studio:
    """The studio with a model in production and no worker."""
    register_starter(Studio(**{**vars(studio), "settings": Settings(home=studio.settings.home, model=tiny_model)}))
    return studio


def gallery_of(page: AppTest) -> dict[str, Any]:
    """What the gallery on a page was given to show."""
    (found,) = page.get("bidi_component")
    shown: dict[str, Any] = json.loads(found.proto.json)
    return shown


def told(page: AppTest) -> str:
    """All the words of notices, captions and paragraphs on a page."""
    kinds = (page.markdown, page.caption, page.info, page.warning, page.error, page.success, page.subheader)
    return "\n".join(element.value for kind in kinds for element in kind)


def press(page: AppTest, label: str) -> AppTest:
    """Press the one button whose label begins like this."""
    (button,) = [button for button in page.button if button.label.startswith(label)]
    return button.click().run()
