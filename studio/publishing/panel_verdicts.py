"""The verdicts of all channels in the few words that fit beside an image under review."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from studio.images.assets import AssetView
from studio.publishing.pack_checks import Finding, PackVerdict, demanded
from studio.publishing.packs import Measure
from studio.publishing.verdict_rows import verdicts_of

_SIZE = (Measure.LONGEST, Measure.SHORTEST, Measure.WIDTH, Measure.HEIGHT, Measure.MEGAPIXELS)
_WHITE = (Measure.BORDER_WHITENESS, Measure.EXACT_WHITE)


@dataclass(frozen=True)
class Fault:
    """What a channel would refuse: the rule ("size", "white" or what it measures), the value that was found (None: it
    is a word, or could not be measured), and what is wanted, such as "≥ 85".
    """

    rule: str
    got: float | None
    wanted: str


@dataclass(frozen=True)
class ChannelVerdict:
    """How an image stands with a channel; no faults: nothing is known that keeps it out. What an export mends is none.

    waits: whether some rule asks for a score that is not there yet.
    """

    name: str
    faults: tuple[Fault, ...]
    source: str
    read: dt.date
    waits: bool


def panel_verdicts(session: Session, view: AssetView) -> tuple[ChannelVerdict, ...]:
    """How an image stands with each channel, one fault of a kind."""
    return tuple(_short(verdict) for verdict in verdicts_of(session, view))


def _short(verdict: PackVerdict) -> ChannelVerdict:
    faults = {fault.rule: fault for fault in reversed([_fault(one) for one in verdict.broken if one.keeps_out])}
    source = verdict.pack.source
    waits = any(one.rule.severity == "refused" for one in verdict.unmeasured)
    return ChannelVerdict(verdict.pack.name, tuple(reversed(faults.values())), source.name, source.read, waits)


def _fault(finding: Finding) -> Fault:
    check = finding.rule.check
    rule = "size" if check in _SIZE else "white" if check in _WHITE else check.value
    got = finding.got if isinstance(finding.got, int | float) else None
    return Fault(rule, got, demanded(finding.rule).removesuffix(" px").removesuffix(" %"))
