"""The figures of quality as one long table, for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from studio.bootstrap import Studio
from studio.imports.spreadsheet import write_csv
from studio.quality.costs import costs
from studio.quality.figures import Axis, QualityFilter, approval, known_metrics, reasons, score_groups
from studio.quality.kernel_distances import kernel_distances
from studio.quality.kpis import kpis
from studio.quality.waits import waits
from studio.roles import Actor

COLUMNS = ("figure", "by", "group", "n", "value", "low", "high", "unit")

Line = Sequence[object]


def figures_as_csv(studio: Studio, actor: Actor | None, wanted: QualityFilter) -> bytes:
    """All figures of the days, a line each, with n and 95 % interval (for scores: the 10th and 90th percentile)."""
    return write_csv(COLUMNS, _lines(studio, actor, wanted))


def _lines(studio: Studio, actor: Actor | None, wanted: QualityFilter) -> Iterator[Line]:
    yield from _key_figures(studio, actor, wanted)
    for axis in Axis:
        for group in approval(studio, actor, axis, wanted):
            rate = group.rate
            yield "approved", axis.value, group.label, rate.n, rate.share, rate.low, rate.high, "share"
    for reason in reasons(studio, actor, wanted):
        yield "reason", "reason", reason.label, reason.n, reason.share, None, None, "share of rejections"
    for metric in known_metrics(studio, actor):
        for axis in (Axis.CATEGORY, Axis.MODEL):
            for scores in score_groups(studio, actor, metric, axis, wanted):
                yield f"{metric}, median", axis.value, scores.label, scores.n, scores.median, scores.p10, scores.p90, ""
                yield f"{metric}, mean", axis.value, scores.label, scores.n, scores.mean, None, None, ""
    for axis in (Axis.CATEGORY, Axis.MODEL):
        for wait in waits(studio, actor, axis, wanted):
            told = wait.wait
            yield "wait for the verdict, median", axis.value, wait.label, told.n, told.median, None, told.p90, "seconds"
        for group_cost in costs(studio, actor, axis, wanted):
            cost = group_cost.cost
            currency = "" if cost.rates is None else cost.rates.currency
            label = group_cost.label
            yield "computing", axis.value, label, cost.images, cost.compute_seconds, None, None, "seconds"
            yield "reviewing", axis.value, label, cost.approved, cost.review_seconds, None, None, "seconds"
            yield "cost per approved", axis.value, label, cost.approved, cost.per_approved, None, None, currency
    for one in kernel_distances(studio, actor, wanted):
        ends = (None, None, None) if one.distance is None else (one.distance.value, one.distance.low, one.distance.high)
        yield one.measure, "model and category", f"{one.model} / {one.category or 'all'}", one.photos, *ends, "x1000"


def _key_figures(studio: Studio, actor: Actor | None, wanted: QualityFilter) -> Iterator[Line]:
    found = kpis(studio, actor, wanted)
    for name, figures in (("this time", found.now), ("the time before", found.before)):
        group = f"{name}: {figures.days}"
        yield "images made", "all", group, figures.images, figures.images, None, None, "images"
        rates = {"approved": figures.approval, "first pass": figures.first_pass, "taken back": figures.undone}
        for what, rate in rates.items():
            yield what, "all", group, rate.n, rate.share, rate.low, rate.high, "share"
        wait = figures.wait
        yield "wait for the verdict, median", "all", group, wait.n, wait.median, None, wait.p90, "seconds"
        cost = figures.cost
        currency = "" if cost.rates is None else cost.rates.currency
        yield "cost per approved", "all", group, cost.approved, cost.per_approved, None, None, currency
