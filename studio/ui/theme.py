"""What the two themes of `.streamlit/config.toml` cannot say: a few lines of CSS, the same for both."""

from __future__ import annotations

import streamlit as st

CSS = """
<style>
/* The account menu sits in the header, beside the toolbar. */
.st-key-account { position: fixed; top: 0.55rem; right: 3.25rem; z-index: 999991; width: auto; }
/* The accent is light in the dark theme: the text on it takes the background's colour (AA in both themes). */
[data-testid="stBaseButton-primary"], [data-testid="stBaseButton-primaryFormSubmit"] {
  color: var(--st-background-color);
}
/* Long lines end where eyes do. */
[data-testid="stMainBlockContainer"] { max-width: 96rem; padding-left: 2.5rem; padding-right: 2.5rem; }
[data-testid="stCaptionContainer"] { color: var(--st-gray-text-color); }
[data-testid="stMetricValue"] { font-variant-numeric: tabular-nums; }
/* Tiles: the whole card is the link. */
[class*="st-key-tile-"] { transition: border-color 120ms; }
[class*="st-key-tile-"]:hover { border-color: var(--st-primary-color); }
</style>
"""


def apply() -> None:
    """Put the CSS on the page. Called once a run, by the router."""
    st.html(CSS)
