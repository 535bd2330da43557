"""What stands in a recall: the images, the exports that they are in, the people whom they concern."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from db.tables import AssetState
from studio.images.assets import AssetView
from studio.review.recalls import Concerned, RecallExport
from studio.ui.activity_view import TONES
from studio.ui.cards import thumbnail_url
from studio.ui.i18n import moment, t
from studio.ui.labels import state_badge, term

PAGE = 48
"""Images shown at first, and added by each press of "Show more"."""
SHOWN = "recall-shown"
"""Where the session keeps how many images are shown."""

_ROWS = 6  # of a table; longer ones scroll

_GRID = """
<style>
.recalled { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 10px; }
.recalled a { color: inherit; text-decoration: none; font-size: 0.78rem; line-height: 1.3; display: block; }
.recalled img { width: 100%; height: 130px; object-fit: contain; background: #fff; border-radius: 6px;
  border: 1px solid rgb(128 128 128 / 22%); display: block; margin-bottom: 4px; }
.recalled a:hover img, .recalled a:focus-visible img { outline: 2px solid currentcolor; }
.recalled span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; opacity: 0.78; }
.recalled b { display: block; font-weight: 400; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.recalled i { display: inline-block; width: 8px; height: 8px; border-radius: 50%; margin-right: 5px; }
</style>
"""


def draw_exports(exports: Sequence[RecallExport]) -> None:
    """The exports that hold some of the images; nothing without any."""
    if not exports:
        return
    st.subheader(t("Where they went"), anchor=False)
    rows = [
        {
            t("Images"): one.images,
            t("Channel"): one.channel,
            t("Who"): one.user,
            t("When"): moment(one.at),
        }
        for one in exports
    ]
    st.dataframe(rows, hide_index=True, width="stretch", height="content" if len(rows) <= _ROWS else 260)


def draw_people(people: Sequence[Concerned]) -> None:
    """Who made, approved and exported the images; nothing without anybody."""
    if not people:
        return
    st.subheader(t("Whom it concerns"), anchor=False)
    rows = [
        {
            t("Person"): one.name,
            t("Made"): one.made,
            t("Approved"): one.approved,
            t("Exported"): one.exported,
        }
        for one in people
    ]
    st.dataframe(rows, hide_index=True, width="stretch", height="content" if len(rows) <= _ROWS else 260)


def draw_grid(images: Sequence[tuple[AssetView, AssetState]]) -> None:
    """Thumbnails with the state as it was, each a link to the image."""
    cells = []
    for view, state in images:
        name = escape(view.product_title or view.prompt or term(view.category))
        word, tone = state_badge(state)
        alt = escape(t("Image {id}", id=view.id))
        cells.append(
            f"<a href='/library?image={view.id}' target='_self' title='{name}'>"
            f"<img loading='lazy' src='{thumbnail_url(view.sha256, 320)}' alt='{alt}'>"
            f"<b><i style='background:{TONES[tone]}'></i>{escape(word)}</b><span>{name}</span></a>"
        )
    st.html(f"{_GRID}<div class='recalled'>{''.join(cells)}</div>")
