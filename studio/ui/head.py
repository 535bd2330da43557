"""The head of a page, its title at the left and what belongs to the whole page at the right; and of its sections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from studio.ui.notices import calm


@contextmanager
def head(title: str) -> Iterator[None]:
    """Draw the title; what the block draws stands at the right of it."""
    with st.container(horizontal=True, vertical_alignment="center", key="head"):
        st.title(title, anchor=False, width="stretch")
        yield


@contextmanager
def section(title: str, lead: str = "") -> Iterator[None]:
    """A part of a page under its own heading. A refusal of the block stands in its place; the next one is drawn."""
    st.subheader(title, anchor=False)
    if lead:
        st.caption(lead)
    with calm():
        yield
    st.space("small")
