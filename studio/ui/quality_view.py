"""Pieces of the quality page: the figures, each chart with plain words, the way from a point to its images."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from studio.quality.figures import GroupRate, GroupScores, ReasonCount
from studio.quality.kpis import Kpis
from studio.quality.rates import Rate
from studio.review.checks import CHECKS
from studio.review.review_queue import QueueFilter
from studio.ui import charts
from studio.ui.charts import Wording
from studio.ui.i18n import day, duration, number, percent, plural, t
from studio.ui.labels import METRICS, term
from studio.ui.places import page_of
from studio.ui.review_filters import address_of
from studio.ui.theme import palette

_ENOUGH = 5  # verdicts from which on a group is named as the best or the lowest
_MOST_ROWS = 16


def draw_kpis(found: Kpis) -> None:
    """The key figures of the period, with the change against the period before."""
    now, before = found.now, found.before
    with st.grid(6, min_column_width=150):
        _metric(t("Images made"), number(now.images), _change(now.images, before.images))
        _metric(t("Decided"), number(now.approval.n), _change(now.approval.n, before.approval.n))
        _metric(t("Approved"), _share(now.approval), _points(now.approval, before.approval))
        _metric(t("First pass"), _share(now.first_pass), _points(now.first_pass, before.first_pass))
        _metric(t("Median wait"), "–" if now.median_seconds is None else duration(now.median_seconds), None)
        cost = now.compute_per_approved
        _metric(t("Compute per approved"), "–" if cost is None else duration(cost), None)
    oldest = (
        "" if found.oldest_seconds is None else f" · {t('the oldest for {time}', time=duration(found.oldest_seconds))}"
    )
    st.caption(plural("{n} image waits for review", "{n} images wait for review", found.waiting) + oldest)


def draw_rates(groups: Sequence[GroupRate], *, key: str, kinds: bool) -> None:
    """Approval rate of each group, or a sentence where there is nothing to compare. `kinds`: labels are categories."""
    labels = [term(group.label) if kinds else group.label for group in groups]
    if len(groups) < 2:
        _sentence([_told(label, group.rate) for label, group in zip(labels, groups, strict=True)])
        return
    shown = groups[:_MOST_ROWS]
    hover = [_told(label, group.rate) for label, group in zip(labels, shown, strict=False)]
    words = Wording(x=t("approved, with 95 % interval"), hover=hover)
    figure = charts.rates(shown, labels[:_MOST_ROWS], words, palette())
    st.caption(_compared(labels, groups))
    _draw(figure, [group.images for group in shown], key=key, alt="; ".join(hover))


def draw_spreads(groups: Sequence[GroupScores], metric: str, *, key: str) -> None:
    """A score in each category: median and the middle 80 %."""
    labels = [term(group.label) for group in groups]
    told = METRICS[metric]
    hover = [
        t(
            "{group}: median {median}, most between {low} and {high} ({n} images)",
            group=label,
            median=told.written(group.median),
            low=told.written(group.p10),
            high=told.written(group.p90),
            n=number(group.n),
        )
        for label, group in zip(labels, groups, strict=True)
    ]
    if len(groups) < 2:
        _sentence(hover)
        return
    shown, check = groups[:_MOST_ROWS], CHECKS[metric]
    outside = [label for label, group in zip(labels, groups, strict=True) if not check.passes(group.median)]
    words = Wording(x=f"{t(told.name)}{told.unit}", hover=hover[:_MOST_ROWS])
    figure = charts.spreads(shown, labels[:_MOST_ROWS], check, words, palette())
    advice = (
        t("Half of the images miss it in: {groups}.", groups=", ".join(outside[:4]))
        if outside
        else t("In every category the middle image is good.")
    )
    st.caption(f"{t('The point is the middle image, the line the middle 80 %; shaded is good.')} {advice}")
    _draw(figure, [group.images for group in shown], key=key, alt="; ".join(hover[:_MOST_ROWS]))


def draw_trend(groups: Sequence[GroupRate], *, key: str) -> None:
    """Approval rate by day."""
    days = [day(dt.date.fromisoformat(group.key)) for group in groups]
    hover = [_told(label, group.rate) for label, group in zip(days, groups, strict=True)]
    if len(groups) < 2:
        _sentence(hover)
        return
    words = Wording(x=t("approved, with 95 % interval"), hover=hover)
    st.caption(t("Each point is a day. A day with few decisions has a long line: do not read much into it."))
    figure = charts.trend(groups, days, words, palette())
    _draw(figure, [group.images for group in groups], key=key, alt="; ".join(hover[-10:]))


def draw_reasons(groups: Sequence[ReasonCount], *, key: str) -> None:
    """Why images were rejected, the most frequent reason first."""
    labels = [t(group.label) for group in groups]
    hover = [
        f"{label}: {number(group.n)} ({percent(group.share)})" for label, group in zip(labels, groups, strict=True)
    ]
    if not groups:
        _sentence([])
        return
    words = Wording(x=t("rejected images; the share so far behind the number"), hover=hover)
    first = t("The first thing to work on: {reason}.", reason=labels[0])
    st.caption(f"{t('Each image counts with the reason of its last rejection.')} {first}")
    figure = charts.pareto(groups, labels, words, palette())
    _draw(figure, [group.images for group in groups], key=key, alt="; ".join(hover))


def _draw(figure: go.Figure, images: Sequence[QueueFilter], *, key: str, alt: str) -> None:
    """The chart; a click on a point opens the images that it stands for."""
    event = st.plotly_chart(
        figure,
        theme=None,
        key=key,
        on_select="rerun",
        selection_mode="points",
        config={"displayModeBar": False},
        alt=alt,
    )
    points = event["selection"]["points"]
    if points:
        st.switch_page(page_of("review"), query_params=address_of(images[points[0]["point_index"]]))


def _sentence(told: Sequence[str]) -> None:
    """In place of a chart that would have one row or none."""
    nothing = t("Nothing was decided in this time. As soon as images are approved or rejected, this fills by itself.")
    st.info(". ".join(told) if told else nothing, icon=":material/info:")


def _told(label: str, rate: Rate) -> str:
    if rate.share is None or rate.low is None or rate.high is None:
        return t("{group}: nothing decided", group=label)
    return t(
        "{group}: {share} of {n} approved (95 %: {low} to {high})",
        group=label,
        share=percent(rate.share),
        n=number(rate.n),
        low=percent(rate.low),
        high=percent(rate.high),
    )


def _compared(labels: Sequence[str], groups: Sequence[GroupRate]) -> str:
    known = [
        (group.rate.share or 0.0, label) for label, group in zip(labels, groups, strict=True) if group.rate.n >= _ENOUGH
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


def _metric(label: str, value: str, delta: str | None) -> None:
    st.metric(label, value, delta, delta_color="off", border=True, height="stretch")


def _share(rate: Rate) -> str:
    return "–" if rate.share is None else percent(rate.share)


def _change(now: int, before: int) -> str | None:
    return None if before == 0 else f"{'+' if now >= before else '−'}{number(abs(now - before))}"


def _points(now: Rate, before: Rate) -> str | None:
    if now.share is None or before.share is None:
        return None
    change = round(100 * (now.share - before.share))
    return f"{'+' if change >= 0 else '−'}{t('{n} points', n=number(abs(change)))}"
