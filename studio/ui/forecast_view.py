"""Generate or photograph? What an order would bring, as a few plain lines with a bar each, and the way to the list."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from db.tables import Role
from studio.bootstrap import Studio
from studio.making.category_history import FEWEST, PATH, Ground
from studio.making.forecast import CategoryForecast, Forecast, photograph_below, set_photograph_below
from studio.photos.shot_list import Wish, add_shots, remove_shots
from studio.roles import Actor
from studio.ui.i18n import duration, money, number, plural, t
from studio.ui.labels import term
from studio.ui.notices import calm
from studio.ui.places import page_of
from studio.ui.theme import colour

_SHOWN = 3
_ADDED = "added_to_shot_list"
_EVEN = 1e-9

_STYLE = """
<style>
.forecast {{ display: grid; gap: 0.7rem; margin: 0; }}
.forecast .line {{ display: grid; grid-template-columns: 1fr auto; column-gap: 0.75rem; row-gap: 0.2rem; }}
.forecast .name {{ font-weight: 500; overflow-wrap: anywhere; }}
.forecast .name small {{ color: {quiet}; font-weight: 400; }}
.forecast .sum {{ font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }}
.forecast .sum b {{ font-weight: 600; }}
.forecast .bar {{ grid-column: 1 / -1; position: relative; height: 0.5rem; border-radius: 0.25rem;
  background: {line}; }}
.forecast .bar i {{ position: absolute; top: 0; bottom: 0; border-radius: 0.25rem; opacity: 0.42; }}
.forecast .bar b {{ position: absolute; top: -0.15rem; bottom: -0.15rem; width: 3px; margin-left: -1.5px;
  border-radius: 2px; }}
