"""Galleries of results: what Python sends to them and what comes back. Their files stand in `components/gallery/`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import streamlit as st

from studio.ui.component_files import component
from studio.ui.i18n import language, t
from studio.ui.labels import METRICS, Tone


@dataclass(frozen=True)
class Badge:
    """One figure of an image: the key of its score, the short name, the written value, whether it is good."""

    metric: str
    name: str
    value: str
    tone: Tone


@dataclass(frozen=True)
class Card:
    """One image of a gallery."""

    id: int
    thumbnail: str
    image: str
    download: str
    alt: str
    title: str
    caption: str
    state_label: str
    tone: Tone
    badges: tuple[Badge, ...] = ()


@dataclass(frozen=True)
class PickedAction:
    """What the visitor asked for in a gallery of results: `submit` to review, or `more` like these."""

    name: Literal["submit", "more"]
    ids: tuple[int, ...]


def view(cards: Sequence[Card], *, key: str, size: Literal["small", "medium", "large"] = "medium") -> None:
    """Images to look at: a click enlarges one."""
    component("gallery")(key=key, data=_data(cards, "view", size))


def browse(cards: Sequence[Card], *, key: str) -> int | None:
    """Images to look through; a click opens one. Returns the id of the image to open, if one was chosen in this run."""
    result = component("gallery")(key=key, data=_data(cards, "browse", "small"), on_open_change=lambda: None)
    asked: Mapping[str, Any] | None = result.get("open")
    return int(asked["id"]) if asked else None


def pick(cards: Sequence[Card], *, key: str, may_submit: bool) -> PickedAction | None:
    """Results to select from. Returns what the visitor asked for in this run, if anything."""
    data = _data(cards, "pick", "large") | {"may_submit": may_submit}
    result = component("gallery")(key=key, data=data, on_action_change=lambda: None)
    asked: Mapping[str, Any] | None = result.get("action")
    return PickedAction(asked["name"], tuple(int(id_) for id_ in asked["ids"])) if asked else None


def _data(cards: Sequence[Card], mode: str, size: str) -> dict[str, Any]:
    return {
        "mode": mode,
        "size": size,
        "items": [_item(card, mode) for card in cards],
        "hints": {key: t(metric.meaning) for key, metric in METRICS.items()},
        "labels": _labels(),
        "locale": st.context.locale or language(),
        "keys": [
            ("← → ↑ ↓", t("move")),
            ("X", t("select")),
            ("Z", t("enlarge, and back")),
            ("?", t("these keys")),
        ],
    }


def _item(card: Card, mode: str) -> dict[str, Any]:
    """What the browser needs of a card; results are sent again and again while an order runs."""
    item = asdict(card)
    if mode in ("view", "browse"):
        del item["badges"]
    return item


def _labels() -> dict[str, str]:
    return {
        "zoom": t("Enlarge"),
        "close": t("Close"),
        "keys": t("Keys"),
        "download": t("Download"),
        "select": t("Select"),
        "selected": t("selected"),
        "select_all": t("Select all"),
        "select_none": t("Select none"),
        "chosen": t("{n} of {all} selected"),
        "submit": t("Send to review"),
        "submit_short": t("To review"),
        "submit_selected": t("Send selected to review"),
        "more": t("More like this"),
        "more_short": t("More"),
    }
