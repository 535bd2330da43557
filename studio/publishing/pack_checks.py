"""How an image stands with a channel: each rule in force, what was measured, and what would mend it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from db.tables import VerdictOutcome
from studio.publishing.pack_fixes import MENDED_ON_EXPORT, Fix, fix_for
from studio.publishing.packs import Measure, Rule, RulePack

GENERATED = "generated"
MARKED, UNMARKED = "trainedAlgorithmicMedia", "none"

_PIXELS = {Measure.LONGEST, Measure.SHORTEST, Measure.WIDTH, Measure.HEIGHT}
UNITS = {
    **dict.fromkeys(_PIXELS, " px"),
    Measure.MEGAPIXELS: " MP",
    Measure.FILL: " %",
    Measure.BORDER_WHITENESS: " %",
    Measure.EXACT_WHITE: " %",
    Measure.CROPPED: " %",
    Measure.OVERLAY: " %",
    Measure.SKIN: " %",
}
"""What stands behind the number of a measure; FILE_BYTES is told in KB or MB."""


@dataclass(frozen=True)
class Facts:
    """What is known of an image file. Pixels and bytes (None: not looked at); image_format as Pillow names it; marking:
    its digital source type; scores by metric, None where one could not be measured.
    """

    height: int
    width: int
    image_format: str
    purpose: str
    file_bytes: int | None = None
    marking: str = UNMARKED
    origin: str = GENERATED
    scores: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """What a rule says of an image. got: None where it could not be measured, or was not yet ("unmeasured").

    fix: what would mend it; None for a rule that is not broken.
    """

    rule: Rule
    outcome: Literal["passes", "fails", "unmeasured"]
    got: float | str | None = None
    fix: Fix | None = None

    @property
    def keeps_out(self) -> bool:
        """Whether the channel would refuse the image for it, even as an export writes it."""
        broken = self.outcome == "fails" and self.rule.severity == "refused"
        return broken and not (self.fix is not None and self.fix.on_export)


@dataclass(frozen=True)
class PackVerdict:
    """How an image stands with a pack of rules on a day: a finding for each rule in force, in the order of the pack."""

    pack: RulePack
    edition: str
    findings: tuple[Finding, ...]

    @property
    def broken(self) -> tuple[Finding, ...]:
        """The rules that the image does not fulfil, those that keep it out first."""
        fails = [one for one in self.findings if one.outcome == "fails"]
        return tuple(sorted(fails, key=lambda one: (not one.keeps_out, one.rule.severity != "refused")))

    @property
    def unmeasured(self) -> tuple[Finding, ...]:
        """The rules that nothing can be said about before a score is taken."""
        return tuple(one for one in self.findings if one.outcome == "unmeasured")

    @property
    def outcome(self) -> VerdictOutcome:
        """All findings in a word; advice does not count."""
        if any(one.keeps_out for one in self.findings):
            return VerdictOutcome.REFUSED
        demands = [one for one in self.findings if one.rule.severity == "refused"]
        if any(one.outcome == "unmeasured" for one in demands):
            return VerdictOutcome.UNMEASURED
        if any(one.outcome == "fails" for one in demands):
            return VerdictOutcome.ON_EXPORT
        return VerdictOutcome.PASSES


def judge(pack: RulePack, facts: Facts, day: dt.date) -> PackVerdict:
    """The image under the rules that are in force on `day`."""
    return PackVerdict(pack, pack.edition(day), tuple(_find(pack, rule, facts) for rule in pack.in_force(day)))


def demanded(rule: Rule) -> str:
    """What the rule demands, short and in no language, such as "≥ 500 px" or "75–90 %"."""
    if rule.one_of:
        return ", ".join(rule.one_of)
    low, high = rule.at_least, rule.at_most
    if low is None or high is None:
        sign, bound = ("≤", high) if low is None else ("≥", low)
        return f"{sign} {written(rule.check, bound or 0.0)}"
    if low == high:
        return written(rule.check, low)
    first, second = written(rule.check, low), written(rule.check, high)
    unit = first.lstrip("0123456789.,")
    return f"{first.removesuffix(unit)}–{second}" if unit and second.endswith(unit) else f"{first}–{second}"


def written(measure: Measure, value: float | str) -> str:
    """A measured value with its unit; words as they are."""
    if isinstance(value, str):
        return value
    if measure is Measure.FILE_BYTES:
        return f"{value / 1e6:.3g} MB" if value >= 1e6 else f"{value / 1e3:.3g} KB"
    number = f"{value:,.0f}" if measure in _PIXELS else f"{float(f'{value:.3g}'):,g}"
    return number + UNITS.get(measure, "")


def value_of(facts: Facts, measure: Measure) -> float | str | None:
    """The value of a measure; None where it could not be measured. Raises KeyError where it was not measured yet."""
    match measure:
        case Measure.LONGEST:
            return max(facts.height, facts.width)
        case Measure.SHORTEST:
            return min(facts.height, facts.width)
        case Measure.WIDTH:
            return facts.width
        case Measure.HEIGHT:
            return facts.height
        case Measure.MEGAPIXELS:
            return facts.height * facts.width / 1e6
        case Measure.ASPECT:
            return facts.width / facts.height
        case Measure.FORMAT:
            return facts.image_format
        case Measure.ORIGIN:
            return facts.origin
        case Measure.PURPOSE:
            return facts.purpose
        case Measure.MARKING:
            return facts.marking
        case Measure.FILE_BYTES if facts.file_bytes is not None:
            return facts.file_bytes
        case _:
            return facts.scores[measure.value]


def _find(pack: RulePack, rule: Rule, facts: Facts) -> Finding:
    try:
        got = value_of(facts, rule.check)
    except KeyError:
        if rule.check in MENDED_ON_EXPORT:  # nobody asks for the bytes of a file that an export writes anew
            return Finding(rule, "passes")
        return Finding(rule, "unmeasured")
    if got is not None and rule.accepts(got):
        return Finding(rule, "passes", got)
    return Finding(rule, "fails", got, fix_for(pack, rule, got))
