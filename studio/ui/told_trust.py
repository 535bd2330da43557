"""Charts of how far the scores foretell what people decide; each point leads to the verdicts that it was judged on."""

from __future__ import annotations

from collections.abc import Sequence

from studio.review.queue_filter import Foretold, QueueFilter
from studio.trust.calibrations import CalibrationView
from studio.trust.measures import Bin, Figures
from studio.ui.charts import Palette
from studio.ui.i18n import number, percent, t
from studio.ui.labels import plain, term
from studio.ui.told import Told
from studio.ui.trust_charts import Row, intervals, reliability

_MOST_ROWS = 12
_APART = 0.7  # from this AUC on scores are said to tell good from bad
_OFF = 0.1  # a part of the curve that lies further from the line, beyond chance, is told


def told_reliability(view: CalibrationView, category: str, palette: Palette) -> Told:
    """What was foretold against what people did. category: empty for all of them."""
    title, name = t("Foretold and decided"), "reliability"
    figures = view.figures.get(category)
    if figures is None:
        few = t("{category}: too few of the latest verdicts are of it to draw a curve.", category=plain(term(category)))
        return Told(title, few, name)
    hover = [_told(part) for part in figures.bins]
    axes = t("probability of approval by the scores"), t("approved by people")
    figure = reliability(figures.bins, hover, *axes, palette)
    shown = t(
        "Each point is a group of images with a similar probability, with its 95 % interval; on the dashed line people "
        "decide as foretold."
    )
    known = [part for part in figures.bins if part.low is not None]
    images = [_judged(view, category, part) for part in known] if len(known) == len(figures.bins) else []
    return Told(title, f"{shown} {_advice(figures)}", name, figure, [images], "; ".join(hover))


def told_auc(view: CalibrationView, palette: Palette) -> Told:
    """How well the scores tell good images from bad ones, in all and in each category."""
    title, name = t("Telling good from bad"), "auc"
    ranked = [(category, of, of.auc) for category, of in _shown(view) if of.auc is not None]
    if not ranked:
        return Told(title, t("All of the latest verdicts were the same: there is nothing to tell apart."), name)
    rows = [Row(_label(category), auc, _auc_told(_label(category), of)) for category, of, auc in ranked]
    low = min(0.45, *(row.figure.low for row in rows))
    figure = intervals(rows, t("AUC"), palette, ends=(low - 0.02, 1.02), line=0.5)
    weak = [_label(category) for category, _, auc in ranked if auc.value < _APART]
    advice = (
        t("Weak in: {groups}. There the scores should not decide anything.", groups=", ".join(weak[:4]))
        if weak
        else t("In every category the scores tell good images from bad ones.")
    )
    words = f"{t('How often an approved image was given more than a rejected one; 0.5 is a coin.')} {advice}"
    images = [_judged(view, category) for category, _, _ in ranked]
    return Told(title, words, name, figure, [images], "; ".join(row.hover for row in rows))


def told_brier(view: CalibrationView, palette: Palette) -> Told:
    """The error of the probabilities, in all and in each category, beside that of always foretelling the average."""
    shown = _shown(view)
    rows = [Row(_label(category), of.brier, _brier_told(_label(category), of), of.naive) for category, of in shown]
    high = max(0.25, *(max(row.figure.high, row.beside or 0.0) for row in rows))
    figure = intervals(rows, t("Brier score, smaller is better"), palette, ends=(0.0, high * 1.05), line=None)
    useless = [_label(category) for category, of in shown if of.brier.value >= of.naive]
    advice = (
        t("No better than that in: {groups}.", groups=", ".join(useless[:4]))
        if useless
        else t("The scores do better everywhere.")
    )
    words = f"{t('The hollow mark is the error of always foretelling the average.')} {advice}"
    images = [_judged(view, category) for category, _ in shown]
    alt = "; ".join(row.hover for row in rows)
    return Told(t("Error of the probabilities"), words, "brier", figure, [images, images], alt)


def _shown(view: CalibrationView) -> Sequence[tuple[str, Figures]]:
    return list(view.figures.items())[:_MOST_ROWS]


def _judged(view: CalibrationView, category: str, part: Bin | None = None) -> QueueFilter:
    """The images of the verdicts behind a figure."""
    ends = (None, None) if part is None else (part.low, part.high)
    return QueueFilter(category=category or None, foretold=Foretold(view.version, *ends))


def _told(part: Bin) -> str:
    return t(
        "foretold {foretold}, approved {share} of {n} (95 %: {low} to {high})",
        foretold=percent(part.foretold),
        share=percent(part.approved.share or 0.0),
        n=number(part.approved.n),
        low=percent(part.approved.low or 0.0),
        high=percent(part.approved.high or 0.0),
    )


def _advice(figures: Figures) -> str:
    """What to do with the curve."""
    above = [part for part in figures.bins if (part.approved.low or 0.0) > part.foretold + _OFF]
    below = [part for part in figures.bins if (part.approved.high or 1.0) < part.foretold - _OFF]
    if below:
        return t(
            "Around {share} people approve clearly less than foretold: do not approve by the scores there, and look at "
            "what changed.",
            share=percent(below[0].foretold),
        )
    if above:
        return t(
            "Around {share} people approve more than foretold: the scores are too strict.",
            share=percent(above[0].foretold),
        )
    if figures.auc is not None and figures.auc.value < _APART:
        return t(
            "The probabilities are right on average, but they hardly tell good images from bad ones: let people decide."
        )
    return t("The points lie on the line: a probability of 90 % means that people approve nine of ten.")


def _label(category: str) -> str:
    return term(category) if category else t("All categories")


def _auc_told(label: str, of: Figures) -> str:
    assert of.auc is not None
    values = {"value": number(of.auc.value, 2), "low": number(of.auc.low, 2), "high": number(of.auc.high, 2)}
    return t("{group}: AUC {value} (95 %: {low} to {high}), {n} verdicts", group=label, n=number(of.n), **values)


def _brier_told(label: str, of: Figures) -> str:
    values = {"value": number(of.brier.value, 3), "low": number(of.brier.low, 3), "high": number(of.brier.high, 3)}
    told = t(
        "{group}: Brier score {value} (95 %: {low} to {high}), {n} verdicts", group=label, n=number(of.n), **values
    )
    return f"{told}; {t('always the average: {value}', value=number(of.naive, 3))}"
