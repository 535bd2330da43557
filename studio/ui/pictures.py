"""A picture by its address: `st.image` takes an address of our own for a file on the disk."""

from __future__ import annotations

from html import escape

import streamlit as st


def draw_picture(url: str, alt: str, *, width: int) -> None:
    """Draw the picture at `url`, `width` pixels wide."""
    style = f"width:{width}px;max-width:100%;border-radius:0.4rem;display:block"
    st.html(f'<img loading="lazy" src="{escape(url)}" alt="{escape(alt)}" style="{style}">')
