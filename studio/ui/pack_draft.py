"""A pack of rules while it is written in a form: from a pack to begin with, to the content that is saved."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from studio.publishing.pack_checks import UNITS, demanded
from studio.publishing.packs import WORDS, Measure, Rule, RulePack
from studio.ui.i18n import t
from studio.ui.pack_words import MEASURES

KILO: Final = 1000.0
"""Bytes are written in KB."""

_KEY_LETTERS = 32


@dataclass(frozen=True)
class Line:
    """A rule of the form. number: its own among all lines that were ever in the form. begun: the rule that it was
    copied from; None for a new one.
    """

    number: int
    check: Measure
    begun: Rule | None = None


@dataclass
class Draft:
    """What the form holds besides the values of its widgets. key: of the pack that is changed, empty for a new one.

    begun: the pack that it began as. turn: rises when the form begins anew, so that no widget keeps an old value.
    """

    key: str = ""
    begun: RulePack | None = None
    turn: int = 0
    lines: list[Line] = field(default_factory=list)
    lines_ever: int = 0

    def add(self, check: Measure, begun: Rule | None = None) -> None:
        """One more rule."""
        self.lines.append(Line(self.lines_ever, check, begun))
        self.lines_ever += 1

    def drop(self, number: int) -> None:
        """Take a rule out."""
        self.lines = [line for line in self.lines if line.number != number]


def begin(pack: RulePack | None, *, key: str = "", turn: int = 0) -> Draft:
    """A form that holds the rules of a pack, or none."""
    draft = Draft(key, pack, turn)
    for rule in pack.rules if pack else ():
        draft.add(rule.check, rule)
    return draft


def unit_of(check: Measure) -> str:
    """What the numbers of a measure are written in; empty where they are bare numbers or words."""
    return "KB" if check is Measure.FILE_BYTES else UNITS.get(check, "").strip()


def fault_of(demand: dict[str, Any]) -> str | None:
    """What is missing in a rule, in words; None where it says something."""
    if demand["check"] in WORDS:
        return None if demand.get("one_of") else t("Choose at least one.")
    low, high = demand.get("at_least"), demand.get("at_most")
    if low is None and high is None:
        return t("Fill in one of the two numbers, or both.")
    if low is not None and high is not None and low > high:
        return t("The least is above the most.")
    start, end = demand.get("valid_from"), demand.get("valid_until")
    return t("It would end before it begins.") if start and end and start >= end else None


def in_words(demand: dict[str, Any]) -> str:
    """The sentence of a rule that was given none, such as "Fill: 75-90 %"; empty while it demands nothing."""
    try:
        rule = Rule.model_validate({**demand, "id": "rule", "text": "-", "severity": "refused"})
    except ValidationError:
        return ""
    return f"{t(MEASURES[rule.check])}: {demanded(rule)}"


def rule_content(line: Line, demand: dict[str, Any], text: str) -> dict[str, Any]:
    """A rule as `read_pack` takes it, but for its id. A copied sentence goes where the demand that it tells changed."""
    begun = line.begun
    if begun is None:
        return {**demand, "text": text.strip() or in_words(demand)}
    as_it_was = (begun.at_least, begun.at_most, begun.one_of)
    changed = (demand.get("at_least"), demand.get("at_most"), tuple(demand.get("one_of", ()))) != as_it_was
    copied = text in (begun.text, t(begun.text))
    told = "" if copied and changed else text.strip()
    source = {"source": begun.source.model_dump(mode="json")} if begun.source and not changed else {}
    return {**demand, "text": told or in_words(demand), **source}


def with_ids(lines: Collection[tuple[Line, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Each rule with an id of its own: the one it had, or one after its measure."""
    used = {line.begun.id for line, _ in lines if line.begun}
    found = []
    for line, content in lines:
        name = line.begun.id if line.begun else free(line.check.value, used)
        used.add(name)
        found.append({**content, "id": name})
    return found


def key_of(name: str, taken: Collection[str]) -> str:
    """A key for a new pack after its name, such as "my_shop"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return free(re.sub(r"[^a-z0-9]+", "_", plain)[:_KEY_LETTERS].strip("_") or "own", taken)


def free(name: str, taken: Collection[str]) -> str:
    """The name, with a number behind it where it is taken."""
    if name not in taken:
        return name
    return next(other for at in range(2, len(taken) + 3) if (other := f"{name}_{at}") not in taken)


def head_content(draft: Draft, name: str, taken: Collection[str]) -> dict[str, Any]:
    """Key and date of the pack: a new one is named after its name, and each version is of today."""
    today = dt.datetime.now(dt.UTC).date().isoformat()
    return {"key": draft.key or key_of(name, taken), "name": name, "dated": today}
