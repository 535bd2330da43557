"""The upper part of the quality page: what asks for attention, and the key figures with their change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from studio.bootstrap import Studio
from studio.quality.drift import Drift, drifts
from studio.quality.figures import QualityFilter
from studio.quality.kpis import Kpis, PeriodFigures
from studio.quality.lenience import LenientReviewer, lenient_reviewers
from studio.quality.rates import Rate
from studio.quality.rollups import Standing
from studio.review.states import REASONS
from studio.roles import Actor
from studio.ui.i18n import ago, date, duration, money, number, percent, plural, t
from studio.ui.labels import plain, term
from studio.ui.places import page_of
from studio.ui.review_filters import address_of
from studio.ui.told_scores import metric_of


def draw_standing(standing: Standing) -> None:
    """Whether the figures are of now; never silent when they are not."""
    if standing.days == 0 or standing.since is None:
        return
    told = plural(
        "{n} day changed since its figures were counted",
        "{n} days changed since their figures were counted",
        standing.days,
    )
    st.warning(
        f"{told} ({t('the first of them {ago}', ago=ago(standing.since))}). "
        f"{t('The worker counts them now; load the page again in a moment.')}",
        icon=":material/update:",
    )


def draw_concerns(studio: Studio, actor: Actor, wanted: QualityFilter) -> None:
    """What drifts, and who approves everything; nothing where there is nothing."""
    found, lenient = drifts(studio, actor, wanted), lenient_reviewers(studio, actor, wanted)
    if not found and not lenient:
        return
    with st.container(border=True, key="concerns", gap="small"):
        st.markdown(f"**:orange[:material/notifications_active:] {t('Look at this first')}**")
        for at, drift in enumerate(found[:6]):
            line, action = st.columns([8, 1.4], vertical_alignment="center")
            line.markdown(drift_in_words(drift))
            if action.button(t("See images"), key=f"drift-{at}", type="tertiary", icon=":material/photo_library:"):
                st.switch_page(page_of("review"), query_params=address_of(drift.images))
        for at, one in enumerate(lenient[:3]):
            line, action = st.columns([8, 1.4], vertical_alignment="center")
            line.markdown(lenient_in_words(one))
            if action.button(t("Reviewers"), key=f"lenient-{at}", type="tertiary", icon=":material/balance:"):
                st.switch_page(page_of("reviewers"))


def drift_in_words(drift: Drift) -> str:
    """What changed, from what to what, and whether the approval rate shows it."""
    kind = f"**{plain(term(drift.category))}**"
    if drift.reasons is not None:
        shift = drift.reasons
        label = REASONS[shift.rose].label if shift.rose in REASONS else shift.rose
        told = t(
            "{category}: other reasons than usual. “{reason}” is {now} of the rejections of the last three weeks, "
            "{before} before.",
            category=kind,
            reason=t(label),
            now=percent(shift.share_now),
            before=percent(shift.share_before),
        )
    else:
        assert drift.score is not None
        assert drift.metric is not None
        metric = metric_of(drift.metric)
        told = t(
            "{category}: {score} is drifting since {day}, from {before} to {now} on average.",
            category=kind,
            score=t(metric.name),
            day=date(drift.score.since),
            before=number(drift.score.before, metric.digits + 1) + metric.unit,
            now=number(drift.score.now, metric.digits + 1) + metric.unit,
        )
    if drift.now.share is None or drift.before.share is None:
        return told
    shares = {"now": percent(drift.now.share), "before": percent(drift.before.share)}
    if drift.early:
        return f"{told} {t('The approval rate does not show it yet ({now}, before {before}).', **shares)}"
    return f"{told} {t('The approval rate fell: {now}, before {before}.', **shares)}"


def lenient_in_words(one: LenientReviewer) -> str:
    """Who approves nearly everything, beside what the others do."""
    return t(
        "**{name}** approved {share} of {n} images; others approve {expected} of the same categories. Every figure "
        "here is the rosier for it: a second opinion on some of them tells.",
        name=plain(one.name),
        share=percent(one.approved.share or 0.0, 1),
        n=number(one.approved.n),
        expected=percent(one.expected),
    )


def draw_kpis(found: Kpis) -> None:
    """The key figures of the period, with the change against the period before."""
    with st.grid(6, min_column_width=150):
        for name, (value, delta, tone) in kpi_texts(found).items():
            st.metric(name, value, delta, delta_color=tone, border=True, height="stretch")
    waiting = plural("{n} image waits for review", "{n} images wait for review", found.waiting)
    if found.oldest_seconds is not None:
        waiting += f" · {t('the oldest for {time}', time=duration(found.oldest_seconds))}"
    st.caption(f"{waiting} · {t('small figures: change against the same number of days before')}")


Tone = Literal["normal", "inverse", "off"]


def kpi_texts(found: Kpis) -> Mapping[str, tuple[str, str | None, Tone]]:
    """Name -> value, change, and whether rising is good ("normal"), bad ("inverse") or neither ("off")."""
    now, before = found.now, found.before
    return {
        t("Images made"): (number(now.images), _change(now.images, before.images), "off"),
        t("Decided"): (number(now.approval.n), _change(now.approval.n, before.approval.n), "off"),
        t("Approved"): (_share(now.approval), _points(now.approval, before.approval), "normal"),
        t("First pass"): (_share(now.first_pass), _points(now.first_pass, before.first_pass), "normal"),
        t("Median wait"): (_wait(now), _longer(now.wait.median, before.wait.median), "inverse"),
        t("Cost per approved"): (_cost(now), _dearer(now, before), "inverse"),
    }


def _wait(figures: PeriodFigures) -> str:
    return "–" if figures.wait.median is None else duration(figures.wait.median)


def _longer(now: float | None, before: float | None) -> str | None:
    if now is None or before is None:
        return None
    return f"{_sign(now, before)}{duration(abs(now - before))}"


def _cost(figures: PeriodFigures) -> str:
    cost = figures.cost
    if cost.per_approved is not None and cost.rates is not None:
        return money(cost.per_approved, cost.rates.currency)
    if not cost.approved:
        return "–"
    return duration((cost.compute_seconds + cost.review_seconds) / cost.approved)


def _dearer(now: PeriodFigures, before: PeriodFigures) -> str | None:
    new, old = now.cost.per_approved, before.cost.per_approved
    return None if new is None or not old else f"{_sign(new, old)}{percent(abs(new / old - 1), 1)}"


def _share(rate: Rate) -> str:
    return "–" if rate.share is None else percent(rate.share)


def _change(now: int, before: int) -> str | None:
    return None if before == 0 else f"{_sign(now, before)}{number(abs(now - before))}"


def _points(now: Rate, before: Rate) -> str | None:
    if now.share is None or before.share is None:
        return None
    change = 100 * (now.share - before.share)
    return f"{_sign(change, 0)}{t('{n} points', n=number(abs(change), 1))}"


def _sign(now: float, before: float) -> str:
    return "+" if now >= before else "-"  # a plain hyphen: by it Streamlit tells which way the arrow points
