"""Widgets whose value stands in the address, in words that no language changes: a filtered page can be linked to.

Streamlit's own `bind="query-params"` writes the label that is shown, so a link would fit one language only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Literal, cast

import streamlit as st

from studio.errors import InputError
from studio.review.verdicts import Days


def narrow(label: str, options: Mapping[str, str], *, param: str, placeholder: str) -> str | None:
    """A list of values (value -> text to show) of which one or none is chosen."""
    key = _taken_over(param, None, lambda raw: raw if raw in options else None)
    value = st.selectbox(
        label,
        list(options),
        index=None,
        format_func=lambda value: options.get(value, value),
        placeholder=placeholder,
        label_visibility="collapsed",
        key=key,
    )
    _keep(param, value or "", default="")
    return value


def choose(label: str, options: Mapping[str, str], *, param: str, default: str) -> str:
    """A list of values (value -> text to show) of which one is always chosen."""
    key = _taken_over(param, default, lambda raw: raw if raw in options else default)
    value = st.selectbox(label, list(options), format_func=options.__getitem__, label_visibility="collapsed", key=key)
    _keep(param, value, default=default)
    return value


def switch_between(label: str, options: Mapping[str, str], *, param: str, default: str) -> str:
    """A few values side by side, of which one is always chosen."""
    key = _taken_over(param, default, lambda raw: raw if raw in options else default)
    value = st.segmented_control(
        label,
        list(options),
        required=True,
        format_func=options.__getitem__,
        label_visibility="collapsed",
        wrap=True,
        key=key,
    )
    _keep(param, value or default, default=default)
    return value or default


def search(label: str, *, param: str) -> str:
    """A text to search for; the page follows while it is typed."""
    key = _taken_over(param, "", lambda raw: raw or "")
    value = st.text_input(
        label, type="search", placeholder=label, label_visibility="collapsed", live="300ms", max_chars=200, key=key
    )
    _keep(param, value or "", default="")
    return value or ""


def toggle(label: str, *, param: str) -> bool:
    """Yes or no."""
    key = _taken_over(param, False, lambda raw: raw == "1")
    value = st.toggle(label, key=key)
    _keep(param, "1" if value else "", default="")
    return value


def period(label: str, *, param: str, in_row: bool = False) -> Days | None:
    """A range of days, both included; None: at any time. In a row of filters its label is not drawn."""
    key = _taken_over(param, (), _days)
    visibility: Literal["visible", "collapsed"] = "collapsed" if in_row else "visible"
    value = st.date_input(label, key=key, format="YYYY-MM-DD", label_visibility=visibility)
    chosen = tuple(value) if isinstance(value, tuple | list) else ()
    days = Days(chosen[0], chosen[-1]) if chosen else None
    _keep(param, str(days) if days else "", default="")
    return days


def span(label: str, low: float, high: float, *, step: float, param: str) -> tuple[float | None, float | None]:
    """A range on a scale; an end that stands at the scale's own is None, since values may lie beyond it."""
    key = _taken_over(param, (low, high), lambda raw: _span(raw, low, high))
    least, most = cast("tuple[float, float]", st.slider(label, low, high, step=step, key=key))  # a pair, by its state
    _keep(param, "" if (least, most) == (low, high) else f"{least:g}..{most:g}", default="")
    return (None if least == low else least), (None if most == high else most)


def _days(raw: str | None) -> tuple[dt.date, ...]:
    try:
        days = Days.parse(raw or "..")
    except InputError:
        return ()
    return tuple(day for day in (days.since, days.until) if day is not None)


def _span(raw: str | None, low: float, high: float) -> tuple[float, float]:
    try:
        least, most = (min(max(float(end), low), high) for end in (raw or "").split(".."))
    except ValueError:
        return low, high
    return (least, most) if least <= most else (low, high)


def chip(text: str, *, param: str) -> None:
    """A filter that came with the address, such as by a click on a chart; pressing it takes it away."""
    if st.button(text, icon=":material/close:", key=f"chip-{param}"):
        del st.query_params[param]
        st.rerun()


def _taken_over(param: str, default: object, parse: Callable[[str | None], object]) -> str:
    """The key of the widget, its value set from the address where that changed (a link, the back button)."""
    key, seen = f"filter-{param}", f"filter-{param}-seen"
    raw = st.query_params.get(param)
    if key not in st.session_state or st.session_state.get(seen) != raw:
        st.session_state[key] = default if raw is None else parse(raw)
        st.session_state[seen] = raw
    return key


def _keep(param: str, raw: str, *, default: str) -> None:
    """Write the widget's value to the address; the default is left out."""
    if raw == default:
        st.query_params.pop(param, None)
    elif st.query_params.get(param) != raw:
        st.query_params[param] = raw
    st.session_state[f"filter-{param}-seen"] = st.query_params.get(param)
