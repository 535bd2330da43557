"""Which images of the queue: the filter, and its text in the addresses of pages, routes and saved views."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from db.tables import AssetState, Purpose
from studio.errors import InputError
from studio.images.library import ScoreRange
from studio.review.states import REASONS
from studio.review.verdicts import VERDICTS, Days

ALL = "all"
"""What an address says for images of every state; without any word it means those that wait for review."""

Assignee = int | Literal["me", "nobody"]
"""A person by id, the one who asks, or that nobody is to look at the image in particular."""

T = TypeVar("T")


@dataclass(frozen=True)
class Foretold:
    """Images on whose verdicts version `version` of the calibration was judged, and to which it had given a probability
    of approval from `low` to `high`, both included; None is open.
    """

    version: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class QueueFilter:
    """Which images; a field that is None (or empty) does not narrow.

    `mine`: made by the one who asks. `text`: words that the product's title or SKU, or the brief, must all hold.
    `verdict`: the outcome of the review that stands, APPROVED or CHANGES_REQUESTED, `reason` its key and `decided` its
    days (`Days()`: decided at any time). `made`: the days on which the image was made. `score`: one of its scores lies
    in a range. `foretold`: those behind a figure of a calibration. `assignee`: who is to look at it. `waited_hours`:
    it has been in its state for at least so long. `claimed`: images that wait for review and that another reviewer
    holds are left out, unless this is set.
    """

    state: AssetState | None = None
    category: str | None = None
    model_version_id: int | None = None
    purpose: Purpose | None = None
    mine: bool = False
    text: str = ""
    product_id: int | None = None
    verdict: AssetState | None = None
    reason: str | None = None
    decided: Days | None = None
    made: Days | None = None
    score: ScoreRange | None = None
    foretold: Foretold | None = None
    assignee: Assignee | None = None
    waited_hours: int | None = None
    claimed: bool = False


def as_query(wanted: QueueFilter) -> dict[str, str]:
    """The filter as the query of an address, in words that no language changes."""
    query = {
        "state": wanted.state or ALL,
        "category": wanted.category,
        "model": wanted.model_version_id,
        "purpose": wanted.purpose,
        "mine": "1" if wanted.mine else None,
        "text": wanted.text,
        "product": wanted.product_id,
        "verdict": wanted.verdict,
        "reason": wanted.reason,
        "decided": wanted.decided,
        "made": wanted.made,
        "score": written_range(wanted.score),
        "foretold": written_foretold(wanted.foretold),
        "assignee": wanted.assignee,
        "waited": wanted.waited_hours,
        "claimed": "1" if wanted.claimed else None,
    }
    return {name: str(value) for name, value in query.items() if value}


def from_query(query: Mapping[str, str]) -> QueueFilter:
    """The filter that an address asks for; names that are not of the filter are passed over. Raises InputError."""

    def read(name: str, parse: Callable[[str], T]) -> T | None:
        raw = query.get(name, "")
        return parse(raw) if raw else None

    state = query.get("state") or AssetState.IN_REVIEW
    return QueueFilter(
        state=None if state == ALL else _one_of("state", tuple(AssetState), state),
        category=query.get("category") or None,
        model_version_id=read("model", lambda raw: _number("model", raw)),
        purpose=read("purpose", lambda raw: _one_of("purpose", tuple(Purpose), raw)),
        mine=query.get("mine") == "1",
        text=query.get("text", ""),
        product_id=read("product", lambda raw: _number("product", raw)),
        verdict=read("verdict", lambda raw: _one_of("verdict", VERDICTS, raw)),
        reason=read("reason", lambda raw: _one_of("reason", tuple(REASONS), raw)),
        decided=read("decided", Days.parse),
        made=read("made", Days.parse),
        score=read("score", read_range),
        foretold=read("foretold", read_foretold),
        assignee=read("assignee", _assignee),
        waited_hours=read("waited", lambda raw: _number("waited", raw)),
        claimed=query.get("claimed") == "1",
    )


def written_range(score: ScoreRange | None) -> str:
    """A range of a score as text: "sharpness:1.3..", "fill:60..96"; empty for none."""
    if score is None:
        return ""
    low, high = ("" if end is None else f"{end:g}" for end in (score.low, score.high))
    return f"{score.metric}:{low}..{high}"


def read_range(text: str) -> ScoreRange:
    """Read the text form. Raises InputError."""
    metric, colon, ends = text.partition(":")
    low, dots, high = ends.partition("..")
    try:
        if not (colon and dots):
            raise ValueError(text)
        return ScoreRange(metric, *(float(end) if end else None for end in (low, high)))
    except ValueError as error:
        raise InputError(f"A range of a score is given as sharpness:1.3..2 (an end may be empty), got {text!r}.") from (
            error
        )


def written_foretold(foretold: Foretold | None) -> str:
    """A range of foretold probabilities as text: "3:0.8..0.95" by version 3; every digit counts. Empty for none."""
    if foretold is None:
        return ""
    low, high = ("" if end is None else repr(end) for end in (foretold.low, foretold.high))
    return f"{foretold.version}:{low}..{high}"


def read_foretold(text: str) -> Foretold:
    """Read the text form. Raises InputError."""
    version, _, ends = text.partition(":")
    low, dots, high = ends.partition("..")
    try:
        if not dots:
            raise ValueError(text)
        return Foretold(_number("calibration", version), *(float(end) if end else None for end in (low, high)))
    except ValueError as error:
        raise InputError(
            f"Foretold probabilities are given as 3:0.8..0.95, by version 3 (an end may be empty), got {text[:80]!r}."
        ) from error


def _one_of(name: str, known: tuple[T, ...], raw: str) -> T:
    for value in known:
        if value == raw:
            return value
    raise InputError(f"There is no {name} {raw[:80]!r}; there are: {', '.join(map(str, known))}.")


def _number(name: str, raw: str) -> int:
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 10):
        raise InputError(f"The {name} of a filter is a whole number, got {raw[:80]!r}.")
    return int(raw)


def _assignee(raw: str) -> Assignee:
    if raw == "me":
        return "me"
    return "nobody" if raw == "nobody" else _number("assignee", raw)
