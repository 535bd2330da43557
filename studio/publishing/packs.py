"""Packs of rules, one for each channel: dated data that say what a channel demands of an image, with their sources.

The shipped packs are the files of `rule_packs/`; a team's own ones are rows (`own_packs.py`) of the same shape.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from studio.errors import InputError
from studio.publishing.marking import FORMATS

FOLDER = Path(__file__).with_name("rule_packs")
MOST_RULES = 60
MOST_BYTES = 200_000
"""Of a pack as a file."""


class Measure(StrEnum):
    """What of an image a rule looks at. Sides in pixels, FILE_BYTES in bytes, ASPECT is width by height; FORMAT, ORIGIN
    and PURPOSE are words, all others scores of an image (`ecomgan.metrics`), in their units.
    """

    LONGEST = "longest"
    SHORTEST = "shortest"
    WIDTH = "width"
    HEIGHT = "height"
    MEGAPIXELS = "megapixels"
    FILE_BYTES = "file_bytes"
    ASPECT = "aspect"
    FORMAT = "format"
    ORIGIN = "origin"
    PURPOSE = "purpose"
    MARKING = "marking"
    EXACT_WHITE = "exact_white"
    BORDER_WHITENESS = "border_whiteness"
    FILL = "fill"
    CENTRING = "centring"
    SHARPNESS = "sharpness"
    NOISE = "noise"
    BLOCKING = "blocking"
    CROPPED = "cropped"
    SHADOW = "shadow"
    OVERLAY = "overlay"
    SKIN = "skin"


WORDS: dict[Measure, tuple[str, ...]] = {
    Measure.FORMAT: ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"),
    Measure.ORIGIN: ("photo", "generated"),
    Measure.PURPOSE: ("concept", "placeholder", "ad", "listing"),
    Measure.MARKING: ("trainedAlgorithmicMedia", "none"),
}
"""The values of the measures that are words; all others are numbers. MARKING is the IPTC digital source type that the
file names: every export of a generated image names it."""

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$", max_length=40)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Source(_Part):
    """Where a rule was read, and when. confidence: "official" (the channel's own page), "secondary" (several others
    that agree), "own" (the team's word), "low" (one other, or remembered).
    """

    name: Line
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=300)] | None = None
    read: dt.date
    confidence: Literal["official", "secondary", "own", "low"]


class Rule(_Part):
    """One demand: the measure lies from `at_least` to `at_most`, or is `one_of` these words.

    severity: "refused" keeps the image out, "advised" does not. In force from `valid_from` up to the day before
    `valid_until`. source: None is that of the pack.
    """

    id: Key
    text: Line
    check: Measure
    at_least: float | None = None
    at_most: float | None = None
    one_of: tuple[str, ...] = ()
    severity: Literal["refused", "advised"]
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    source: Source | None = None

    @model_validator(mode="after")
    def _demands_something(self) -> Self:
        if words := WORDS.get(self.check):
            if not self.one_of or self.at_least is not None or self.at_most is not None:
                raise ValueError(f"{self.check.value} is a word: say one_of some of {', '.join(words)}")
            if strange := [word for word in self.one_of if word not in words]:
                raise ValueError(f"{self.check.value} is never {strange[0]!r}, only {', '.join(words)}")
        elif self.one_of or (self.at_least is None and self.at_most is None):
            raise ValueError(f"{self.check.value} is a number: say at_least or at_most, or both")
        elif self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(f"at_least {self.at_least:g} is above at_most {self.at_most:g}")
        if self.valid_from and self.valid_until and self.valid_from >= self.valid_until:
            raise ValueError(f"valid_until {self.valid_until} is not after valid_from {self.valid_from}")
        return self

    def holds_on(self, day: dt.date) -> bool:
        """Whether the rule is in force on that day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_until is None or day < self.valid_until)

    def accepts(self, value: float | str) -> bool:
        """Whether this value fulfils the rule."""
        if isinstance(value, str):
            return value in self.one_of
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)


class Frame(_Part):
    """The file that a channel likes best: what an export and a finishing for it make. fill: per cent of the frame."""

    width: Annotated[int, Field(ge=100, le=8_000)]
    height: Annotated[int, Field(ge=100, le=8_000)]
    fill: Annotated[float, Field(ge=10, le=100)] = 85.0
    image_format: str = "JPEG"

    @field_validator("image_format")
    @classmethod
    def _can_be_marked(cls, value: str) -> str:
        if value not in FORMATS:
            raise ValueError(f"an export is written as {', '.join(FORMATS)}, got {value!r}")
        return value


class RulePack(_Part):
    """What a channel demands of a main image, as it was known on the day `dated`. frame: None, images go as made."""

    key: Key
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    version: Annotated[int, Field(ge=1)] = 1
    dated: dt.date
    note: Annotated[str, StringConstraints(max_length=600)] = ""
    source: Source
    frame: Frame | None = None
    rules: Annotated[tuple[Rule, ...], Field(min_length=1, max_length=MOST_RULES)]

    @model_validator(mode="after")
    def _names_each_rule_once(self) -> Self:
        ids = [rule.id for rule in self.rules]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"the id of each rule is its own, {twice[0]!r} is there twice")
        return self

    def in_force(self, day: dt.date) -> tuple[Rule, ...]:
        """The rules of that day."""
        return tuple(rule for rule in self.rules if rule.holds_on(day))

    def edition(self, day: dt.date) -> str:
        """Version and the last day, up to this one, on which a rule came or went: the same rules, the same edition."""
        turns = [turn for rule in self.rules for turn in (rule.valid_from, rule.valid_until) if turn and turn <= day]
        return f"{self.version}.{max([self.dated, *turns]).isoformat()}"


def read_pack(content: str | bytes | Mapping[str, Any]) -> RulePack:
    """A pack from its JSON. Raises InputError that names the place of each fault (at most three) and what is right."""
    if not isinstance(content, Mapping):
        if len(content) > MOST_BYTES:
            raise InputError(f"A pack of rules has up to {MOST_BYTES:,} bytes, got {len(content):,}.")
        try:
            content = json.loads(content)
        except ValueError as error:  # no UTF-8, or no JSON
            raise InputError("This file is no JSON: {fault}.", fault=error) from None
        if not isinstance(content, dict):
            raise InputError('A pack of rules is a JSON object such as {"key": "my_shop", ...}.')
    try:
        return RulePack.model_validate_json(json.dumps(content))
    except ValidationError as error:
        faults = "; ".join(_told(fault, content) for fault in error.errors(include_url=False)[:3])
        raise InputError("This pack of rules cannot be used. {faults}.", faults=faults) from None


@cache
def shipped_packs() -> Mapping[str, RulePack]:
    """The packs that come with the studio, by key, in the order of their names."""
    packs = [read_pack(file.read_bytes()) for file in FOLDER.glob("*.json")]
    return {pack.key: pack for pack in sorted(packs, key=lambda pack: pack.name.casefold())}


def _told(fault: Any, content: Mapping[str, Any]) -> str:
    """ "rule 2 (longest), at_least: ..." """
    place = list(fault["loc"])
    where = ""
    if place[:1] == ["rules"] and len(place) > 1:
        rule = content["rules"][place[1]]
        name = rule.get("id") if isinstance(rule, dict) else None
        where = f"rule {place[1] + 1}" + (f" ({name})" if isinstance(name, str) else "")
        place = place[2:]
    said = str(fault["msg"]).removeprefix("Value error, ")
    parts = [part for part in (where, ".".join(map(str, place))) if part]
    return f"{', '.join(parts)}: {said}" if parts else said
