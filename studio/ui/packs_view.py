"""The part of the page Settings with the rules of the channels: those that come with the studio, and the team's own."""

from __future__ import annotations

import json

import streamlit as st

from studio.bootstrap import Studio
from studio.publishing.own_packs import PackView, list_packs, remove_pack, save_pack, versions
from studio.publishing.pack_checks import demanded
from studio.publishing.packs import MOST_BYTES, Rule, RulePack
from studio.roles import Actor
from studio.ui.i18n import ago, date, plural, t
from studio.ui.labels import plain
from studio.ui.notices import calm
from studio.ui.pack_form import open_form
from studio.ui.pack_words import CONFIDENCES, MEASURES

_EXAMPLE = {
    "key": "my_shop",
    "name": "My shop",
    "dated": "2026-11-23",
    "source": {"name": "Our own style guide", "read": "2026-11-23", "confidence": "own"},
    "frame": {"width": 1200, "height": 1500, "fill": 85, "image_format": "JPEG"},
    "rules": [
        {"id": "side", "text": "Large enough to zoom.", "check": "shortest", "at_least": 1000, "severity": "refused"},
        {"id": "fill", "text": "The product fills it.", "check": "fill", "at_least": 75, "at_most": 92,
         "severity": "advised"},
    ],
}  # fmt: skip


_WIDE = 660  # pixels: a popover is as wide as what it holds


def draw_packs(studio: Studio, actor: Actor) -> None:
    """A line for each pack with its rules behind it, and the way to an own one."""
    found = list_packs(studio, actor)
    for view in found:
        with st.container(border=True, key=f"pack-{view.pack.key}"):
            name, told, change, action = st.columns([2.8, 5.2, 1.3, 1.7], vertical_alignment="center")
            name.markdown(f"**{plain(view.pack.name)}**")
            told.markdown(f":gray[{_told(view)}]")
            if view.own:  # not within the popover, which would lie over the dialog
                label, key = t("Change"), f"change-pack-{view.pack.key}"
                if change.button(label, icon=":material/edit:", type="tertiary", key=key):
                    open_form(studio, actor, view.pack)
            with action, st.popover(t("Rules"), key=f"rules-of-{view.pack.key}", width="stretch"):
                _draw_rules(studio, actor, view)
    with st.container(horizontal=True, key="own-packs"):
        if st.button(t("Write your own rules"), icon=":material/add:", key="write-pack"):
            open_form(studio, actor)
        with st.popover(t("From a file"), icon=":material/data_object:", key="add-pack"):
            _draw_writing(studio, actor, None)


def _told(view: PackView) -> str:
    rules = plural("{n} rule", "{n} rules", len(view.pack.rules))
    if view.own and view.saved_at:
        who = f"{plain(view.saved_by or '')}, {ago(view.saved_at)}"
        return f"{rules} · {t('own, version {n}', n=view.pack.version)} · {who}"
    return f"{rules} · {t('of {day}', day=date(view.pack.dated))} · {t(CONFIDENCES[view.pack.source.confidence])}"


def _draw_rules(studio: Studio, actor: Actor, view: PackView) -> None:
    pack = view.pack
    if pack.note:
        st.caption(plain(t(pack.note)))
    st.dataframe(
        [
            {
                t("Rule"): t(rule.text),
                t("Measured"): t(MEASURES[rule.check]),
                t("Demanded"): demanded(rule),
                t("Weight"): t("refused") if rule.severity == "refused" else t("advised"),
                t("In force"): _in_force(rule),
            }
            for rule in pack.rules
        ],
        hide_index=True,
        width=_WIDE,
        key=f"table-{pack.key}",
    )
    source = pack.source
    name = plain(t(source.name))
    named = f"[{name}]({source.url})" if source.url else name
    st.caption(f"{named} · {t('read {day}', day=date(source.read))}")
    with st.container(horizontal=True):
        st.download_button(
            t("Download as JSON"),
            pack.model_dump_json(indent=2, exclude_none=True),
            f"{pack.key}-{pack.version}.json",
            "application/json",
            icon=":material/download:",
            on_click="ignore",
            key=f"download-{pack.key}",
        )
        if view.own:
            with calm():
                if st.button(t("Remove"), type="tertiary", key=f"remove-pack-{pack.key}"):
                    remove_pack(studio, actor, pack.key)
                    st.rerun()
    if view.own:
        older = versions(studio, actor, pack.key)[1:]
        if older:
            st.caption(t("Earlier versions: {versions}", versions=", ".join(str(one.pack.version) for one in older)))
        with st.expander(t("As JSON"), icon=":material/data_object:"):
            _draw_writing(studio, actor, pack)


def _in_force(rule: Rule) -> str:
    if rule.valid_from:
        return t("from {day}", day=date(rule.valid_from))
    return t("before {day}", day=date(rule.valid_until)) if rule.valid_until else t("now")


def _draw_writing(studio: Studio, actor: Actor, pack: RulePack | None) -> None:
    """A file, or the text of one; saved, it is the next version."""
    key = "new" if pack is None else pack.key
    if pack is None:
        st.caption(
            t(
                "A pack of rules is a JSON file. Begin with this example, or download the rules of a channel, give "
                "them another key, and change what you want."
            )
        )
    text = pack.model_dump_json(indent=2, exclude_none=True) if pack else json.dumps(_EXAMPLE, indent=2)
    with st.form(f"pack-form-{key}", border=False), calm():
        file = st.file_uploader(t("A file with rules"), type=["json"], key=f"pack-file-{key}")
        written = st.text_area(
            t("or its text"),
            text,
            height=280,
            max_chars=MOST_BYTES,
            key=f"pack-text-{key}-{pack.version if pack else 0}",
        )
        if st.form_submit_button(t("Save as a new version") if pack else t("Save"), type="primary"):
            saved = save_pack(studio, actor, file.getvalue() if file is not None else written)
            st.toast(t("Saved: {name}, version {n}.", name=plain(saved.name), n=saved.version))
            st.rerun()
