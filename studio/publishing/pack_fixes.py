"""What would make an image fulfil a rule that it breaks: an export's own work, a finishing step, or another image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from studio.publishing.marking import FORMATS
from studio.publishing.packs import Frame, Measure, Rule, RulePack

if TYPE_CHECKING:
    from studio.publishing.pack_checks import PackVerdict

MUCH_ENLARGED: Final = 4.0
"""An export enlarges so many times and calls it mended; more looks too soft, and then finishing adds detail first."""

MENDED_ON_EXPORT: Final = frozenset({Measure.FORMAT, Measure.FILE_BYTES, Measure.MARKING})
"""What an export decides alone."""

_SIDES = frozenset({Measure.LONGEST, Measure.SHORTEST, Measure.WIDTH, Measure.HEIGHT, Measure.MEGAPIXELS})
_DETAIL: Final = {"step": "detail", "factor": 4}
_WHITE: Final = {"step": "white_background"}
_SHARPEN: Final = {"step": "sharpen"}


class FixKind(StrEnum):
    """How a broken rule is mended. ANOTHER: only another image helps; PHOTOGRAPH: only a camera does."""

    EXPORT_AS = "export_as"
    EXPORT_LIGHTER = "export_lighter"
    EXPORT_MARKED = "export_marked"
    EXPORT_FRAMED = "export_framed"
    ENLARGE = "enlarge"
    REDUCE = "reduce"
    REFRAME = "reframe"
    WHITEN = "whiten"
    SHARPEN = "sharpen"
    PURPOSE = "purpose"
    ANOTHER = "another"
    PHOTOGRAPH = "photograph"


_ON_EXPORT = frozenset(
    {FixKind.EXPORT_AS, FixKind.EXPORT_LIGHTER, FixKind.EXPORT_MARKED, FixKind.EXPORT_FRAMED, FixKind.REDUCE}
)
_BY_FINISHING = frozenset({FixKind.ENLARGE, FixKind.REFRAME, FixKind.WHITEN, FixKind.SHARPEN})


@dataclass(frozen=True)
class Fix:
    """What mends a broken rule. factor: how many times the image must grow. frame: what it is set into.

    image_format: what an export writes.
    """

    kind: FixKind
    factor: float | None = None
    frame: Frame | None = None
    image_format: str = ""

    @property
    def on_export(self) -> bool:
        """Whether an export does it by itself; enlarging only as far as that looks well."""
        return self.kind in _ON_EXPORT or (self.kind is FixKind.ENLARGE and (self.factor or 1.0) <= MUCH_ENLARGED)

    @property
    def by_finishing(self) -> bool:
        """Whether the same image, made once more with finishing steps, fulfils the rule."""
        return self.on_export or self.kind in _BY_FINISHING


def fix_for(pack: RulePack, rule: Rule, got: float | str | None) -> Fix:
    """What mends this rule of the pack, broken by `got`."""
    frame = pack.frame
    match rule.check:
        case Measure.FORMAT:
            wanted = frame.image_format if frame and frame.image_format in rule.one_of else _writable(rule)
            return Fix(FixKind.EXPORT_AS, image_format=wanted) if wanted else Fix(FixKind.ANOTHER)
        case Measure.FILE_BYTES:
            return Fix(FixKind.EXPORT_LIGHTER, frame=frame)
        case Measure.MARKING:
            return Fix(FixKind.EXPORT_MARKED)
        case Measure.ASPECT:
            return Fix(FixKind.EXPORT_FRAMED, frame=frame) if frame else Fix(FixKind.ANOTHER)
        case check if check in _SIDES:
            return _resized(rule, float(got or 0.0), frame)
        case Measure.FILL | Measure.CENTRING:
            return Fix(FixKind.REFRAME, frame=_filled(frame, rule)) if frame else Fix(FixKind.ANOTHER)
        case Measure.BORDER_WHITENESS | Measure.EXACT_WHITE:
            return Fix(FixKind.WHITEN)
        case Measure.SHARPNESS:
            return Fix(FixKind.SHARPEN)
        case Measure.ORIGIN:
            return Fix(FixKind.PHOTOGRAPH)
        case Measure.PURPOSE:
            return Fix(FixKind.PURPOSE)
        case _:
            return Fix(FixKind.ANOTHER)


def finishing_for(
    verdict: PackVerdict, before: Sequence[Mapping[str, Any]], height: int, width: int
) -> tuple[dict[str, Any], ...] | None:
    """The finishing with which the same image fulfils every demand of the pack; None where no finishing does that, or
    none is needed. before: the steps that the image was finished with; height, width: its pixels now.
    """
    fixes = [one.fix for one in verdict.broken if one.rule.severity == "refused" and one.fix is not None]
    if not any(one.keeps_out for one in verdict.findings) or not all(fix.by_finishing for fix in fixes):
        return None
    kinds = {fix.kind for fix in fixes}
    framing = kinds & {FixKind.ENLARGE, FixKind.REFRAME, FixKind.EXPORT_FRAMED, FixKind.REDUCE}
    frame = next((fix.frame for fix in fixes if fix.kind is FixKind.REFRAME), None) or verdict.pack.frame
    steps = [dict(step) for step in before]
    if framing:
        steps = [step for step in steps if step["step"] != "pad"]
    if FixKind.WHITEN in kinds:
        steps = [_WHITE, *(step for step in steps if step["step"] != "white_background")]
    if FixKind.SHARPEN in kinds:
        steps = [*(step for step in steps if step["step"] != "sharpen"), _SHARPEN]
    if framing and frame is not None:
        grows = min(frame.height / height, frame.width / width)
        if grows > MUCH_ENLARGED / 2 and not any(step["step"] in ("detail", "resize") for step in steps):
            steps.append(_DETAIL)
        steps.append({"step": "pad", "width": frame.width, "height": frame.height, "fill": frame.fill / 100})
    return tuple(dict(step) for step in steps) if steps != [dict(step) for step in before] else None


def _writable(rule: Rule) -> str:
    return next((name for name in rule.one_of if name in FORMATS), "")


def _resized(rule: Rule, got: float, frame: Frame | None) -> Fix:
    if frame is None:  # an export leaves the size as it is
        return Fix(FixKind.ANOTHER)
    if rule.at_least is not None and got < rule.at_least:
        factor = rule.at_least / got if got else None
        if factor is not None and rule.check is Measure.MEGAPIXELS:
            factor **= 0.5
        return Fix(FixKind.ENLARGE, factor=factor, frame=frame)
    return Fix(FixKind.REDUCE, frame=frame)


def _filled(frame: Frame | None, rule: Rule) -> Frame | None:
    """The frame with a fill that the rule accepts."""
    if frame is None or rule.check is not Measure.FILL or rule.accepts(frame.fill):
        return frame
    low, high = rule.at_least or 10.0, rule.at_most or 100.0
    return frame.model_copy(update={"fill": min(max((low + high) / 2, 10.0), 100.0)})
