"""What marketplaces ask of a main image, as far as the scores of an image tell: passed or not, channel by channel.

The values are this project's summary of the channels' published rules, of the day that stands beside them; they were
not checked against the originals since. How white a border must measure to pass for white is our own reading. A
channel's frame is no fault here: export fits it. Size is one: enlarging adds no detail.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

_SUMMARISED = dt.date(2026, 11, 23)
_SOURCE = "our summary of the published rules"


@dataclass(frozen=True)
class ChannelRule:
    """What a channel wants of a main image; an end that is None is open.

    longest: pixels of the longer side. fill: per cent of the frame that the product spans. white: per cent of the
    frame's border that is white.
    """

    name: str
    source: str = _SOURCE
    read: dt.date = _SUMMARISED
    longest: int | None = None
    fill_least: float | None = None
    fill_most: float | None = None
    white: float | None = None


RULES: tuple[ChannelRule, ...] = (
    ChannelRule("Amazon", longest=500, fill_least=85.0, white=99.5),
    ChannelRule("Google Merchant", longest=250, fill_least=75.0, fill_most=90.0),
    ChannelRule("Walmart", longest=1_500, white=99.5),
    ChannelRule("Zalando", longest=1_100, white=95.0),
    ChannelRule("eBay", longest=500),
    ChannelRule("Taobao", longest=800, fill_least=37.5, white=99.5),
)
"""Google: of apparel, which wants more than other things. Taobao: 300 of 800 pixels."""


@dataclass(frozen=True)
class Fault:
    """What a channel would refuse: the rule ("size", "fill" or "white"), the value that was found (None: it could not
    be measured), and what is wanted, such as ">= 85".
    """

    rule: Literal["size", "fill", "white"]
    got: float | None
    wanted: str


@dataclass(frozen=True)
class ChannelVerdict:
    """How an image stands with a channel; no faults: it passes."""

    name: str
    faults: tuple[Fault, ...]
    source: str
    read: dt.date


def verdicts(height: int, width: int, scores: Mapping[str, float | None]) -> tuple[ChannelVerdict, ...]:
    """How an image of this size (pixels) and these scores stands with each channel."""
    return tuple(
        ChannelVerdict(rule.name, tuple(_faults(rule, max(height, width), scores)), rule.source, rule.read)
        for rule in RULES
    )


def _faults(rule: ChannelRule, longest: int, scores: Mapping[str, float | None]) -> list[Fault]:
    found: list[Fault] = []
    if rule.longest is not None and longest < rule.longest:
        found.append(Fault("size", longest, f"≥ {rule.longest}"))
    if rule.fill_least is not None or rule.fill_most is not None:
        fill = scores.get("fill")
        low, high = rule.fill_least or 0.0, 100.0 if rule.fill_most is None else rule.fill_most
        if fill is None or not low <= fill <= high:
            found.append(Fault("fill", fill, f"≥ {low:g}" if rule.fill_most is None else f"{low:g}–{high:g}"))
    if rule.white is not None:
        white = scores.get("border_whiteness")
        if white is None or white < rule.white:
            found.append(Fault("white", white, f"≥ {rule.white:g}"))
    return found
