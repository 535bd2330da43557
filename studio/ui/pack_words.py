"""The words for what channels demand, what was measured, and what would mend it."""

from __future__ import annotations

from db.tables import VerdictOutcome
from studio.publishing.pack_checks import Finding, demanded, written
from studio.publishing.pack_fixes import Fix, FixKind
from studio.publishing.packs import Measure
from studio.ui.i18n import msg, number, t
from studio.ui.labels import Tone

MEASURES: dict[Measure, str] = {
    Measure.LONGEST: msg("Longer side"),
    Measure.SHORTEST: msg("Shorter side"),
    Measure.WIDTH: msg("Width"),
    Measure.HEIGHT: msg("Height"),
    Measure.MEGAPIXELS: msg("Pixels in all"),
    Measure.FILE_BYTES: msg("Size of the file"),
    Measure.ASPECT: msg("Width by height"),
    Measure.FORMAT: msg("Format"),
    Measure.ORIGIN: msg("Kind of image"),
    Measure.PURPOSE: msg("Purpose"),
    Measure.MARKING: msg("Mark of AI"),
    Measure.EXACT_WHITE: msg("Pure white"),
    Measure.BORDER_WHITENESS: msg("White border"),
    Measure.FILL: msg("Fill"),
    Measure.CENTRING: msg("Off centre"),
    Measure.SHARPNESS: msg("Sharpness"),
    Measure.NOISE: msg("Noise"),
    Measure.BLOCKING: msg("JPEG damage"),
    Measure.CROPPED: msg("Product cut off"),
    Measure.SHADOW: msg("Shadow"),
    Measure.OVERLAY: msg("Text or logo on it"),
    Measure.SKIN: msg("People"),
}

OUTCOMES: dict[VerdictOutcome, tuple[str, Tone]] = {
    VerdictOutcome.PASSES: (msg("passes"), "good"),
    VerdictOutcome.ON_EXPORT: (msg("passes on export"), "good"),
    VerdictOutcome.REFUSED: (msg("would be refused"), "bad"),
    VerdictOutcome.UNMEASURED: (msg("not measured yet"), "neutral"),
}

CONFIDENCES = {
    "official": msg("the channel's own page"),
    "secondary": msg("other pages that agree"),
    "own": msg("our own reading"),
    "low": msg("not sure: check it before you rely on it"),
}


def panel_rules() -> dict[str, str]:
    """What a channel refuses, as templates for the few words beside an image under review."""
    return {
        "size": t("{got} px ({wanted})"),
        "fill": t("fill {got} % ({wanted})"),
        "white": t("white {got} % ({wanted})"),
        **{measure.value: f"{t(label)} ({{wanted}})" for measure, label in MEASURES.items() if measure != Measure.FILL},
    }


def got(finding: Finding) -> str:
    """The measured value with its unit; a dash where there is none."""
    return "–" if finding.got is None else written(finding.rule.check, finding.got)


def rule_words(finding: Finding) -> str:
    """Measured beside demanded: "Fill 71 %, demanded ≥ 85 %"."""
    return t(
        "{measure} {got}, demanded {wanted}",
        measure=t(MEASURES[finding.rule.check]),
        got=got(finding),
        wanted=demanded(finding.rule),
    )


def fix_words(fix: Fix) -> str:
    """What would mend it, as one sentence."""
    size = f"{fix.frame.width} x {fix.frame.height}" if fix.frame else ""
    match fix.kind:
        case FixKind.EXPORT_AS:
            return t("An export writes it as {format}.", format=fix.image_format)
        case FixKind.EXPORT_LIGHTER:
            return t("An export writes a lighter file.")
        case FixKind.EXPORT_MARKED:
            return t("An export writes the mark.")
        case FixKind.EXPORT_FRAMED:
            return t("An export sets it into {size} px, on white.", size=size)
        case FixKind.REDUCE:
            return t("An export reduces it to {size} px.", size=size)
        case FixKind.ENLARGE if fix.on_export:
            return t("An export enlarges it {factor} times; that adds no detail.", factor=number(fix.factor or 1, 1))
        case FixKind.ENLARGE:
            times = number(fix.factor or 1, 1)
            return t(
                "Make it again with more detail at {size} px: its sides must grow {factor} times.",
                size=size,
                factor=times,
            )
        case FixKind.REFRAME:
            fill = number(fix.frame.fill if fix.frame else 85.0)
            return t("Reframe it, so that the product fills {fill} % of {size} px.", fill=fill, size=size)
        case FixKind.WHITEN:
            return t("Finish it with a white background.")
        case FixKind.SHARPEN:
            return t("Finish it with sharpening; if that is not enough, make another image.")
        case FixKind.PURPOSE:
            return t("Order it again for another purpose.")
        case FixKind.PHOTOGRAPH:
            return t("Only a photo is taken: put the product on the shot list.")
        case FixKind.ANOTHER:
            return t("No step mends this: make another image.")
