"""The filters of the library: which images, as the address says it."""

from __future__ import annotations

import streamlit as st

from db.tables import AssetState, Purpose
from ecomgan.metrics import SCORERS
from studio.bootstrap import Studio
from studio.images.library import LibraryFacets, LibraryFilter, ScoreRange, facets
from studio.publishing.own_packs import list_packs
from studio.roles import Actor
from studio.ui import filters
from studio.ui.i18n import plural, t
from studio.ui.labels import ASSET_STATES, METRICS, PURPOSES, plain, term
from studio.ui.search_view import WAY, draw_way

_FOLDED = ("model", "purpose", "by", "made", "passes", "score", "range")
_ALL = ("text", WAY, "state", "category", "colour", *_FOLDED)


def draw_filters(studio: Studio, actor: Actor) -> tuple[LibraryFilter, bool]:
    """The four that everyone uses in a row, the others folded behind it; returns what they say, and whether the text is
    searched for by what it means.
    """
    known = facets(studio, actor)
    text, way, state, category, colour, more = st.columns([3.4, 2, 1.8, 1.8, 1.8, 1.7], vertical_alignment="center")
    with way:
        by_meaning = draw_way()
    with text:
        label = t("Say what to find") if by_meaning else t("Search text, title, SKU, category or colour")
        words = filters.search(label, param="text")
    with state:
        states = {state.value: t(label) for state, (label, _) in ASSET_STATES.items()}
        stands = filters.narrow(t("State"), states, param="state", placeholder=t("All states"))
    with category:
        kinds = {name: term(name) for name in known.categories if name}
        kind = filters.narrow(t("Category"), kinds, param="category", placeholder=t("All categories"))
    with colour:
        shades = {name: term(name) for name in known.colours}
        shade = filters.narrow(t("Colour"), shades, param="colour", placeholder=t("All colours"))
    with more:
        folded = _draw_folded(known, {one.pack.key: plain(one.pack.name) for one in list_packs(studio, actor)})
    wanted = LibraryFilter(
        text=words,
        state=AssetState(stands) if stands else None,
        category=kind,
        colour=shade,
        model_version_id=folded.model_version_id,
        purpose=folded.purpose,
        made_by_id=folded.made_by_id,
        made=folded.made,
        score=folded.score,
        channel=folded.channel,
    )
    return wanted, by_meaning


def forget_filters() -> None:
    """Take all filters out of the address."""
    for param in _ALL:
        st.query_params.pop(param, None)


def _draw_folded(known: LibraryFacets, channels: dict[str, str]) -> LibraryFilter:
    used = sum(param in st.query_params for param in _FOLDED[:-1])
    label = plural("{n} more filter", "{n} more filters", used) if used else t("More filters")
    with st.popover(label, icon=":material/tune:", width="stretch"):
        models = {str(id_): name for id_, name in known.models.items()}
        version = filters.narrow(t("Model"), models, param="model", placeholder=t("All models"))
        purposes = {purpose.value: t(name) for purpose, name in PURPOSES.items()}
        use = filters.narrow(t("Purpose"), purposes, param="purpose", placeholder=t("All purposes"))
        people = {str(id_): name for id_, name in known.people.items()}
        maker = filters.narrow(t("Made by"), people, param="by", placeholder=t("Made by anyone"))
        made = filters.period(t("Made from … to"), param="made")
        channel = filters.narrow(t("Passes the channel"), channels, param="passes", placeholder=t("Any channel"))
        score = _draw_score()
    return LibraryFilter(
        model_version_id=int(version) if version else None,
        purpose=Purpose(use) if use else None,
        made_by_id=int(maker) if maker else None,
        made=made,
        score=score,
        channel=channel,
    )


def _draw_score() -> ScoreRange | None:
    names = {key: t(metric.name) for key, metric in METRICS.items() if key in SCORERS}
    metric = filters.narrow(t("Score"), names, param="score", placeholder=t("Any scores"))
    if metric is None:
        st.query_params.pop("range", None)
        return None
    scorer = SCORERS[metric]
    low, high = filters.span(
        f"{t(METRICS[metric].name)}: {t(METRICS[metric].meaning)}",
        scorer.low,
        scorer.high,
        step=(scorer.high - scorer.low) / 100,
        param="range",
    )
    return ScoreRange(metric, low, high)
