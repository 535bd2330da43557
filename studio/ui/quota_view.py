"""A person's computing of the last 24 hours: in words, as a bar, and the form in which an admin limits it."""

from __future__ import annotations

import streamlit as st

from studio.ui.i18n import duration, t
from studio.work.quotas import LEAST_SECONDS, MOST_SECONDS, Quota


def draw_left(quota: Quota, needed: float | None = None) -> None:
    """What is left of a limit, in a line; nothing where there is none. needed: seconds that an order would take."""
    if quota.limit is None or quota.left is None:
        return
    said = t("{left} of {limit} computing left today", left=duration(int(quota.left)), limit=duration(quota.limit))
    short = quota.left <= 0 or (needed or 0.0) > quota.left
    st.caption(f":orange[● {said}]" if short else said, help=_taken(quota))


def draw_quota(quota: Quota) -> None:
    """What was computed and what is ordered, beside the limit."""
    if quota.limit is None or quota.left is None:
        st.markdown(t("{time} of computing in the last 24 hours; no limit is set.", time=duration(quota.used)))
        return
    taken = min((quota.used + quota.ordered) / quota.limit, 1.0)
    said = t("{left} of {limit} computing left today", left=duration(int(quota.left)), limit=duration(quota.limit))
    st.progress(taken, said)
    st.caption(_taken(quota))


def draw_limit(label: str, seconds: int | None, *, unlimited: str, key: str) -> int | None:
    """A form field in minutes a day; an empty one is no value (`unlimited` says what that means). Returns seconds."""
    now = None if seconds is None else round(seconds / 60)
    minutes = clearable_number(label, LEAST_SECONDS // 60, MOST_SECONDS // 60, now, 10, unlimited, key)
    return None if minutes is None else minutes * 60


def clearable_number(
    label: str, low: int, high: int, now: int | None, step: int, placeholder: str, key: str
) -> int | None:
    """A whole number that can be emptied again, which Streamlit allows only where the field began empty."""
    key = f"{key}-{now}"
    if now is not None and key not in st.session_state:
        st.session_state[key] = now
    value = st.number_input(label, low, high, None, step, placeholder=placeholder, key=key)
    return None if value is None else int(value)


def _taken(quota: Quota) -> str:
    told = t("{time} used in the last 24 hours", time=duration(quota.used))
    if quota.ordered >= 1:
        told = f"{told}, {t('{time} ordered', time=duration(quota.ordered))}"
    return f"{told}. {t('What counts is the time by the clock while a worker is at it, until it is a day old.')}"
