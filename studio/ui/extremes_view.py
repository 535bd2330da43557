"""The worst and the best images by a score, as two rows of small pictures that lead to them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from studio.images.assets import AssetView
from studio.quality.extremes import Extremes
from studio.ui.cards import thumbnail_url
from studio.ui.i18n import t
from studio.ui.labels import state_badge, term
from studio.ui.theme import colour
from studio.ui.told_scores import metric_of

_GRID = """
<style>
.extremes {{ display: grid; grid-template-columns: repeat(5, minmax(0, 1fr)); gap: 12px; }}
.extremes a {{ color: inherit; text-decoration: none; display: block; border: 1px solid {border}; border-radius: 8px;
  overflow: hidden; font-size: 0.8rem; line-height: 1.4; }}
.extremes a:hover, .extremes a:focus-visible {{ border-color: {primary}; }}
.extremes img {{ width: 100%; aspect-ratio: 4 / 5; object-fit: contain; background: #fff; display: block; }}
.extremes div {{ padding: 5px 8px 7px; }}
.extremes b {{ font-variant-numeric: tabular-nums; }}
.extremes span {{ color: {quiet}; display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }}
</style>
<div class="extremes">{cards}</div>
"""


def draw_extremes(found: Extremes, metric: str) -> None:
    """Both rows side by side."""
    told = metric_of(metric)
    left, right = st.columns(2, gap="medium")
    sides = (
        (left, t("Worst ten: {score}", score=t(told.name)), found.worst),
        (right, t("Best ten: {score}", score=t(told.name)), found.best),
    )
    for place, title, images in sides:
        with place.container(border=True, height="stretch"):
            st.subheader(title, anchor=False)
            if not images:
                st.info(t("No image of this time has this score."), icon=":material/info:")
                continue
            _draw(images, metric)
            st.caption(t("Click a picture for its brief, its decisions and what was taught nearby."))


def _draw(images: Sequence[AssetView], metric: str) -> None:
    colours = {"border": colour("borderColor"), "primary": colour("primaryColor"), "quiet": colour("grayTextColor")}
    st.html(_GRID.format(cards="".join(_card(view, metric) for view in images), **colours))


def _card(view: AssetView, metric: str) -> str:
    value = view.scores.get(metric)
    title = view.product_title or view.prompt
    alt = escape(t("Generated image: {title}", title=title))
    written = "–" if value is None else metric_of(metric).written(value)
    word, _ = state_badge(view.state)
    return (
        f'<a href="/library?image={view.id}"><img loading="lazy" src="{thumbnail_url(view.sha256, 320)}" alt="{alt}">'
        f"<div><b>{escape(written)}</b><span>{escape(term(view.category))}</span><span>{escape(word)}</span></div></a>"
    )
