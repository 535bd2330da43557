"""The filters of the review page: which images, as the address says it, and how long they have been waiting."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import streamlit as st

from db.tables import AssetState, Purpose, Role
from ecomgan.metrics import SCORERS
from studio.bootstrap import Studio
from studio.errors import InputError
from studio.images.library import ScoreRange
from studio.review.queue_filter import ALL, Foretold, as_query, read_foretold, read_range, written_range
from studio.review.review_queue import Ageing, QueueFacets, QueueFilter, ageing, counts, facets
from studio.review.sharing import loads
from studio.review.states import REASONS
from studio.review.verdicts import VERDICTS, Days
from studio.roles import Actor
from studio.ui import filters
from studio.ui.head import head
from studio.ui.i18n import ago, date, msg, number, percent, plural, t
from studio.ui.labels import ASSET_STATES, METRICS, PURPOSES, term
from studio.ui.saved_views_view import draw_views
from studio.ui.sharing_view import draw_sharing

_SHOWN = (
    AssetState.IN_REVIEW,
    AssetState.CHANGES_REQUESTED,
    AssetState.APPROVED,
    AssetState.PUBLISHED,
    AssetState.DRAFT,
    AssetState.WITHDRAWN,
)
_FOLDED = ("model", "purpose", "mine", "waited", "claimed")
_WAITED = {"24": msg("for a day"), "72": msg("for three days"), "168": msg("for a week")}


def address_of(wanted: QueueFilter) -> dict[str, str]:
    """The query of the review page that shows the images of a filter, such as those behind a point of a chart."""
    return as_query(wanted)


def draw_filters(studio: Studio, actor: Actor) -> tuple[QueueFilter, int]:
    """Draw the filters; what they say, and how many images fit."""
    with head(t("Review")):
        states = st.container(width="content")  # above the row, but its numbers depend on what the row says
    narrowed, views, sharing = _draw_row(studio, actor)
    found = counts(studio, actor, narrowed)
    labels = {state.value: f"{t(ASSET_STATES[state][0])} {number(found[state])}" for state in _SHOWN}
    labels[ALL] = f"{t('All')} {number(sum(found.values()))}"
    with states:
        chosen = filters.switch_between(t("State"), labels, param="state", default=AssetState.IN_REVIEW.value)
    wanted = narrowed if chosen == ALL else replace(narrowed, state=AssetState(chosen))
    waiting = ageing(studio, actor, narrowed) if wanted.state is AssetState.IN_REVIEW else None
    _draw_line(wanted, waiting)
    with views:
        draw_views(studio, actor, wanted)
    if sharing is not None:
        with sharing:
            draw_sharing(studio, actor, narrowed, found[AssetState.IN_REVIEW])
    return wanted, sum(found.values()) if wanted.state is None else found[wanted.state]


def _draw_row(
    studio: Studio, actor: Actor
) -> tuple[QueueFilter, st.delta_generator.DeltaGenerator, st.delta_generator.DeltaGenerator | None]:
    """What everyone uses in a row, the rest folded behind it; and the places for the saved views and for sharing."""
    known = facets(studio, actor)
    shares = actor.may(Role.MANAGER)
    views, text, category, assignee, more, *rest = st.columns(
        [1.7, 3, 2, 2, 1.7, *([1.7] if shares else [])], vertical_alignment="center"
    )
    with text:
        words = filters.search(t("Search title, SKU or text"), param="text")
    with category:
        options = {name: f"{term(name)} ({number(n)})" for name, n in known.categories.items()}
        kind = filters.narrow(t("Category"), options, param="category", placeholder=t("All categories"))
    with assignee:
        people = {"me": t("Given to me"), "nobody": t("Given to nobody")}
        people |= {str(load.person_id): load.name or "" for load in loads(studio, actor) if load.person_id}
        who = filters.narrow(t("Given to"), people, param="assignee", placeholder=t("Given to anyone"))
    with more:
        folded = _draw_folded(known, actor)
    wanted = replace(_from_address(folded), text=words, category=kind)
    if who is not None:
        wanted = replace(wanted, assignee="me" if who == "me" else "nobody" if who == "nobody" else int(who))
    return wanted, views, rest[0] if rest else None


def _draw_folded(known: QueueFacets, actor: Actor) -> QueueFilter:
    used = sum(param in st.query_params for param in _FOLDED)
    label = plural("{n} more filter", "{n} more filters", used) if used else t("More filters")
    with st.popover(label, icon=":material/tune:", width="stretch"):
        models = {str(id_): name for id_, name in known.models.items()}
        version = filters.narrow(t("Model"), models, param="model", placeholder=t("All models"))
        purposes = {purpose.value: t(name) for purpose, name in PURPOSES.items()}
        use = filters.narrow(t("Purpose"), purposes, param="purpose", placeholder=t("All purposes"))
        lengths = {hours: t(label) for hours, label in _WAITED.items()}
        waited = filters.narrow(t("Waiting"), lengths, param="waited", placeholder=t("Waiting for any time"))
        why = {key: t(reason.label) for key, reason in REASONS.items()}
        filters.narrow(t("Reason"), why, param="reason", placeholder=t("Rejected for any reason"))
        filters.period(t("Made from … to"), param="made")
        _draw_score()
        own = filters.toggle(t("Made by me"), param="mine")
        claimed = actor.may(Role.REVIEWER) and filters.toggle(t("Also what others are looking at"), param="claimed")
    return QueueFilter(
        model_version_id=int(version) if version else None,
        purpose=Purpose(use) if use else None,
        waited_hours=int(waited) if waited else None,
        mine=own,
        claimed=claimed,
    )


def _draw_score() -> None:
    """A range of a score, to be set at once; a chip shows it and takes it away."""
    names = {key: t(metric.name) for key, metric in METRICS.items() if key in SCORERS}
    metric = st.selectbox(
        t("Score"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=t("Any scores"),
        label_visibility="collapsed",
        key="score-metric",
    )
    if metric is None:
        return
    scorer = SCORERS[metric]
    low, high = st.slider(
        f"{t(METRICS[metric].name)}: {t(METRICS[metric].meaning)}",
        scorer.low,
        scorer.high,
        (scorer.low, scorer.high),
        step=(scorer.high - scorer.low) / 100,
        key=f"score-range-{metric}",
    )
    if st.button(t("Only these scores"), disabled=(low, high) == (scorer.low, scorer.high)):
        wanted = ScoreRange(metric, None if low == scorer.low else low, None if high == scorer.high else high)
        st.query_params["score"] = written_range(wanted)
        st.rerun()


def _from_address(wanted: QueueFilter) -> QueueFilter:
    """What a link or a chip sets besides the widgets of the row; what the address says wrongly is passed over."""
    given = st.query_params
    product = given.get("product", "")
    return replace(
        wanted,
        verdict=next((state for state in VERDICTS if state.value == given.get("verdict")), None),
        reason=given.get("reason") if given.get("reason") in REASONS else None,
        decided=_days(given.get("decided")),
        made=_days(given.get("made")),
        score=_score(given.get("score")),
        foretold=_foretold(given.get("foretold")),
        product_id=int(product) if product.isascii() and product.isdecimal() and len(product) < 10 else None,
    )


def _draw_line(wanted: QueueFilter, waiting: Ageing | None) -> None:
    """The filters that only a chip shows, and how long images have been waiting."""
    shown = {
        "verdict": t("Verdict: {state}", state=t(ASSET_STATES[wanted.verdict][0])) if wanted.verdict else "",
        "reason": t("Rejected: {reason}", reason=t(REASONS[wanted.reason].label)) if wanted.reason else "",
        "decided": t("Decided: {days}", days=_written(wanted.decided)) if wanted.decided else "",
        "made": t("Made: {days}", days=_written(wanted.made)) if wanted.made else "",
        "score": _written_score(wanted.score) if wanted.score else "",
        "foretold": _written_foretold(wanted.foretold) if wanted.foretold else "",
        "product": t("One product") if wanted.product_id else "",
    }
    ages = waiting is not None and waiting.oldest is not None
    if not ages and not any(shown.values()):
        return
    with st.container(horizontal=True, vertical_alignment="center", key="queue-line"):
        for param, text in shown.items():
            if text:
                filters.chip(text, param=param)
        if waiting is not None and waiting.oldest is not None:
            _draw_ages(waiting.oldest, waiting.overdue)


def _draw_ages(oldest: dt.datetime, overdue: int) -> None:
    st.caption(t("The oldest came {ago}.", ago=ago(oldest)), width="content")
    if overdue and "waited" not in st.query_params:
        label = plural("{n} waits for more than a day", "{n} wait for more than a day", overdue)
        if st.button(label, icon=":material/hourglass_bottom:", type="tertiary", key="overdue"):
            st.query_params["waited"] = "24"
            st.rerun()


def _days(raw: str | None) -> Days | None:
    try:
        return None if raw is None else Days.parse(raw)
    except InputError:
        return None


def _score(raw: str | None) -> ScoreRange | None:
    try:
        return read_range(raw) if raw else None
    except InputError:
        return None


def _foretold(raw: str | None) -> Foretold | None:
    try:
        return read_foretold(raw) if raw else None
    except InputError:
        return None


def _written(days: Days) -> str:
    if days == Days():
        return t("at any time")
    if days.since == days.until and days.since is not None:
        return date(days.since)
    return f"{date(days.since) if days.since else ''} – {date(days.until) if days.until else ''}"


def _written_score(score: ScoreRange) -> str:
    metric = METRICS[score.metric]
    low, high = ("" if end is None else metric.written(end) for end in (score.low, score.high))
    return f"{t(metric.name)}: {low or '…'} – {high or '…'}"


def _written_foretold(wanted: Foretold) -> str:
    """The verdicts that a calibration was judged on, with what it had foretold."""
    if wanted.low is None and wanted.high is None:
        return t("Judged calibration {version}", version=number(wanted.version))
    low, high = percent(wanted.low or 0.0, 1), percent(1.0 if wanted.high is None else wanted.high, 1)
    return t("Foretold {low} to {high} by calibration {version}", low=low, high=high, version=number(wanted.version))
