"""The images behind a figure of a reviewer, each with the verdicts that were given on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from db.tables import AssetState
from studio.bootstrap import Studio
from studio.review.behind import Behind, Given, JudgedImage, WantedImages, images_behind
from studio.review.states import REASONS
from studio.review.verdicts import Days
from studio.roles import Actor
from studio.ui.cards import thumbnail_url
from studio.ui.i18n import duration, msg, plural, t
from studio.ui.labels import plain, term
from studio.ui.theme import colour

PAGE = 60
_SHOWN = "judged-shown"

TITLES: dict[Behind, str] = {
    Behind.APPROVED: msg("Approved"),
    Behind.REJECTED: msg("Rejected"),
    Behind.FIRST_PASS: msg("Approved at the first look"),
    Behind.UNDONE: msg("Decisions taken back"),
    Behind.SLOWEST: msg("What took longest to decide"),
    Behind.AGREED: msg("Same verdict"),
    Behind.DISAGREED: msg("Different verdicts"),
    Behind.GOLD_RIGHT: msg("Gold images judged right"),
    Behind.GOLD_WRONG: msg("Gold images judged wrong"),
}

_GRID = """
<style>
.judged {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(176px, 1fr)); gap: 14px; }}
.judged a {{ color: inherit; text-decoration: none; display: block; border: 1px solid {border}; border-radius: 8px;
  overflow: hidden; font-size: 0.84rem; line-height: 1.45; }}
.judged a:hover, .judged a:focus-visible {{ border-color: {primary}; }}
.judged img {{ width: 100%; height: 190px; object-fit: contain; background: #fff; display: block; }}
.judged .told {{ padding: 8px 10px 10px; }}
.judged .kind {{ color: {quiet}; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; display: block; }}
.judged .given {{ display: flex; gap: 6px; align-items: baseline; }}
.judged .given span {{ overflow-wrap: anywhere; }}
.judged i {{ flex: none; width: 8px; height: 8px; border-radius: 50%; }}
</style>
<div class="judged">{cards}</div>
"""


def address_of(wanted: WantedImages) -> dict[str, str]:
    """The query of the page that shows these images."""
    query = {"images": wanted.behind, "of": wanted.user_id, "with": wanted.other_id, "reason": wanted.reason}
    return {name: str(value) for name, value in query.items() if value is not None}


def wanted_by(query: Mapping[str, str], days: Days) -> WantedImages | None:
    """The images that an address asks for; None where it asks for none, or for what there is not."""
    if query.get("images") not in list(Behind):
        return None
    of, other = (int(raw) if (raw := query.get(name, "")).isdecimal() else None for name in ("of", "with"))
    reason = query.get("reason") if query.get("reason") in REASONS else None
    return WantedImages(Behind(query["images"]), of, other, reason, days)


def draw_behind(studio: Studio, actor: Actor, wanted: WantedImages, names: Mapping[int, str]) -> None:
    """The images, newest first, with the way back. names: of the reviewers, by id."""
    if st.button(t("Back to the figures"), icon=":material/arrow_back:"):
        for name in ("images", "of", "with", "reason"):
            st.query_params.pop(name, None)
        st.session_state.pop(_SHOWN, None)
        st.rerun()
    shown = int(st.session_state.get(_SHOWN, PAGE))
    found = images_behind(studio, actor, wanted, limit=shown)
    people = [names[id_] for id_ in (wanted.user_id, wanted.other_id) if id_ is not None and id_ in names]
    parts = [t(TITLES[wanted.behind]), *people, *([t(REASONS[wanted.reason].label)] if wanted.reason else [])]
    st.subheader(" · ".join(map(plain, parts)), anchor=False)
    st.caption(plural("{n} image", "{n} images", found.total))
    of_gold = wanted.behind in (Behind.GOLD_RIGHT, Behind.GOLD_WRONG)
    draw_judged(found.images, unnamed=t("Right verdict") if of_gold else t("Another reviewer"))
    if found.total > len(found.images) and st.button(t("Show more"), icon=":material/expand_more:"):
        st.session_state[_SHOWN] = shown + PAGE
        st.rerun()


def draw_judged(images: Sequence[JudgedImage], *, unnamed: str) -> None:
    """A grid of images, each with who said what; a click opens the image in the library. unnamed: what stands for a
    verdict without a name.
    """
    colours = {"border": colour("borderColor"), "primary": colour("primaryColor"), "quiet": colour("grayTextColor")}
    st.html(_GRID.format(cards="".join(_card(image, unnamed) for image in images), **colours))


def _card(image: JudgedImage, unnamed: str) -> str:
    view = image.view
    title = view.product_title or view.prompt
    alt = escape(t("Generated image: {title}", title=title))
    lines = "".join(_line(given, given.name or unnamed) for given in image.given)
    return (
        f'<a href="/library?image={view.id}"><img loading="lazy" src="{thumbnail_url(view.sha256, 320)}" alt="{alt}">'
        f'<div class="told"><span class="kind">{escape(term(view.category))} · {escape(title)}</span>{lines}</div></a>'
    )


def _line(given: Given, name: str) -> str:
    word = t("Approved") if given.verdict is AssetState.APPROVED else t("Rejected")
    dot = colour("greenColor" if given.verdict is AssetState.APPROVED else "orangeColor")
    why = f": {t(REASONS[given.reason].label)}" if given.reason in REASONS else ""
    took = f" ({duration(given.seconds)})" if given.seconds is not None else ""
    told = f"<b>{escape(name)}</b> {escape(word + why + took)}"
    return f'<div class="given"><i style="background:{dot}"></i><span>{told}</span></div>'
