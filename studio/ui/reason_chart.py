"""Reasons of rejections against categories or models, as a table of shades whose cells open the images behind them."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from studio.quality.reason_table import ReasonTable
from studio.review.states import REASONS
from studio.ui.charts import Palette, blank
from studio.ui.i18n import number, percent, t
from studio.ui.labels import term
from studio.ui.places import page_of
from studio.ui.review_filters import address_of
from studio.ui.theme import palette
from studio.ui.told import toolbar

_ROW = 40  # pixels a reason
_SIDE = 32  # of a cell
_FAINTEST, _STRONGEST = 0.1, 0.95
_ENOUGH = 5  # images from which on a cell is called striking


def draw_reason_table(found: ReasonTable, *, kinds: bool, key: str) -> None:
    """The table with a sentence under it. kinds: the groups are categories. A click opens the images of a cell."""
    if not found.cells:
        st.info(
            t("Nothing was rejected in this time. As soon as something is, it shows here what goes wrong where."),
            icon=":material/info:",
        )
        return
    labels = [term(group.label) if kinds else group.label for group in found.groups]
    named = dict(zip((group.key for group in found.groups), labels, strict=True))
    hover = [
        t(
            "{group}: {reason}, {n} images, {share} of those decided there",
            group=named[cell.group],
            reason=t(REASONS[cell.reason].label),
            n=number(cell.n),
            share=percent(cell.share),
        )
        for cell in found.cells
    ]
    many = [at for at, cell in enumerate(found.cells) if cell.n >= _ENOUGH]
    advice = (
        t("Most striking: {what}.", what=hover[max(many, key=lambda at: found.cells[at].share)])
        if many
        else t("Too few in each cell to read much into it.")
    )
    figure = reason_grid(found, labels, [t(REASONS[reason].label) for reason in found.reasons], hover, palette())
    event = st.plotly_chart(
        figure,
        theme=None,
        key=key,
        on_select="rerun",
        selection_mode="points",
        config=toolbar(key),
        alt="; ".join(hover[:40]),
    )
    st.caption(f"{t('The number is images, the shade their share of what was decided there.')} {advice}")
    points = event["selection"]["points"]
    if points:
        images = found.cells[points[0]["point_index"]].images
        st.switch_page(page_of("review"), query_params=address_of(images))


def reason_grid(
    found: ReasonTable, groups: Sequence[str], reasons: Sequence[str], hover: Sequence[str], palette: Palette
) -> go.Figure:
    """The cells as squares: a heat map of Plotly's own answers no clicks."""
    figure = blank(palette, height=_ROW * len(reasons) + 120)
    columns = {group.key: at for at, group in enumerate(found.groups)}
    rows = {reason: at for at, reason in enumerate(found.reasons)}
    highest = max(cell.share for cell in found.cells)
    strengths = [_FAINTEST + (_STRONGEST - _FAINTEST) * cell.share / highest for cell in found.cells]
    shades = [_mixed(palette.accent, palette.background, strength) for strength in strengths]
    written = [_readable(shade, palette) for shade in shades]
    figure.add_trace(
        go.Scatter(
            x=[columns[cell.group] for cell in found.cells],
            y=[rows[cell.reason] for cell in found.cells],
            mode="markers+text",
            marker={
                "symbol": "square",
                "size": _SIDE,
                "color": [f"rgb{shade}" for shade in shades],
                "opacity": 1,
            },
            text=[str(cell.n) for cell in found.cells],
            textfont={"color": written, "size": 13},
            customdata=list(hover),
            hovertemplate="%{customdata}<extra></extra>",
            cliponaxis=False,
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        )
    )
    figure.update_xaxes(
        tickvals=list(range(len(groups))),
        ticktext=list(groups),
        range=[-0.6, max(len(groups), 6) - 0.1],
        side="top",
        tickangle=0 if len(groups) <= 6 else -30,
        showgrid=False,
    )
    figure.update_yaxes(
        tickvals=list(range(len(reasons))), ticktext=list(reasons), range=[len(reasons) - 0.4, -0.6], showgrid=False
    )
    return figure


def _mixed(colour: str, ground: str, strength: float) -> tuple[int, ...]:
    """`colour` over `ground`, both "#rrggbb", as one solid colour of three numbers to 255."""
    pairs = zip(_rgb(colour), _rgb(ground), strict=True)
    return tuple(round(strength * over + (1 - strength) * under) for over, under in pairs)


def _readable(shade: tuple[int, ...], palette: Palette) -> str:
    """Of the two colours of text the one that stands out more from the shade (WCAG 2.2, contrast ratio)."""

    def contrast(colour: str) -> float:
        light, dark = sorted((_luminance(_rgb(colour)), _luminance(shade)), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    return max((palette.text, palette.background), key=contrast)


def _luminance(shade: tuple[int, ...]) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in shade))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
