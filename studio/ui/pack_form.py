"""Rules of one's own without a file: a dialog with a line for each rule, and what the approved images say to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import streamlit as st

from studio.bootstrap import Studio
from studio.publishing.channels import SIDES
from studio.publishing.marking import FORMATS
from studio.publishing.own_packs import list_packs, save_pack
from studio.publishing.pack_preview import Preview, preview_pack
from studio.publishing.packs import MOST_RULES, Measure, RulePack
from studio.roles import Actor
from studio.ui.i18n import number, plural, t
from studio.ui.labels import plain
from studio.ui.notices import calm
from studio.ui.pack_draft import Draft, begin, fault_of, head_content, with_ids
from studio.ui.pack_lines import draw_heads, draw_line
from studio.ui.pack_words import CONFIDENCES, MEASURES, OUTCOMES

_DRAFT = "pack_draft"
_TONES = {"good": "green", "bad": "red", "neutral": "gray"}
_SIDE = 1200


def open_form(studio: Studio, actor: Actor, pack: RulePack | None = None) -> None:
    """The dialog. pack: an own one whose next version is written; None for a new one."""
    begin_form(pack, "" if pack is None else pack.key)
    title = t("Write your own rules") if pack is None else t("Change the rules of {name}", name=pack.name)

    @st.dialog(title, width="large")
    def dialog() -> None:
        draw_form(studio, actor)

    dialog()


def begin_form(pack: RulePack | None, key: str = "") -> None:
    """Fill the form anew, with the rules of a pack or with none. key: of the pack that is changed."""
    before: Draft | None = st.session_state.get(_DRAFT)
    st.session_state[_DRAFT] = begin(pack, key=key, turn=0 if before is None else before.turn + 1)


def draw_form(studio: Studio, actor: Actor) -> None:
    """What stands in the dialog."""
    with calm():
        _draw(studio, actor, st.session_state[_DRAFT])


def _draw(studio: Studio, actor: Actor, draft: Draft) -> None:
    packs = {view.pack.key: view.pack for view in list_packs(studio, actor)}
    content = _draw_head(draft, packs) | _draw_frame(draft)
    st.markdown(f"**{t('Rules')}**")
    if draft.lines:
        draw_heads()
    drawn = [(line, *draw_line(draft, line)) for line in draft.lines]
    _draw_adding(draft)
    content |= {"rules": with_ids([(line, rule) for line, rule, _ in drawn]), "source": _draw_source(draft)}
    whole = bool(content["name"]) and bool(drawn) and not any(fault_of(rule) for _, rule, _ in drawn)
    if whole:
        found = preview_pack(studio, actor, content)
        for rule, (_, _, place) in zip(content["rules"], drawn, strict=True):
            if n := found.broken.get(rule["id"]):
                place.caption(plural("{n} image breaks it", "{n} images break it", n))
        _draw_preview(found)
    else:
        st.info(_missing(content["name"], bool(drawn)), icon=":material/edit_note:")
    label = t("Save as a new version") if draft.key else t("Save")
    if st.button(label, type="primary", disabled=not whole, key="save-pack"):
        saved = save_pack(studio, actor, content)
        st.toast(t("Saved: {name}, version {n}.", name=plain(saved.name), n=saved.version))
        st.rerun()


def _draw_head(draft: Draft, packs: Mapping[str, RulePack]) -> dict[str, Any]:
    """What the pack begins with, its name and its note."""
    begun, turn = draft.begun, draft.turn
    first, *_ = places = st.columns([1, 1] if draft.key else [1, 1, 1])
    if not draft.key:
        key = f"pack-{turn}-begin"
        first.selectbox(
            t("Begin with"),
            ["", *packs],
            index=0 if begun is None else [*packs].index(begun.key) + 1,
            format_func=lambda name: t("a copy of {name}", name=packs[name].name) if name else t("no rules"),
            key=key,
            on_change=lambda: begin_form(packs.get(st.session_state[key])),
        )
    name, note = places[-2:]
    suggested = "" if begun is None else begun.name if draft.key else t("{name}, ours", name=begun.name)
    called = name.text_input(t("Name of the rules"), suggested, max_chars=80, key=f"pack-{turn}-name").strip()
    noted = note.text_input(
        t("Note"), t(begun.note) if begun and begun.note else "", max_chars=600, key=f"pack-{turn}-note"
    )
    return {**head_content(draft, called, packs), "note": noted.strip()}


def _draw_frame(draft: Draft) -> dict[str, Any]:
    """The file that the channel likes best."""
    turn, frame = draft.turn, draft.begun.frame if draft.begun else None
    label = t("Exports and finishing set an image into a frame")
    if not st.toggle(label, value=draft.begun is None or frame is not None, key=f"pack-{turn}-frame"):
        return {}
    width, height, fill, image_format = st.columns(4)
    with width:
        across = _side(t("Width in px"), frame.width if frame else _SIDE, f"pack-{turn}-width")
    with height:
        down = _side(t("Height in px"), frame.height if frame else _SIDE, f"pack-{turn}-height")
    fills = fill.number_input(
        t("The product fills, in %"), 10.0, 100.0, frame.fill if frame else 85.0, 1.0, "%.0f", key=f"pack-{turn}-fill"
    )
    known = list(FORMATS)
    at = known.index(frame.image_format) if frame else 0
    written = image_format.selectbox(t("Format"), known, index=at, key=f"pack-{turn}-format")
    return {"frame": {"width": across, "height": down, "fill": fills, "image_format": written}}


def _side(label: str, value: int, key: str) -> int:
    return st.number_input(label, min_value=SIDES[0], max_value=SIDES[1], value=value, step=50, key=key)


def _draw_adding(draft: Draft) -> None:
    """A choice that adds a rule at once."""
    if len(draft.lines) >= MOST_RULES:
        st.caption(t("A pack holds {n} rules at most.", n=MOST_RULES))
        return
    key = f"pack-{draft.turn}-add-{draft.lines_ever}"
    st.selectbox(
        t("Add a rule"),
        list(MEASURES),
        index=None,
        format_func=lambda check: t(MEASURES[check]),
        placeholder=t("Add a rule about …"),
        label_visibility="collapsed",
        key=key,
        on_change=lambda: draft.add(Measure(st.session_state[key])),
    )


def _draw_source(draft: Draft) -> dict[str, Any]:
    """Where the rules come from."""
    turn, begun = draft.turn, draft.begun.source if draft.begun else None
    name, url, confidence = st.columns([2.5, 2.5, 3])
    known = list(CONFIDENCES)
    told = {
        "name": name.text_input(
            t("Where the rules come from"),
            t(begun.name) if begun else t("Our own word"),
            max_chars=300,
            key=f"pack-{turn}-source",
        ).strip()
        or t("Our own word"),
        "confidence": confidence.selectbox(
            t("How sure"),
            known,
            index=known.index(begun.confidence if begun else "own"),
            format_func=lambda value: t(CONFIDENCES[value]),
            key=f"pack-{turn}-confidence",
        ),
        "read": (begun.read if begun else dt.datetime.now(dt.UTC).date()).isoformat(),
    }
    link = url.text_input(t("Link"), begun.url or "" if begun else "", max_chars=300, key=f"pack-{turn}-url").strip()
    return told | ({"url": link} if link else {})


def _draw_preview(found: Preview) -> None:
    """What the newest approved images say to the rules."""
    if not found.images:
        st.caption(t("No image is approved yet, so that nothing can be tried on these rules."))
        return
    told = t(
        "Of the {n} newest approved images {passing} would pass.",
        n=number(found.images),
        passing=number(found.passing),
    )
    parts = [
        f":{_TONES[tone]}[●] {t(label)}: {number(found.outcomes[outcome])}"
        for outcome, (label, tone) in OUTCOMES.items()
        if found.outcomes[outcome]
    ]
    with st.container(border=True, key="pack-preview"):
        st.markdown(f"**{told}**  \n{' · '.join(parts)}")


def _missing(name: str, rules: bool) -> str:
    if not rules:
        return t("Add the first rule above: then this tells how many of the approved images would pass.")
    return t("The rules lack a name.") if not name else t("Mend the rules marked in red.")
