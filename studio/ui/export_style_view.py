"""House style in the dialog of an export: what it comes to, and one image before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from html import escape

import streamlit as st

from studio.bootstrap import Studio
from studio.errors import Conflict
from studio.images.assets import asset
from studio.making.reframing import Prospect
from studio.publishing.export_style import Styling
from studio.roles import Actor
from studio.ui.cards import thumbnail_url
from studio.ui.i18n import plural, t
from studio.ui.labels import plain, term
from studio.ui.theme import colour

_MOST_REASONS = 4
_AT = "export_style_at"
_PAIR = """
<style>
.before-after {{ display: grid; grid-template-columns: 1fr 1fr; gap: 12px; }}
.before-after figure {{ margin: 0; border: 1px solid {border}; border-radius: 8px; overflow: hidden; }}
.before-after img {{ width: 100%; height: 208px; object-fit: contain; background: #fff; display: block; }}
.before-after figcaption {{ padding: 5px 10px; font-size: 0.85rem; color: {quiet}; }}
</style>
<div class="before-after">{figures}</div>
"""


def draw_styling(studio: Studio, actor: Actor, found: Styling) -> None:
    """How many images are set into the style of their category, why the others are not, and one of them."""
    _draw_outlook(found)
    if found.set_into:
        _draw_example(studio, actor, found.set_into)


def _draw_outlook(found: Styling) -> None:
    n = len(found.set_into)
    if n:
        told = plural("{n} copy is set into the house style", "{n} copies are set into the house style", n)
        st.markdown(f":green[●] {told}")
    if found.left:
        told = plural("{n} leaves as it is:", "{n} leave as they are:", len(found.left))
        reasons = Counter(_reason(refusal) for refusal in found.left.values())
        shown = [f"{why} ({times})" if times > 1 else why for why, times in reasons.most_common(_MOST_REASONS)]
        st.markdown(f":orange[●] {told} :gray[{plain(' · '.join(shown))}]")
    if found.unknown:
        told = plural("{n} is looked at as it is packed", "{n} are looked at as they are packed", found.unknown)
        st.markdown(f":gray[● {told}]")


def _reason(refusal: Conflict) -> str:
    if "category" in refusal.values:
        return t("{category}: no house style yet", category=term(str(refusal.values["category"])))
    return t(refusal.template, **refusal.values).rstrip(".。")


def _draw_example(studio: Studio, actor: Actor, found: Mapping[int, Prospect]) -> None:
    """One image as it is and as it leaves; a button shows the next one."""
    ids = list(found)
    at = st.session_state.get(_AT, 0) % len(ids)
    view, style = asset(studio, actor, ids[at]), found[ids[at]].style
    assert style is not None
    title = view.product_title or view.prompt
    after = f"/api/v1/assets/{view.id}/reframed?style={style.id}"
    words = (t("As it is"), t("In house style"))
    pictures = (thumbnail_url(view.sha256, 640), after)
    figures = "".join(_figure(url, word, title) for url, word in zip(pictures, words, strict=True))
    st.html(_PAIR.format(figures=figures, border=colour("borderColor"), quiet=colour("grayTextColor")))
    with st.container(horizontal=True, vertical_alignment="center", key="export-style-example"):
        st.caption(f"{plain(title)} · {plain(term(view.category))}", width="stretch")
        if len(ids) > 1:
            st.button(t("Another image"), icon=":material/arrow_forward:", type="tertiary", on_click=_next, args=(at,))


def _next(at: int) -> None:
    st.session_state[_AT] = at + 1


def _figure(url: str, word: str, title: str) -> str:
    alt = escape(f"{word}: {title}", quote=True)
    return f'<figure><img src="{url}" alt="{alt}"><figcaption>{escape(word)}</figcaption></figure>'
