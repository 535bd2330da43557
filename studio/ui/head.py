"""The head of a page: its title at the left, what belongs to the whole page at the right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st


@contextmanager
def head(title: str) -> Iterator[None]:
    """Draw the title; what the block draws stands at the right of it."""
    with st.container(horizontal=True, vertical_alignment="center", key="head"):
        st.title(title, anchor=False, width="stretch")
        yield
