"""Charts of what images cost and how long they wait, and of how far each model version is from real photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from studio.quality.costs import CostRates, GroupCost
from studio.quality.kernel_distances import FEWEST_PHOTOS, KernelDistance
from studio.quality.waits import GroupWait
from studio.review.review_queue import QueueFilter
from studio.ui import quality_charts
from studio.ui.charts import Palette, Wording
from studio.ui.i18n import duration, money, number, t
from studio.ui.labels import term
from studio.ui.quality_charts import Estimate, Series
from studio.ui.told import MOST_ROWS, Told, nothing_decided

_OTHERS = "(all others)"  # as `ecomgan.evaluation.categories` names those with too few photos each


def told_costs(groups: Sequence[GroupCost], rates: CostRates | None, palette: Palette, *, kinds: bool) -> Told:
    """What an approved image costs in each category or version, and what that is made of; in minutes without rates."""
    title = t("An approved image costs, by category") if kinds else t("An approved image costs, by model version")
    name = "cost-by-category" if kinds else "cost-by-model"
    known = [group for group in groups if group.cost.approved]
    labels = [term(group.label) if kinds else group.label for group in known]
    parts = [_parts(group, rates) for group in known]
    lines = [_cost(label, part, rates) for label, part in zip(labels, parts, strict=True)]
    if len(known) < 2:
        return Told(title, " ".join(lines) or nothing_decided(), name)
    names = (t("making it"), t("images made in vain"), t("reviewers' time"))
    shown = known[:MOST_ROWS]
    series = [
        Series(names[at], [part[at] for part in parts[:MOST_ROWS]], lines[:MOST_ROWS]) for at in range(len(names))
    ]
    unit = (
        t("seconds for each approved image")
        if rates is None
        else t("{unit} for each approved image", unit=rates.currency)
    )
    figure = quality_charts.stacked(labels[:MOST_ROWS], series, unit, palette)
    dearest = t("Dearest: {group}.", group=lines[0])
    vain = t("Much made in vain asks for a better model or brief; much reviewing for clearer rules.")
    images = [[group.images for group in shown]] * len(names)
    return Told(title, f"{dearest} {vain}", name, figure, images, "; ".join(lines[:MOST_ROWS]))


def told_waits(groups: Sequence[GroupWait], palette: Palette, *, kinds: bool) -> Told:
    """How long images wait for their verdict."""
    title = t("Time until the verdict, by category") if kinds else t("Time until the verdict, by model version")
    name = "waits-by-category" if kinds else "waits-by-model"
    labels = [term(group.label) if kinds else group.label for group in groups]
    lines = [
        t(
            "{group}: half within {median}, nine in ten within {p90} ({n} verdicts)",
            group=label,
            median=duration(group.wait.median or 0.0),
            p90=duration(group.wait.p90 or 0.0),
            n=number(group.wait.n),
        )
        for label, group in zip(labels, groups, strict=True)
    ]
    if len(groups) < 2:
        return Told(title, ". ".join(lines) or nothing_decided(), name)
    shown = groups[:MOST_ROWS]
    words = Wording(x=t("hours in review; the bar ends where nine in ten are decided"), hover=lines[:MOST_ROWS])
    figure = quality_charts.waits(shown, labels[:MOST_ROWS], words, palette)
    advice = t("What waits longest stands on top. A long bar behind an early point: some images are left lying.")
    return Told(title, advice, name, figure, [[group.images for group in shown]], "; ".join(words.hover))


def told_kernel_distances(found: Sequence[KernelDistance], palette: Palette) -> Told:
    """The kernel distance of each version in each category; a sentence for categories with too few photos."""
    title, name = t("Distance from real photos (KD), by model version"), "kernel-distance"
    known = [one for one in found if one.distance is not None]
    few = sorted({_category(one) for one in found if one.distance is None})
    left_out = (
        t(
            "Fewer than {n} held-out photos, so no distance is told: {groups}.",
            n=FEWEST_PHOTOS,
            groups=", ".join(few),
        )
        if few
        else ""
    )
    lines = [_distance(one) for one in known]
    if len(known) < 2:
        none = t("No version has been measured against held-out photos yet: judge two versions on the page Models.")
        return Told(title, " ".join([*lines, left_out]).strip() or none, name)
    rows = list(dict.fromkeys(one.category for one in known))[:MOST_ROWS]
    versions = list(dict.fromkeys((one.model_version_id, one.model) for one in sorted(known, key=_registered)))
    series, images = [], []
    for id_, model in versions:
        own = [(one, line) for one, line in zip(known, lines, strict=True) if one.model_version_id == id_]
        own = [(one, line) for one, line in own if one.category in rows]
        points = [
            Estimate(rows.index(one.category), one.distance.value, one.distance.low, one.distance.high, line)
            for one, line in own
            if one.distance is not None
        ]
        series.append((model, points))
        images.append([_behind(one) for one, _ in own])
    names = [_named(row) for row in rows]
    figure = quality_charts.estimates(
        names, series, t("kernel distance x1000, with 95 % interval; lower is better"), palette
    )
    advice = t("Nearer to 0 looks more like real photos. Only intervals that do not overlap tell versions apart.")
    return Told(title, f"{advice} {left_out}".strip(), name, figure, images, "; ".join(lines[:20]))


def _parts(group: GroupCost, rates: CostRates | None) -> tuple[float, float, float]:
    """Making, making in vain, reviewing; as money, or in seconds without rates."""
    cost = group.cost
    if rates is None:
        cost = replace(cost, rates=CostRates(3600.0, 3600.0, ""))
    return cost.making or 0.0, cost.retries or 0.0, cost.review or 0.0


def _cost(label: str, parts: tuple[float, float, float], rates: CostRates | None) -> str:
    told = [duration(part) if rates is None else money(part, rates.currency) for part in (*parts, sum(parts))]
    return t(
        "{group} {whole}: making {making}, made in vain {retries}, reviewing {review}",
        group=label,
        whole=told[3],
        making=told[0],
        retries=told[1],
        review=told[2],
    )


def _distance(one: KernelDistance) -> str:
    assert one.distance is not None
    return t(
        "{model}, {group}: {value} (95 %: {low} to {high}) on {n} photos",
        model=one.model,
        group=_category(one),
        value=number(one.distance.value, 1),
        low=number(one.distance.low, 1),
        high=number(one.distance.high, 1),
        n="?" if one.photos is None else number(one.photos),
    )


def _category(one: KernelDistance) -> str:
    return _named(one.category)


def _named(category: str) -> str:
    if category == _OTHERS:
        return t("All others")
    return term(category) if category else t("All categories")


def _behind(one: KernelDistance) -> QueueFilter:
    """The images of the version, in the category where it is one."""
    category = None if one.category in ("", _OTHERS) else one.category
    return QueueFilter(model_version_id=one.model_version_id, category=category)


def _registered(one: KernelDistance) -> int:
    return one.model_version_id
