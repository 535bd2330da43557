"""The filters of the review page: which images, as the address says it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from db.tables import AssetState, Purpose
from studio.bootstrap import Studio
from studio.errors import InputError
from studio.review.review_queue import QueueFilter, counts, facets
from studio.review.states import REASONS
from studio.review.verdicts import Days
from studio.roles import Actor
from studio.ui import filters
from studio.ui.head import head
from studio.ui.i18n import date, number, t
from studio.ui.labels import ASSET_STATES, PURPOSES, term

ALL = "all"
_VERDICTS = (AssetState.APPROVED, AssetState.CHANGES_REQUESTED)
_SHOWN = (
    AssetState.IN_REVIEW,
    AssetState.CHANGES_REQUESTED,
    AssetState.APPROVED,
    AssetState.PUBLISHED,
    AssetState.DRAFT,
    AssetState.WITHDRAWN,
)


def draw_filters(studio: Studio, actor: Actor) -> tuple[QueueFilter, int]:
    """Draw the filters; what they say, and how many images fit."""
    with head(t("Review")):
        states = st.container(width="content")  # above the row, but its numbers depend on what the row says
    narrowed = _draw_row(studio, actor)
    found = counts(studio, actor, narrowed)
    labels = {state.value: f"{t(ASSET_STATES[state][0])} {number(found[state])}" for state in _SHOWN}
    labels[ALL] = f"{t('All')} {number(sum(found.values()))}"
    with states:
        chosen = filters.switch_between(t("State"), labels, param="state", default=AssetState.IN_REVIEW.value)
    if chosen == ALL:
        return narrowed, sum(found.values())
    state = AssetState(chosen)
    return replace(narrowed, state=state), found[state]


def _draw_row(studio: Studio, actor: Actor) -> QueueFilter:
    known = facets(studio, actor)
    text, category, model, purpose, mine = st.columns([3, 2, 2, 2, 2], vertical_alignment="center")
    with text:
        words = filters.search(t("Search title, SKU or text"), param="text")
    with category:
        options = {name: f"{term(name)} ({number(n)})" for name, n in known.categories.items()}
        kind = filters.narrow(t("Category"), options, param="category", placeholder=t("All categories"))
    with model:
        models = {str(id_): name for id_, name in known.models.items()}
        version = filters.narrow(t("Model"), models, param="model", placeholder=t("All models"))
    with purpose:
        purposes = {purpose.value: t(label) for purpose, label in PURPOSES.items()}
        use = filters.narrow(t("Purpose"), purposes, param="purpose", placeholder=t("All purposes"))
    with mine:
        own = filters.toggle(t("Only mine"), param="mine")
    return _with_chips(
        QueueFilter(
            text=words,
            category=kind,
            model_version_id=int(version) if version else None,
            purpose=Purpose(use) if use else None,
            mine=own,
        )
    )


def address_of(wanted: QueueFilter) -> dict[str, str]:
    """The query of the review page that shows the images of a filter, such as those behind a point of a chart."""
    query = {
        "state": wanted.state.value if wanted.state else ALL,
        "category": wanted.category,
        "model": wanted.model_version_id,
        "purpose": wanted.purpose,
        "mine": "1" if wanted.mine else None,
        "text": wanted.text,
        "verdict": wanted.verdict,
        "reason": wanted.reason,
        "decided": wanted.decided,
        "made": wanted.made,
    }
    return {name: str(value) for name, value in query.items() if value}


def _with_chips(wanted: QueueFilter) -> QueueFilter:
    """What only a link sets: the verdict that stands, its reason, the days of verdict and making."""
    given = st.query_params
    verdict = next((state for state in _VERDICTS if state.value == given.get("verdict")), None)
    reason = given.get("reason") if given.get("reason") in REASONS else None
    decided, made = _days(given.get("decided")), _days(given.get("made"))
    shown = {
        "verdict": t("Verdict: {state}", state=t(ASSET_STATES[verdict][0])) if verdict else "",
        "reason": t("Rejected: {reason}", reason=t(REASONS[reason].label)) if reason else "",
        "decided": t("Decided: {days}", days=_written(decided)) if decided else "",
        "made": t("Made: {days}", days=_written(made)) if made else "",
    }
    if any(shown.values()):
        with st.container(horizontal=True):
            for param, text in shown.items():
                if text:
                    filters.chip(text, param=param)
    return replace(wanted, verdict=verdict, reason=reason, decided=decided, made=made)


def _days(raw: str | None) -> Days | None:
    try:
        return None if raw is None else Days.parse(raw)
    except InputError:
        return None


def _written(days: Days) -> str:
    if days == Days():
        return t("at any time")
    if days.since == days.until and days.since is not None:
        return date(days.since)
    return f"{date(days.since) if days.since else ''} – {date(days.until) if days.until else ''}"
