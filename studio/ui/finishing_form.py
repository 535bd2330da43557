"""The finishing steps in plain words. `ecomgan.finishing` says what each does; a brief carries them as JSON."""

from __future__ import annotations

from typing import Any

import streamlit as st

from studio.ui.i18n import msg, t

_ENLARGE: dict[int, str] = {1: msg("as made"), 2: "×2", 4: "×4"}
_FRAMES: dict[str, tuple[str, tuple[int, int] | None]] = {
    "none": (msg("no frame"), None),
    "square": (msg("square, 1000 x 1000"), (1000, 1000)),
    "portrait": (msg("portrait, 1200 x 1500"), (1200, 1500)),
    "tall": (msg("tall, 1801 x 2600"), (1801, 2600)),
}


def draw_house_style() -> bool:
    """Whether images are to be set into the house style of their categories."""
    return st.checkbox(
        t("House style of the category"),
        help=t("Moves and scales the product as in approved images. Categories without a style stay as they are made."),
        key="finish-style",
        persist_state="session",
    )


def draw_finishing() -> tuple[dict[str, Any], ...]:
    """Draw the choices; the steps in the order in which they are done: clean, sharpen, enlarge, frame."""
    st.markdown(f"**{t('Finishing')}**")
    white = st.checkbox(t("Clean white background"), key="finish-white", persist_state="session")
    sharp = st.checkbox(t("Sharpen"), key="finish-sharp", persist_state="session")
    factor = st.segmented_control(
        t("Size"),
        list(_ENLARGE),
        default=1,
        required=True,
        format_func=lambda factor: t(_ENLARGE[factor]),
        key="finish-size",
        persist_state="session",
    )
    detail = st.checkbox(
        t("Restore detail"),
        value=True,
        disabled=factor == 1,
        help=t("Crisp outlines and fewer stray pixels where an image is enlarged. Detail is likely, not known."),
        key="finish-detail",
        persist_state="session",
    )
    frame = st.selectbox(
        t("Frame"),
        list(_FRAMES),
        format_func=lambda name: t(_FRAMES[name][0]),
        help=t("Pads the image with white so that the product fills 85 % of the frame."),
        key="finish-frame",
        persist_state="session",
    )
    steps: list[dict[str, Any]] = []
    if white:
        steps.append({"step": "white_background"})
    if sharp:
        steps.append({"step": "sharpen"})
    if factor != 1:
        steps.append({"step": "detail" if detail else "resize", "factor": factor})
    if pixels := _FRAMES[frame][1]:
        steps.append({"step": "pad", "width": pixels[0], "height": pixels[1]})
    return tuple(steps)
