"""Pieces of the page Settings: the rules of the team, channels, storage."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from studio.access import team
from studio.bootstrap import Studio
from studio.publishing.channels import SIDES, remove_channel, save_channel
from studio.publishing.export import ChannelView, channels
from studio.publishing.marking import FORMATS
from studio.publishing.own_packs import list_packs
from studio.publishing.packs import RulePack
from studio.roles import Actor
from studio.storage_facts import folder_sizes, storage_facts
from studio.ui.facts import facts
from studio.ui.i18n import msg, number, plural, t
from studio.ui.labels import plain
from studio.ui.notices import calm
from studio.ui.quota_view import clearable_number, draw_limit
from studio.work.quotas import set_team_quota, team_quota

_UNITS = ("B", "KB", "MB", "GB", "TB")
_MEASURED = "folder_sizes"
_FOLDERS = {
    "": msg("Database and settings"),
    "assets": msg("Images and photos"),
    "models": msg("Models"),
    "trainings": msg("Trainings"),
    "thumbnails": msg("Thumbnails"),
    "logs": msg("Logs"),
}


def draw_rules(studio: Studio, actor: Actor) -> None:
    """The switches of the team, and how much each person may compute."""
    on = team.get_switch(studio, actor, "self_approval")
    key = f"self_approval-{on}"  # another one once somebody else has switched it: the old position is no wish
    wanted = st.toggle(t("People may approve images that they made themselves"), value=on, key=key)
    st.caption(t("For teams of one. Otherwise keep it off: a second pair of eyes finds what the first one missed."))
    if wanted != on:
        team.set_switch(studio, actor, "self_approval", wanted)
        st.rerun()
    limit = team_quota(studio, actor)
    with st.form("team-quota", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=320):
            label = t("Minutes of computing a day for each person")
            seconds = draw_limit(label, limit, unlimited=t("no limit"), key="team-minutes")
        pressed = st.form_submit_button(t("Save"))
    st.caption(t("Orders and trainings beyond it are refused until enough is a day old. Exceptions stand at People."))
    if pressed and seconds != limit:
        set_team_quota(studio, actor, seconds)
        st.toast(t("Saved."), icon=":material/check_circle:")


def draw_channels(studio: Studio, actor: Actor) -> None:
    """A line for each channel with its form, and the form of a new one."""
    packs = {one.pack.key: one.pack for one in list_packs(studio, actor)}
    names = {key: pack.name for key, pack in packs.items()}
    for channel in channels(studio, actor):
        with st.container(border=True, key=f"channel-{channel.id}"):
            name, frame, action = st.columns([4, 4, 1.6], vertical_alignment="center")
            name.markdown(f"**{plain(channel.name)}**")
            size = t("as made") if not channel.width else f"{channel.width} x {channel.height} px"
            rules = (
                f" · {t('rules of {name}', name=plain(names.get(channel.pack, channel.pack)))}" if channel.pack else ""
            )
            frame.markdown(f":gray[{size}, {channel.image_format}{rules}]")
            with action, st.popover(t("Change"), key=f"change-channel-{channel.id}", width="stretch"):
                _draw_channel(studio, actor, channel, packs)
    with st.popover(t("Add a channel"), icon=":material/add:", key="add-channel"):
        _draw_channel(studio, actor, None, packs)


def _draw_channel(studio: Studio, actor: Actor, channel: ChannelView | None, packs: Mapping[str, RulePack]) -> None:
    """The form of a channel. The rules of a new one fill in its name, frame and format."""
    key = "new" if channel is None else str(channel.id)
    offered = ["", *packs]
    now = channel.pack if channel and channel.pack in offered else ""
    rules = st.selectbox(
        t("Rules that every export is checked against"),
        offered,
        offered.index(now),
        format_func=lambda one: plain(packs[one].name) if one else t("none"),
        key=f"rules-{key}",
    )
    begun = _begun(packs[rules]) if channel is None and rules else channel
    filled = f"{key}-{rules}" if channel is None and rules else key
    with st.form(f"channel-form-{filled}", border=False, clear_on_submit=channel is None):
        name = st.text_input(t("Name"), begun.name if begun else "", max_chars=80, autocomplete="off")
        width = _side(t("Width in pixels"), begun.width if begun else None, f"width-{filled}")
        height = _side(t("Height in pixels"), begun.height if begun else None, f"height-{filled}")
        formats = list(FORMATS)
        at = formats.index(begun.image_format) if begun and begun.image_format in formats else 0
        image_format = st.selectbox(t("Format"), formats, at, key=f"format-{filled}")
        pressed = st.form_submit_button(t("Save"), type="primary")
    with calm():
        if pressed:
            save_channel(
                studio,
                actor,
                channel.id if channel else None,
                name=name,
                height=height,
                width=width,
                image_format=image_format,
                pack=rules,
            )
            st.rerun()
        if channel and st.button(t("Remove"), type="tertiary", key=f"remove-channel-{channel.id}"):
            remove_channel(studio, actor, channel.id)
            st.rerun()


def _begun(pack: RulePack) -> ChannelView:
    """A channel as its rules like it best."""
    frame = pack.frame
    if frame is None:
        return ChannelView(0, pack.name, None, None, "JPEG", pack.key)
    return ChannelView(0, pack.name, frame.height, frame.width, frame.image_format, pack.key)


def _side(label: str, pixels: int | None, key: str) -> int | None:
    return clearable_number(label, *SIDES, pixels, 100, t("as made"), key)


def draw_storage(studio: Studio, actor: Actor) -> None:
    """Where things are and how much room is left; what each folder takes, on demand."""
    now = storage_facts(studio, actor)
    free = t("{free} of {all} free", free=size(now.free_bytes), all=size(now.disk_bytes))
    with st.container(width=560):
        st.progress(1 - now.free_bytes / max(now.disk_bytes, 1), f"{t('Disk')}: {free}")
    kept = (
        plural("{n} image", "{n} images", now.images),
        plural("{n} photo", "{n} photos", now.photos),
        plural("{n} product", "{n} products", now.products),
    )
    facts(
        [
            (t("Kept"), " · ".join(kept)),
            (t("Home folder"), now.home),
            (t("Images and photos"), now.assets),
            (t("Database"), f"{now.database} · {size(now.database_bytes)}"),
        ]
    )
    if st.button(t("Measure the folders"), icon=":material/straighten:"):
        with st.spinner(t("Looking at every file …"), show_time=True):
            st.session_state[_MEASURED] = folder_sizes(studio, actor)
    if measured := st.session_state.get(_MEASURED):
        facts(
            [
                (t(_FOLDERS[name]) if name in _FOLDERS else name, size(taken))
                for name, taken in measured.items()
                if taken
            ]
        )


def size(in_bytes: float) -> str:
    """A number of bytes in the largest unit that leaves it at least 1, such as 12.3 MB (a MB is a million)."""
    unit = 0
    while in_bytes >= 999.5 and unit < len(_UNITS) - 1:
        in_bytes, unit = in_bytes / 1000, unit + 1
    return f"{number(in_bytes, 1 if unit and in_bytes < 99.95 else 0)} {_UNITS[unit]}"
