"""Names and values side by side, as HTML: texts are escaped, nothing in them is acted upon."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

_CSS = """
<style>
.facts { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: 0.35rem 1.25rem;
  margin: 0 !important; padding: 0 !important; font-size: 0.9rem; }
.facts dt { margin: 0 !important; padding: 0 !important; opacity: 0.72; font-weight: 400; }
.facts dd { margin: 0 !important; padding: 0 !important; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.facts dd code { font-size: 0.72rem; background: none; padding: 0; color: inherit; overflow-wrap: anywhere; }
</style>
"""


def facts(rows: Sequence[tuple[str, str]], *, code: Sequence[str] = ()) -> None:
    """A list of names with their values, the empty ones left out; those named in `code` are set as code."""
    drawn = "".join(
        f"<dt>{escape(name)}</dt><dd>{f'<code>{escape(value)}</code>' if name in code else escape(value)}</dd>"
        for name, value in rows
        if value
    )
    st.html(f"{_CSS}<dl class='facts'>{drawn}</dl>")
