"""The shelf as customers see it: pictures side by side, the lines of the house style on them, and what stands out."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from studio.publishing.house_figures import Flag, Measure
from studio.publishing.house_style import StyleView
from studio.publishing.shelf import ShelfPicture
from studio.ui.cards import thumbnail_url
from studio.ui.i18n import msg, t
from studio.ui.theme import colour

FLAGS: dict[Flag, str] = {
    Flag.LARGER: msg("larger than the others"),
    Flag.SMALLER: msg("smaller than the others"),
    Flag.LOWER: msg("stands lower"),
    Flag.HIGHER: msg("stands higher"),
    Flag.ASIDE: msg("not in the middle"),
    Flag.GREYER: msg("greyer background"),
    Flag.CUT: msg("cut off by the frame"),
    Flag.UNSEEN: msg("no product found"),
}

_STYLE = """
<style>
.shelf {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(8.6rem, 1fr)); gap: 0.9rem 0.75rem; }}
.shelf figure {{ margin: 0; min-width: 0; }}
.shelf a, .shelf .still {{ display: block; border-radius: 0.4rem; outline: 1px solid {line}; overflow: hidden;
  background: #fff; }}
.shelf a:hover {{ outline: 2px solid {accent}; }}
.shelf a:focus-visible {{ outline: 3px solid {accent}; }}
.shelf .frame {{ position: relative; display: block; }}
.shelf img {{ display: block; width: 100%; height: 100%; object-fit: fill; }}
.shelf i {{ position: absolute; pointer-events: none; }}
.shelf i.across {{ left: 0; right: 0; border-top: 1px dashed {guide}; }}
.shelf i.down {{ top: 0; bottom: 0; border-left: 1px dashed {guide}; }}
.shelf figcaption {{ padding-top: 0.3rem; font-size: 0.78rem; line-height: 1.35; color: {quiet};
  overflow-wrap: anywhere; }}
.shelf figcaption b {{ color: {text}; font-weight: 600; }}
.shelf .out {{ color: {warn}; }}
.shelf .out::before {{ content: "● "; }}
.shelf .fits {{ color: {good}; }}
.shelf .fits::before {{ content: "● "; }}
.shelf .candidate a, .shelf .candidate .still {{ outline: 3px solid {accent}; }}
</style>
"""
_GUIDE = "#d6336c"  # told from any product, on white in both themes


def draw_shelf(
    pictures: Sequence[ShelfPicture],
    style: StyleView | None,
    *,
    guides: bool,
    candidate: ShelfPicture | None = None,
    candidate_url: str = "",
) -> None:
    """Draw the pictures in their order; the candidate in their midst, from `candidate_url` where that is given."""
    lines = _guides(style) if guides and style is not None else ""
    tiles = [_tile(one, lines) for one in pictures]
    if candidate is not None:
        tiles.insert(min(len(tiles), _middle(len(tiles))), _tile(candidate, lines, candidate_url, chosen=True))
    st.html(_STYLE.format(**_colours()) + f'<div class="shelf">{"".join(tiles)}</div>')


def flag_words(flags: Sequence[Flag]) -> str:
    """How a picture stands out, in one line."""
    return ", ".join(t(FLAGS[flag]) for flag in flags)


def _middle(number: int) -> int:
    """The place of the candidate: in the middle of the first row, with neighbours on all sides where there are."""
    return min(3, number // 2)


def _colours() -> dict[str, str]:
    names = {
        "quiet": "grayTextColor",
        "text": "textColor",
        "line": "borderColor",
        "accent": "primaryColor",
        "warn": "orangeTextColor",
        "good": "greenTextColor",
    }
    return {key: colour(name) for key, name in names.items()} | {"guide": _GUIDE}


def _guides(style: StyleView) -> str:
    """The baseline, and the margins where the style says how wide products are."""
    drawn = f'<i class="across" style="top:{100 * style.value(Measure.BASELINE):.2f}%"></i>'
    size, centre = style.value(style.scale), style.value(Measure.CENTRE)
    if style.scale is Measure.WIDTH:
        edges = (centre - size / 2, centre + size / 2)
        return drawn + "".join(f'<i class="down" style="left:{100 * edge:.2f}%"></i>' for edge in edges)
    return drawn + f'<i class="across" style="top:{100 * (style.value(Measure.BASELINE) - size):.2f}%"></i>'


def _tile(one: ShelfPicture, lines: str, url: str = "", *, chosen: bool = False) -> str:
    source = escape(url or thumbnail_url(one.sha256, 320))
    kind = t("Real photo: {title}", title=one.title) if one.asset_id is None else one.title
    frame = (
        f'<span class="frame" style="aspect-ratio:{one.width}/{one.height}">'
        f'<img loading="lazy" src="{source}" alt="{escape(kind)}">{lines}</span>'
    )
    if one.asset_id is None or chosen:
        body = f'<span class="still">{frame}</span>'
    else:
        body = f'<a href="/library?image={one.asset_id}" target="_self" title="{escape(one.title)}">{frame}</a>'
    told = _told(one, chosen=chosen)
    return f'<figure class="{"candidate" if chosen else ""}">{body}<figcaption>{told}</figcaption></figure>'


def _told(one: ShelfPicture, *, chosen: bool) -> str:
    name = f"<b>{escape(t('This image'))}</b><br>" if chosen else ""
    if one.flags:
        return f'{name}<span class="out">{escape(flag_words(one.flags))}</span>'
    if chosen and one.flags is not None:
        return f'{name}<span class="fits">{escape(t("fits in"))}</span>'
    return name + (escape(t("photo")) if one.asset_id is None else "")
