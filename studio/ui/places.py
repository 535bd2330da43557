"""Where the pages are, for the router and for links between them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

Place = Literal[
    "home",
    "catalogue",
    "generate",
    "review",
    "quality",
    "jobs",
    "models",
    "people",
    "fine_tune",
    "library",
    "activity",
    "account",
    "settings",
    "recalls",
    "reviewers",
    "house_style",
    "alerts",
]

_PAGES = Path(__file__).resolve().parents[2] / "pages"


def page_of(place: Place) -> str:
    """The script of a page, as `st.Page`, `st.page_link` and `st.switch_page` take it."""
    return str(_PAGES / f"{place}.py")
