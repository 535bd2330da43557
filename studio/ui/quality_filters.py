"""What the quality page shows, as its address says it: the part, the time, the category, the model, the score."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, cast

import streamlit as st

from studio.bootstrap import Studio
from studio.quality.figures import Axis, QualityFilter, known_metrics
from studio.quality.groups import Groups
from studio.review.verdicts import Days
from studio.roles import Actor
from studio.ui import filters
from studio.ui.i18n import msg, plural, t
from studio.ui.labels import term
from studio.ui.told_scores import metric_of

View = Literal["overview", "scores", "reasons", "cost", "models", "trust"]

VIEWS: dict[View, str] = {
    "overview": msg("Overview"),
    "scores": msg("Scores"),
    "reasons": msg("Reasons"),
    "cost": msg("Cost and time"),
    "models": msg("Models"),
    "trust": msg("Trust"),
}

_PERIODS = (7, 30, 90, 365)
_WEEKS_FROM = 75  # days from which on a point of a trend is a week


@dataclass(frozen=True)
class Shown:
    """What the visitor asked for; `wanted` has the days from `since` to `until`."""

    view: View
    wanted: QualityFilter
    since: dt.date
    until: dt.date

    @property
    def axis(self) -> Axis:
        """Whether points of trends are days or weeks."""
        return Axis.WEEK if (self.until - self.since).days >= _WEEKS_FROM else Axis.DAY


def choose_view() -> View:
    """The part of the page."""
    views = {str(key): t(label) for key, label in VIEWS.items()}
    return cast("View", filters.switch_between(t("Part"), views, param="view", default="overview"))


def choose_shown(known: Groups, view: View) -> Shown:
    """A row of filters; any days of one's own go before the usual periods."""
    usual, own, category, model = st.columns([2.6, 2, 2, 2], vertical_alignment="center")
    with own:
        between = filters.period(t("From … to"), param="between", in_row=True)
    with usual:
        periods = {str(n): plural("{n} day", "{n} days", n) for n in _PERIODS}
        chosen = int(filters.switch_between(t("Period"), periods, param="days", default="30"))
    with category:
        kinds = {name: term(name) for name in known.categories}
        kind = filters.narrow(t("Category"), kinds, param="category", placeholder=t("All categories"))
    with model:
        models = {str(id_): name for id_, name in known.models.items()}
        version = filters.narrow(t("Model"), models, param="model", placeholder=t("All models"))
    today = dt.datetime.now(dt.UTC).date()
    since, until = today - dt.timedelta(days=chosen - 1), today
    if between is not None:
        until = min(between.until or today, today)
        since = min(between.since or until, until)
    return Shown(view, QualityFilter(Days(since, until), kind, int(version) if version else None), since, until)


def choose_metric(studio: Studio, actor: Actor) -> str | None:
    """One of the scores that images have; None where there is none yet."""
    metrics = {key: t(metric_of(key).name) for key in known_metrics(studio, actor)}
    if not metrics:
        return None
    usual = "colour_difference" if "colour_difference" in metrics else next(iter(metrics))
    return filters.choose(t("Score"), metrics, param="score", default=usual)
