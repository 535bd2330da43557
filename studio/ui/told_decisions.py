"""Charts of what was decided: approval by category, model version and time, and the reasons of rejections."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from studio.quality.figures import GroupRate, ReasonCount
from studio.ui import charts
from studio.ui.charts import Palette, Wording
from studio.ui.i18n import day, number, percent, t
from studio.ui.labels import term
from studio.ui.told import ENOUGH, MOST_ROWS, Told, nothing_decided, told_rate


def told_rates(groups: Sequence[GroupRate], palette: Palette, *, kinds: bool) -> Told:
    """Approval rate of each group. kinds: the groups are categories, not model versions."""
    title = t("Approved, by category") if kinds else t("Approved, by model version")
    name = "approved-by-category" if kinds else "approved-by-model"
    labels = [term(group.label) if kinds else group.label for group in groups]
    lines = [told_rate(label, group.rate) for label, group in zip(labels, groups, strict=True)]
    if len(groups) < 2:
        return Told(title, ". ".join(lines) or nothing_decided(), name)
    shown = groups[:MOST_ROWS]
    words = Wording(x=t("approved, with 95 % interval"), hover=lines[:MOST_ROWS])
    figure = charts.rates(shown, labels[:MOST_ROWS], words, palette)
    return Told(
        title, _compared(labels, groups), name, figure, [[group.images for group in shown]], "; ".join(words.hover)
    )


def told_trend(groups: Sequence[GroupRate], palette: Palette, *, weekly: bool) -> Told:
    """Approval rate by day or by week."""
    title = t("Approved, week by week") if weekly else t("Approved, day by day")
    days = [day(dt.date.fromisoformat(group.key)) for group in groups]
    named = [t("Week from {day}", day=label) if weekly else label for label in days]
    lines = [told_rate(label, group.rate) for label, group in zip(named, groups, strict=True)]
    if len(groups) < 2:
        return Told(title, ". ".join(lines) or nothing_decided(), "trend")
    words = Wording(x="", hover=lines)
    figure = charts.trend(groups, days, words, palette)
    advice = t(
        "The shaded band is the 95 % interval: changes that stay inside it are chance. Click a point to see why."
    )
    return Told(title, advice, "trend", figure, [[], [], [group.images for group in groups]], "; ".join(lines[-10:]))


def told_reasons(groups: Sequence[ReasonCount], palette: Palette) -> Told:
    """Why images were rejected, the most frequent reason first."""
    title = t("Why images were rejected")
    labels = [t(group.label) for group in groups]
    lines = [
        f"{label}: {number(group.n)} ({percent(group.share)})" for label, group in zip(labels, groups, strict=True)
    ]
    if not groups:
        return Told(title, t("Nothing was rejected in this time."), "reasons")
    if len(groups) == 1:
        return Told(title, t("Only one reason was given: {reason}.", reason=lines[0]), "reasons")
    words = Wording(x=t("rejected images; the share so far behind the number"), hover=lines)
    enough = next((n for n, group in enumerate(groups, start=1) if group.cumulative >= 0.8), len(groups))
    advice = t("The first thing to work on: {reason}.", reason=labels[0])
    few = t("The first {n} of {all} reasons make up 80 %.", n=number(enough), all=number(len(groups)))
    counted = t("Each image counts with the reason of its last rejection.")
    figure = charts.pareto(groups, labels, words, palette)
    return Told(
        title, f"{advice} {few} {counted}", "reasons", figure, [[group.images for group in groups]], "; ".join(lines)
    )


def _compared(labels: Sequence[str], groups: Sequence[GroupRate]) -> str:
    known = [
        (group.rate.share or 0.0, label) for label, group in zip(labels, groups, strict=True) if group.rate.n >= ENOUGH
    ]
    if len(known) < 2:
        return t("Too few decisions to compare yet: the lines show how uncertain each share is.")
    best, lowest = max(known), min(known)
    return t(
        "Best: {best} ({high}). Lowest: {lowest} ({low}): click its point to see why.",
        best=best[1],
        high=percent(best[0]),
        lowest=lowest[1],
        low=percent(lowest[0]),
    )
