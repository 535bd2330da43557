"""What the two themes of `.streamlit/config.toml` cannot say: a few lines of CSS, with the colours of that file."""

from __future__ import annotations

import streamlit as st

from studio.ui.charts import Palette

_CSS = """
<style>
/* The account menu sits in the header, beside the toolbar. */
.st-key-account {{ position: fixed; top: 0.55rem; right: 3.25rem; z-index: 999991; width: auto; }}
.sign-out {{
  width: 100%; min-height: 2.5rem; border: 1px solid {border}; border-radius: 0.5rem; background: none; color: {text};
  font: inherit; font-size: 0.875rem; cursor: pointer;
}}
.sign-out:hover {{ border-color: {primary}; color: {primary}; }}
/* The accent is light in the dark theme: the text on it takes the background's colour (AA in both themes). */
button[kind^="primary"], a[kind^="primary"] {{ color: {background}; }}
button[kind^="primary"]:hover, a[kind^="primary"]:hover {{ color: {background}; filter: brightness(1.08); }}
/* Long lines end where eyes do. */
[data-testid="stMainBlockContainer"] {{ max-width: 96rem; padding-left: 2.5rem; padding-right: 2.5rem; }}
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] p {{ color: {quiet}; opacity: 1; }}
.st-key-head {{ min-height: 2.75rem; }}
[data-testid="stMetricValue"] {{ font-variant-numeric: tabular-nums; }}
/* A link to the page that one is on leads elsewhere all the same: it looks like every other link. */
[data-testid="stMain"] [data-testid="stPageLink-NavLink"]:not(:hover) {{ background: none; }}
[data-testid="stMain"] [data-testid="stPageLink-NavLink"] p {{ font-weight: 400; }}
/* Tiles: a large number, and the whole card is the link. */
[class*="st-key-tile-"] {{ position: relative; transition: border-color 120ms; }}
[class*="st-key-tile-"]:hover {{ border-color: {primary}; }}
[class*="st-key-tile-"] h2 {{
  font-size: 2rem; line-height: 1.25; padding: 0 0 0.9rem; font-variant-numeric: tabular-nums;
}}
[class*="st-key-tile-"] a {{ padding: 0; background: none; }}
[class*="st-key-tile-"] a::after {{ content: ""; position: absolute; inset: 0; }}
[class*="st-key-tile-"] a * {{ white-space: normal; color: {quiet}; }}
[class*="st-key-tile-"] [data-testid="stElementContainer"],
[class*="st-key-tile-"] [data-testid="stPageLink"] {{ position: static; }}
</style>
"""

_COLOURS = {
    "background": "backgroundColor",
    "text": "textColor",
    "quiet": "grayTextColor",
    "border": "borderColor",
    "primary": "primaryColor",
}


def colour(name: str) -> str:
    """A colour of the theme that the visitor sees, by its name in `.streamlit/config.toml`."""
    kind = "dark" if st.context.theme.type == "dark" else "light"
    return str(st.get_option(f"theme.{kind}.{name}"))


def palette() -> Palette:
    """The colours and the font of charts, those of the theme that the visitor sees."""
    return Palette(
        text=colour("textColor"),
        quiet=colour("grayTextColor"),
        line=colour("borderColor"),
        accent=colour("primaryColor"),
        background=colour("backgroundColor"),
        font=str(st.get_option("theme.font")),
    )


def apply() -> None:
    """Put the CSS on the page. Called once a run, by the router; a change of theme runs the page again."""
    st.html(_CSS.format(**{name: colour(option) for name, option in _COLOURS.items()}))