.forecast .why {{ grid-column: 1 / -1; color: {quiet}; font-size: 0.82rem; }}
.forecast .generate i, .forecast .generate .bar b {{ background: {accent}; }}
.forecast .photograph i, .forecast .photograph .bar b {{ background: {warn}; }}
.forecast .photograph .sum b, .forecast .photograph .advice {{ color: {warn_text}; }}
</style>
"""


def draw_forecast(studio: Studio, actor: Actor, found: Forecast) -> tuple[int, ...]:
    """Draw it with the button that sends products to the shot list; returns those that it sent in this run."""
    with st.container(border=True, gap="small", key="forecast"):
        title, more = st.columns([6, 1], vertical_alignment="center")
        title.markdown(f"**{t('Generate or photograph?')}**")
        with more:
            _draw_meaning(studio, actor, found)
        if not found.lines:
            st.caption(t("The model knows none of these products: photograph them."))
        elif all(line.expected is None for line in found.lines):
            st.caption(
                t(
                    "Too few images were decided on to foretell anything: {n} verdicts are needed. It shows here by "
                    "itself as people approve and reject.",
                    n=FEWEST,
                )
            )
        else:
            st.html(_STYLE.format(**_colours()) + f'<div class="forecast">{_lines(found.lines[:_SHOWN])}</div>')
            if len(found.lines) > _SHOWN:
                with st.popover(plural("{n} more category", "{n} more categories", len(found.lines) - _SHOWN)):
                    st.html(_STYLE.format(**_colours()) + f'<div class="forecast">{_lines(found.lines[_SHOWN:])}</div>')
            _draw_total(found)
        return _draw_sending(studio, actor, found)


def draw_sent_shots(studio: Studio, actor: Actor) -> None:
    """What was sent to the shot list last, with the way there and back."""
    added: tuple[int, ...] | None = st.session_state.get(_ADDED)
    if added is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="sent-shots"):
        told = plural("{n} product is on the shot list", "{n} products are on the shot list", len(added))
        st.markdown(f":green[●] {told if added else t('They are on the shot list already.')}")
        st.page_link(
            page_of("catalogue"),
            label=t("Show the list"),
            icon=":material/photo_camera:",
            query_params={"view": "shots"},
        )
        if added and st.button(t("Undo"), type="tertiary", icon=":material/undo:", key="undo-shots"):
            with calm():
                remove_shots(studio, actor, added)
                st.session_state.pop(_ADDED)
                st.rerun()
        if st.button(t("Close"), type="tertiary", icon=":material/close:", key="close-shots"):
            st.session_state.pop(_ADDED)
            st.rerun()


def _colours() -> dict[str, str]:
    names = {
        "quiet": "grayTextColor",
        "line": "borderColor",
        "accent": "primaryColor",
        "warn": "orangeColor",
        "warn_text": "orangeTextColor",
    }
    return {key: colour(name) for key, name in names.items()}


def _lines(lines: Sequence[CategoryForecast]) -> str:
    return "".join(_line(line) for line in lines)


def _line(line: CategoryForecast) -> str:
    many = len(line.product_ids)
    products = f" <small>{escape(plural('{n} product', '{n} products', many))}</small>" if many > 1 else ""
    name = f'<span class="name">{escape(term(line.category))}{products}</span>'
    if line.expected is None or line.low is None or line.high is None:
        too_few = escape(t("too few decisions to tell"))
        return f'<div class="line">{name}<span class="sum"></span><span class="why">{too_few}</span></div>'
    expected = number(line.expected, 1 if line.number < 100 else 0)
    of = t("{expected} of {n}", expected=f"<b>{escape(expected)}</b>", n=number(line.number))
    low, high, mean = (100 * value / line.number for value in (line.low, line.high, line.expected))
    told = t("{low} to {high} of {n} in four of five orders", low=line.low, high=line.high, n=line.number)
    bar = (
        f'<span class="bar" role="img" aria-label="{escape(told)}" title="{escape(told)}">'
        f'<i style="left:{low:.1f}%;width:{max(high - low, 1.5):.1f}%"></i><b style="left:{mean:.1f}%"></b></span>'
    )
    advice = f'<span class="advice">{escape(t("better photograph it"))}</span> · ' if line.photograph else ""
    why = f'<span class="why">{advice}{escape(_why(line))}</span>'
    kind = "photograph" if line.photograph else "generate"
    return f'<div class="line {kind}">{name}<span class="sum">{of}</span>{bar}{why}</div>'


def _why(line: CategoryForecast) -> str:
    """Range, ground and price, in one line."""
    history = line.history
    approved = {"approved": number(history.tally.approved), "n": number(history.tally.n)}
    ground = {
        Ground.MODEL: t("{approved} of {n} approved so far", **approved),
        Ground.CATEGORY: t("{approved} of {n} approved so far, by earlier models", **approved),
        Ground.AROUND: t("few of its own; {approved} of {n} in {path}", path=_named(history.around), **approved),
        Ground.ALL: t("none like it yet; {approved} of {n} of everything", **approved),
    }[history.ground]
    parts = [t("likely {low} to {high}", low=line.low, high=line.high), ground]
    return " · ".join(parts)


def _named(path: str) -> str:
    return term(path.split(PATH)[-1])


def _draw_total(found: Forecast) -> None:
    parts = []
    if found.expected is not None and found.images and len(found.lines[0].product_ids) + len(found.lines) > 2:
        parts.append(
            t(
                "in all {expected} of {n} images, likely {low} to {high}",
                expected=number(found.expected),
                n=number(found.images),
                low=found.low,
                high=found.high,
            )
        )
    if found.seconds is not None:
        parts.append(t("half of them approved or sent back in {time}", time=duration(found.seconds)))
    if found.cost is not None:
        parts.append(t("{money} in all", money=money(found.cost, found.currency)))
        if found.expected and found.expected > _EVEN:
            parts.append(t("{money} for an approved image", money=money(found.cost / found.expected, found.currency)))
    if parts:
        st.caption(" · ".join(parts).replace("$", "\\$"))


def _draw_sending(studio: Studio, actor: Actor, found: Forecast) -> tuple[int, ...]:
    """The button for those that had better be photographed, and that product by product orders leave out."""
    wanted = found.to_photograph
    if not wanted:
        return ()
    label = plural("Photograph {n} product instead", "Photograph {n} products instead", len(wanted))
    told = t("Puts them on the shot list and leaves them out of this order.")
    if not st.button(label, icon=":material/photo_camera:", width="stretch", help=told, key="to-shot-list"):
        return ()
    lines = {product_id: line for line in found.lines for product_id in line.product_ids}
    wishes = [_wish(one, lines.get(one)) for one in dict.fromkeys(wanted)]
    st.session_state[_ADDED] = add_shots(studio, actor, wishes)
    return wanted


def _wish(product_id: int, line: CategoryForecast | None) -> Wish:
    return Wish(product_id) if line is None else Wish(product_id, line.expected, line.number)


def _draw_meaning(studio: Studio, actor: Actor, found: Forecast) -> None:
    """How it is reckoned, and for managers where photographing begins."""
    with st.popover("", icon=":material/info:", type="tertiary", key="forecast-meaning", width="content"):
        st.markdown(
            t(
                "How many images people are likely to approve, by what they decided on this category in the last year. "
                "The line marks what to expect, the band holds four of five orders. Decisions on this model version "
                "count in full; other versions count as much as 10 decisions, other categories as 4."
            )
        )
        wanted = number(found.wanted, 1)
        st.markdown(
            t("Products with fewer than **{n}** approved images to expect had better be photographed.", n=wanted)
        )
        if actor.may(Role.MANAGER):
            _draw_threshold(studio, actor)


def _draw_threshold(studio: Studio, actor: Actor) -> None:
    now = photograph_below(studio, actor)
    with st.form("photograph-below", border=False):
        wanted = st.number_input(t("Photograph below so many approved images"), 0.0, 20.0, now, 0.5, format="%.1f")
        if st.form_submit_button(t("Save")) and wanted != now:
            set_photograph_below(studio, actor, float(wanted))
            st.rerun()
