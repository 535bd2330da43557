"""The gallery component: what Python sends to it and what comes back. Its files stand in `components/gallery/`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from studio.review.states import REASONS, Action, Family
from studio.ui.i18n import language, msg, t
from studio.ui.labels import ASSET_STATES, METRICS, Tone

_FOLDER = Path(__file__).parent / "components" / "gallery"
_SCRIPTS = ("dom.js", "outbox.js", "viewer.js", "inspector.js", "cards.js", "gallery.js")
_REASON_KEYS = "123456789qwetyuop"  # `r` closes the list that it opened

FAMILIES: dict[Family, str] = {
    Family.FACTUAL: msg("Not the product"),
    Family.ARTEFACT: msg("Badly made"),
    Family.CHANNEL: msg("Breaks a channel's rule"),
    Family.RIGHTS: msg("Someone else's rights"),
}


@dataclass(frozen=True)
class Badge:
    """One figure of an image: the key of its score, the short name, the written value, whether it is good."""

    metric: str
    name: str
    value: str
    tone: Tone


@dataclass(frozen=True)
class Card:
    """One image of the gallery. `may` holds the actions open to the reader, `locked` why one that is usual is not,
    `note` what else there is to know, such as why it was rejected.
    """

    id: int
    thumbnail: str
    large: str
    image: str
    download: str
    alt: str
    title: str
    caption: str
    state_label: str
    tone: Tone
    revision: int
    badges: tuple[Badge, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    may: tuple[str, ...] = ()
    locked: str = ""
    note: str = ""
    photo: str = ""


@dataclass(frozen=True)
class PickedAction:
    """What the visitor asked for in a gallery of results: `submit` to review, or `more` like these."""

    name: Literal["submit", "more"]
    ids: tuple[int, ...]


@dataclass(frozen=True)
class ReviewSession:
    """Who reviews, how many images fit the filters of the page in all, and whether these wait for review."""

    user: int
    total: int
    waiting: bool
    families: tuple[tuple[str, tuple[dict[str, str], ...]], ...] = field(default_factory=lambda: _families())


def view(cards: Sequence[Card], *, key: str, size: Literal["small", "medium", "large"] = "medium") -> None:
    """Images to look at: a click enlarges one."""
    _component()(key=key, data=_data(cards, "view", size))


def browse(cards: Sequence[Card], *, key: str) -> int | None:
    """Images to look through; a click opens one. Returns the id of the image to open, if one was chosen in this run."""
    result = _component()(key=key, data=_data(cards, "browse", "small"), on_open_change=lambda: None)
    asked: Mapping[str, Any] | None = result.get("open")
    return int(asked["id"]) if asked else None


def pick(cards: Sequence[Card], *, key: str, may_submit: bool) -> PickedAction | None:
    """Results to select from. Returns what the visitor asked for in this run, if anything."""
    data = _data(cards, "pick", "large") | {"may_submit": may_submit}
    result = _component()(key=key, data=data, on_action_change=lambda: None)
    asked: Mapping[str, Any] | None = result.get("action")
    return PickedAction(asked["name"], tuple(int(id_) for id_ in asked["ids"])) if asked else None


def review(cards: Sequence[Card], session: ReviewSession, *, key: str) -> bool:
    """Images to decide on. Decisions go to the REST routes, not through Streamlit: none is lost or merged.

    Returns whether the visitor asked for the next images, when all of these are decided and saved.
    """
    data = _data(cards, "review", "small") | {
        "user": session.user,
        "total": session.total,
        "waiting": session.waiting,
        "decisions": "/api/v1/decisions",
        "history": "/api/v1/assets/{id}/decisions",
        "states": {state: t(label) for state, (label, _) in ASSET_STATES.items()},
        "reasons": {key: t(reason.label) for key, reason in REASONS.items()},
        "families": session.families,
        "actions": _actions(),
        "keys": _keys(),
    }
    return bool(_component()(key=key, data=data, on_next_change=lambda: None).get("next"))


def _component() -> Any:
    """The mounting command. Registering the same files again changes nothing."""
    return st.components.v2.component("ecomgan_gallery", **_sources(), isolate_styles=True)


@cache
def _sources() -> dict[str, str]:
    return {
        "html": (_FOLDER / "gallery.html").read_text("utf-8"),
        "css": (_FOLDER / "gallery.css").read_text("utf-8"),
        "js": "\n".join((_FOLDER / name).read_text("utf-8") for name in _SCRIPTS),
    }


def _data(cards: Sequence[Card], mode: str, size: str) -> dict[str, Any]:
    return {
        "mode": mode,
        "size": size,
        "items": [_item(card, mode) for card in cards],
        "hints": {key: t(metric.meaning) for key, metric in METRICS.items()},
        "labels": _labels(),
        "locale": st.context.locale or language(),
        "keys": _keys() if mode == "review" else _look_keys(),
    }


def _item(card: Card, mode: str) -> dict[str, Any]:
    """What the browser needs of a card; results are sent again and again while an order runs, so without the rest."""
    item = asdict(card)
    if mode != "review":
        for name in ("large", "facts", "may", "locked", "note"):
            del item[name]
    if mode in ("view", "browse"):
        del item["badges"]
    return item


def _families() -> tuple[tuple[str, tuple[dict[str, str], ...]], ...]:
    keyed = dict(zip(REASONS, _REASON_KEYS, strict=False))
    return tuple(
        (
            t(name),
            tuple(
                {"id": key, "label": t(reason.label), "key": keyed[key]}
                for key, reason in REASONS.items()
                if reason.family is family
            ),
        )
        for family, name in FAMILIES.items()
    )


def _actions() -> list[dict[str, str]]:
    return [
        {"id": Action.APPROVE, "label": t("Approve"), "key": "A", "look": "primary"},
        {"id": Action.REJECT, "label": t("Reject"), "key": "R", "look": "plain"},
        {"id": Action.SUBMIT, "label": t("Send to review"), "key": "", "look": "plain"},
        {"id": Action.REOPEN, "label": t("Reopen"), "key": "", "look": "plain"},
        {"id": Action.PUBLISH, "label": t("Mark as published"), "key": "", "look": "plain"},
        {"id": Action.WITHDRAW, "label": t("Withdraw"), "key": "", "look": "quiet"},
    ]


def _keys() -> list[tuple[str, str]]:
    return [
        ("A", t("approve the image in focus")),
        ("R", t("reject it; then a key for the reason")),
        ("U", t("undo your last decision")),
        ("← → ↑ ↓", t("move")),
        ("J K", t("next, previous")),
        ("Z", t("enlarge, and back")),
        ("C", t("compare with the real photo")),
        ("?", t("these keys")),
    ]


def _look_keys() -> list[tuple[str, str]]:
    return [
        ("← → ↑ ↓", t("move")),
        ("X", t("select")),
        ("Z", t("enlarge, and back")),
        ("?", t("these keys")),
    ]


def _labels() -> dict[str, Any]:
    return {
        "approve": t("Approve"),
        "reject": t("Reject"),
        "undo": t("Undo"),
        "zoom": t("Enlarge"),
        "close": t("Close"),
        "cancel": t("Cancel"),
        "keys": t("Keys"),
        "download": t("Download"),
        "photo": t("Real photo"),
        "generated": t("Generated"),
        "why": t("Why? Press a key or click."),
        "comment": t("Comment (optional)"),
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
        "images": t("{n} images"),
        "history": t("What happened"),
        "taken_back": t("taken back"),
        "count": t("{decided} decided · {left} left"),
        "rate": t("{n} a minute"),
        "next": t("Next images"),
        "saving": t("Saving {n} …"),
        "saved": t("All decisions saved"),
        "offline": t("No connection: {n} decisions wait here and are sent by themselves"),
        "signed_out": t("Signed out: sign in in another tab, then the {n} decisions that wait here are sent"),
        "nothing_here": t("No image is in focus."),
        "decided_already": t("Decided already. U takes it back."),
        "not_now": t("This image is not open to that decision."),
        "nothing_to_undo": t("Nothing to undo here."),
        "undone": t("Taken back."),
        "marks": {
            Action.APPROVE: t("Approved"),
            Action.REJECT: t("Rejected"),
            Action.SUBMIT: t("Sent to review"),
            Action.REOPEN: t("Reopened"),
            Action.PUBLISH: t("Published"),
            Action.WITHDRAW: t("Withdrawn"),
            "undo": t("Taking back"),
        },
        "phases": {"pending": t("saving"), "saved": "", "refused": t("refused")},
    }
