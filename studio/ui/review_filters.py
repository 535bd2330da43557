"""The filters of the review page: which images, as the address says it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import streamlit as st

from db.tables import AssetState, Purpose
from studio.bootstrap import Studio
from studio.review_queue import QueueFilter, counts, facets
from studio.roles import Actor
from studio.states import REASONS
from studio.ui import filters
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
    states = st.container()  # above the row, but its numbers depend on what the row says
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
        kind = filters.choose(t("Category"), options, param="category", placeholder=t("All categories"))
    with model:
        models = {str(id_): name for id_, name in known.models.items()}
        version = filters.choose(t("Model"), models, param="model", placeholder=t("All models"))
    with purpose:
        purposes = {purpose.value: t(label) for purpose, label in PURPOSES.items()}
        use = filters.choose(t("Purpose"), purposes, param="purpose", placeholder=t("All purposes"))
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


def _with_chips(wanted: QueueFilter) -> QueueFilter:
    """The filters that only a link sets: the verdict, its reason and its day, the day of making."""
    given = st.query_params
    verdict = next((state for state in _VERDICTS if state.value == given.get("verdict")), None)
    reason = given.get("reason") if given.get("reason") in REASONS else None
    decided_on, made_on = _day(given.get("decided_on")), _day(given.get("made_on"))
    if verdict or reason or decided_on or made_on:
        with st.container(horizontal=True):
            if verdict:
                filters.chip(t("Last verdict: {state}", state=t(ASSET_STATES[verdict][0])), param="verdict")
            if reason:
                filters.chip(t("Rejected: {reason}", reason=t(REASONS[reason].label)), param="reason")
            if decided_on:
                filters.chip(t("Decided on {day}", day=date(decided_on)), param="decided_on")
            if made_on:
                filters.chip(t("Made on {day}", day=date(made_on)), param="made_on")
    return replace(wanted, verdict=verdict, reason=reason, decided_on=decided_on, made_on=made_on)


def _day(raw: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(raw) if raw else None
    except ValueError:
        return None
