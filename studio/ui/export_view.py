"""The way out: approved images as a ZIP for a channel."""

from __future__ import annotations

import streamlit as st

from db.tables import Role
from studio.bootstrap import Studio
from studio.publishing.export import ChannelView, ExportFile, channels, export_approved
from studio.review.review_queue import QueueFilter
from studio.roles import Actor
from studio.ui.i18n import plural, t
from studio.ui.labels import plain
from studio.ui.notices import calm


def draw_export_button(studio: Studio, actor: Actor, wanted: QueueFilter, total: int) -> None:
    """A button that opens the export of the images under these filters."""
    label = plural("Export {n} image", "Export {n} images", total)
    if actor.may(Role.EDITOR) and st.button(label, type="primary", icon=":material/ios_share:", key="export"):
        st.session_state.pop("export_file", None)
        _open(studio, actor, wanted, total)


def _open(studio: Studio, actor: Actor, wanted: QueueFilter, total: int) -> None:
    @st.dialog(t("Export"))
    def dialog() -> None:
        with calm():
            _draw(studio, actor, wanted, total)

    dialog()


def _draw(studio: Studio, actor: Actor, wanted: QueueFilter, total: int) -> None:
    st.caption(
        t(
            "A ZIP with a copy of each image as the channel wants it, marked as made by AI (XMP), and a list as CSV. "
            "The originals stay as they are."
        )
    )
    found = channels(studio, actor)
    channel = st.radio(
        t("Channel"),
        found,
        format_func=lambda channel: plain(channel.name),
        captions=[_wants(channel) for channel in found],
        key="channel",
    )
    publish = actor.may(Role.REVIEWER) and st.checkbox(t("Mark the images as published"), key="publish")
    if st.button(plural("Make the ZIP of {n} image", "Make the ZIP of {n} images", total), type="primary"):
        st.session_state["export_file"] = export_approved(studio, actor, wanted, channel.id, publish=publish)
    file: ExportFile | None = st.session_state.get("export_file")
    if file is not None:
        st.success(plural("{n} image is packed", "{n} images are packed", file.images), icon=":material/check_circle:")
        for warning in file.warnings:
            st.warning(plain(warning), icon=":material/info:")
        st.download_button(
            t("Download {name}", name=file.file_name),
            file.data,
            file.file_name,
            "application/zip",
            icon=":material/download:",
            on_click="ignore",
        )


def _wants(channel: ChannelView) -> str:
    size = t("as made") if not channel.width else f"{channel.width} x {channel.height} px"
    return f"{size}, {channel.image_format}"
