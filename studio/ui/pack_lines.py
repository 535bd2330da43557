"""One rule in the form of a pack: what is measured, what is demanded, and how much it weighs."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from studio.publishing.packs import WORDS, Measure
from studio.ui.i18n import msg, t
from studio.ui.labels import METRICS, PURPOSES
from studio.ui.pack_draft import KILO, Draft, Line, fault_of, in_words, rule_content, unit_of
from studio.ui.pack_words import MEASURES

_WIDTHS = [2.6, 1.7, 1.7, 1.6, 1.4, 0.8, 0.5]
_LONGEST = 300
_SEVERITIES = {"refused": msg("refused"), "advised": msg("advised")}
_EXPLAINED = {
    Measure.ORIGIN: msg("whether a camera took it or it was generated"),
    Measure.ASPECT: msg("1 is square, below 1 is upright"),
    Measure.MEGAPIXELS: msg("width times height, in millions"),
    Measure.MARKING: msg("the digital source type that the file names"),
    Measure.EXACT_WHITE: msg("how much of the border is exactly 255, 255, 255"),
    Measure.NOISE: msg("grain; shop photos reach 0.5, from about 3 on the eye sees it"),
    Measure.BLOCKING: msg("clean photos stay below 0.5, above 1 the grid of JPEG shows"),
    Measure.CROPPED: msg("how much of a side of the frame the product runs into; 0: it stands free"),
    Measure.SHADOW: msg("0 is none, above 1 it is plain to see"),
    Measure.OVERLAY: msg("how sure the studio is that words or a badge were laid over the image"),
    Measure.SKIN: msg("how much of the frame has the colour of skin; from about 0.2 on there is likely a person"),
}
_WORDS = {
    "photo": msg("a photo"),
    "generated": msg("generated"),
    "trainedAlgorithmicMedia": msg("made by AI"),
    "none": msg("no mark"),
} | {purpose.value: label for purpose, label in PURPOSES.items()}


def draw_heads() -> None:
    """What stands above the columns of the rules."""
    names = ("", t("at least"), t("at most"), t("Weight"))
    for place, name in zip(st.columns(_WIDTHS), names, strict=False):
        place.caption(name)


def draw_line(draft: Draft, line: Line) -> tuple[dict[str, Any], st.delta_generator.DeltaGenerator]:
    """The widgets of a rule. Returns it as `read_pack` takes it, but for its id, and the place for what it does."""
    key = f"pack-{draft.turn}-{line.number}"
    with st.container(gap="xxsmall", key=f"{key}-line"):
        wide = [_WIDTHS[0], _WIDTHS[1] + _WIDTHS[2], *_WIDTHS[3:]] if line.check in WORDS else _WIDTHS
        named, *values, weight, does, more, gone = st.columns(wide, vertical_alignment="center")
        unit = unit_of(line.check)
        named.markdown(f"**{t(MEASURES[line.check])}**{f' :gray[{unit}]' if unit else ''}", help=_help(line.check))
        demand: dict[str, Any] = {"check": line.check.value}
        if line.check in WORDS:
            demand |= _words(line, key, values[0])
        else:
            begun = (None, None) if line.begun is None else (line.begun.at_least, line.begun.at_most)
            least = _number(line.check, t("at least"), begun[0], f"{key}-least", values[0])
            most = _number(line.check, t("at most"), begun[1], f"{key}-most", values[1])
            demand |= {name: value for name, value in (("at_least", least), ("at_most", most)) if value is not None}
        demand["severity"] = weight.selectbox(
            t("Weight"),
            list(_SEVERITIES),
            index=int(line.begun is not None and line.begun.severity == "advised"),
            format_func=lambda value: t(_SEVERITIES[value]),
            label_visibility="collapsed",
            key=f"{key}-severity",
        )
        with more, st.popover("", icon=":material/more_horiz:", help=t("Wording and dates"), key=f"{key}-more"):
            demand |= _dates(line, key)
            text = _wording(line, key, demand)
        gone.button("", icon=":material/close:", help=t("Take this rule out"), type="tertiary", key=f"{key}-drop",
                    on_click=draft.drop, args=(line.number,))  # fmt: skip
        if fault := fault_of(demand):
            st.markdown(f":red[:material/error:] :small[{fault}]")
        place = does.empty()
    return rule_content(line, demand, text), place


def _words(line: Line, key: str, place: st.delta_generator.DeltaGenerator) -> dict[str, Any]:
    with place:
        chosen = st.pills(
            t("one of"),
            WORDS[line.check],
            selection_mode="multi",
            default=list(line.begun.one_of) if line.begun else [],
            format_func=lambda word: t(_WORDS[word]) if word in _WORDS else word,
            label_visibility="collapsed",
            key=f"{key}-words",
        )
    return {"one_of": tuple(chosen)}


def _number(
    check: Measure, label: str, begun: float | None, key: str, place: st.delta_generator.DeltaGenerator
) -> float | None:
    kilo = KILO if check is Measure.FILE_BYTES else 1.0
    whole = unit_of(check) in ("px", "KB")
    value = place.number_input(
        label,
        min_value=0.0,
        value=None if begun is None else begun / kilo,
        step=1.0 if whole or unit_of(check) in ("%", "MP") else 0.05,
        format="%.0f" if whole else "%.1f" if unit_of(check) else "%.3f",
        placeholder=t("any"),
        label_visibility="collapsed",
        key=key,
    )
    return None if value is None else value * kilo


def _dates(line: Line, key: str) -> dict[str, Any]:
    """From when to when the rule holds."""
    found: dict[str, Any] = {}
    begun = (None, None) if line.begun is None else (line.begun.valid_from, line.begun.valid_until)
    left, right = st.columns(2)
    for place, name, label, value in (
        (left, "valid_from", t("In force from"), begun[0]),
        (right, "valid_until", t("until before"), begun[1]),
    ):
        day: dt.date | None = place.date_input(label, value=value, key=f"{key}-{name}")
        if day is not None:
            found[name] = day.isoformat()
    return found


def _wording(line: Line, key: str, demand: dict[str, Any]) -> str:
    return st.text_input(
        t("In words"),
        t(line.begun.text) if line.begun else "",
        max_chars=_LONGEST,
        placeholder=in_words(demand),
        key=f"{key}-text",
    )


def _help(check: Measure) -> str | None:
    if check in _EXPLAINED:
        return t(_EXPLAINED[check])
    return t(METRICS[check.value].meaning) if check.value in METRICS else None
