"""Charts of one score: by category or model version, over its range, over time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from ecomgan.metrics import SCORERS
from studio.images.library import ScoreRange
from studio.quality.figures import GroupScores
from studio.quality.histogram import Counts, bins_of
from studio.review.checks import CHECKS
from studio.review.review_queue import QueueFilter
from studio.ui import charts, quality_charts
from studio.ui.charts import Palette, Wording
from studio.ui.i18n import day, number, percent, t
from studio.ui.labels import METRICS, Metric, term
from studio.ui.told import MOST_ROWS, Told


def metric_of(key: str) -> Metric:
    """How a score is shown; as it was declared, where the screens have no words of their own for it."""
    if key in METRICS:
        return METRICS[key]
    scorer = SCORERS[key]
    digits = 0 if scorer.high - scorer.low > 20 else 1 if scorer.high - scorer.low > 2 else 2
    return Metric(scorer.name, scorer.meaning, digits, f" {scorer.unit}" if scorer.unit else "")


def told_spreads(groups: Sequence[GroupScores], metric: str, palette: Palette, *, kinds: bool) -> Told:
    """A score in each category or model version: median and the middle 80 %."""
    told, check = metric_of(metric), CHECKS.get(metric)
    score = t(told.name)
    title = t("{score}, by category", score=score) if kinds else t("{score}, by model version", score=score)
    name = f"{metric}-by-{'category' if kinds else 'model'}"
    labels = [term(group.label) if kinds else group.label for group in groups]
    lines = [_spread(label, group, told) for label, group in zip(labels, groups, strict=True)]
    if len(groups) < 2:
        return Told(title, ". ".join(lines) or _nothing(), name)
    shown = groups[:MOST_ROWS]
    words = Wording(x=f"{score}{told.unit}", hover=lines[:MOST_ROWS])
    figure = charts.spreads(shown, labels[:MOST_ROWS], check, words, palette)
    explained = t("The point is the middle image, the line the middle 80 %.")
    if check is not None:
        outside = [label for label, group in zip(labels, groups, strict=True) if not check.passes(group.median)]
        advice = (
            t("Half of the images miss it in: {groups}.", groups=", ".join(outside[:4]))
            if outside
            else t("Everywhere the middle image is good.")
        )
        explained = f"{explained} {t('Shaded is good.')} {advice}"
    return Told(title, explained, name, figure, [[group.images for group in shown]], "; ".join(words.hover))


def told_distribution(metric: str, now: Counts, before: Counts, images: QueueFilter, palette: Palette) -> Told:
    """How the images spread over the range of a score, beside the time before. images: all of them."""
    told, check, bins = metric_of(metric), CHECKS.get(metric), bins_of(metric)
    title = t("{score}, all images", score=t(told.name))
    n = int(now.sum())
    if n < 2:
        return Told(title, _nothing() if n == 0 else t("Only one image has this score so far."), f"{metric}-all")
    bars = quality_charts.bars_of(bins, now, before)
    lines = [f"{_range(bar.low, bar.high, told)}: {number(bar.now)} ({percent(bar.now / n, 1)})" for bar in bars]
    words = Wording(x=f"{t(told.name)}{told.unit}", hover=lines)
    names = (t("this time"), t("the time before"))
    figure = quality_charts.histogram(bars, check, words, names, palette)
    drill = [replace(images, score=ScoreRange(metric, bar.low, bar.high)) for bar in bars]
    advice = t(
        "Each bar is a range of the score. Where the bars leave the line, something changed since the time before."
    )
    return Told(title, advice, f"{metric}-all", figure, [drill, []], "; ".join(lines))


def told_score_trend(groups: Sequence[GroupScores], metric: str, palette: Palette, *, weekly: bool) -> Told:
    """The mean of a score by day or week."""
    told = metric_of(metric)
    title = t("{score}, week by week", score=t(told.name)) if weekly else t("{score}, day by day", score=t(told.name))
    days = [day(dt.date.fromisoformat(group.key)) for group in groups]
    lines = [_spread(label, group, told) for label, group in zip(days, groups, strict=True)]
    if len(groups) < 2:
        return Told(title, ". ".join(lines) or _nothing(), f"{metric}-trend")
    words = Wording(x=f"{t(told.name)}{told.unit}", hover=lines)
    figure = quality_charts.score_trend(groups, days, words, palette)
    advice = t("The line is the mean, the band the middle 80 % of the images made then. A line that leans is drift.")
    images = [[], [], [group.images for group in groups]]
    return Told(title, advice, f"{metric}-trend", figure, images, "; ".join(lines[-10:]))


def _spread(label: str, group: GroupScores, told: Metric) -> str:
    return t(
        "{group}: median {median}, most between {low} and {high} ({n} images)",
        group=label,
        median=told.written(group.median),
        low=told.written(group.p10),
        high=told.written(group.p90),
        n=number(group.n),
    )


def _range(low: float | None, high: float | None, told: Metric) -> str:
    if low is None and high is not None:
        return t("below {value}", value=told.written(high))
    if high is None and low is not None:
        return t("from {value}", value=told.written(low))
    return f"{told.written(low or 0.0)} – {told.written(high or 0.0)}"


def _nothing() -> str:
    return t("No image of this time has this score. It is measured as images are made, or by a job afterwards.")
