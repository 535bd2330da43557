"""The words of the shot list that stand on the screen and on paper."""

from __future__ import annotations

from collections.abc import Callable

from studio.publishing.shot_frames import ShotFrame
from studio.ui.i18n import msg

Say = Callable[..., str]
"""`say("text {n}", n=1)` in the reader's language."""

FRONT = msg("front")
_SQUARE = 0.02

_TEXTS = {
    "whole": msg("whole product in the frame"),
    "fill": msg("it spans {low} to {high} % of the frame"),
    "fill_least": msg("it spans at least {low} % of the frame"),
    "white": msg("pure white background"),
    "square": msg("square"),
    "upright": msg("upright, {ratio}"),
    "wide": msg("wide, {ratio}"),
    "pixels": msg("{n} px or more on the longer side"),
}


def frame_words(frame: ShotFrame | None, say: Say) -> str:
    """What a channel wants of a photo, in one line."""
    parts = [say(_TEXTS["whole"])]
    if frame is None:
        return _line([*parts, say(_TEXTS["white"])])
    if frame.fill is not None:
        low, high = frame.fill
        parts.append(
            say(_TEXTS["fill_least"], low=f"{low:g}")
            if high >= 100
            else say(_TEXTS["fill"], low=f"{low:g}", high=f"{high:g}")
        )
    if frame.white:
        parts.append(say(_TEXTS["white"]))
    if frame.aspect is not None:
        parts.append(_shape(frame.aspect, say))
    if frame.longest is not None:
        parts.append(say(_TEXTS["pixels"], n=f"{frame.longest:,}"))
    return _line(parts)


def _line(parts: list[str]) -> str:
    line = ", ".join(parts)
    return f"{line[:1].upper()}{line[1:]}."


def _shape(aspect: float, say: Say) -> str:
    if abs(aspect - 1) < _SQUARE:
        return say(_TEXTS["square"])
    if aspect < 1:
        return say(_TEXTS["upright"], ratio=f"1:{1 / aspect:.2f}")
    return say(_TEXTS["wide"], ratio=f"{aspect:.2f}:1")
