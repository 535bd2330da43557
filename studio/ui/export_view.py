"""The way out: approved images as a ZIP for a channel."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from db.tables import Role
from studio.bootstrap import Studio
from studio.publishing.export import (
    MAX_IMAGES,
    ChannelView,
    ExportFile,
    ExportNotes,
    channels,
    check_export,
    export_approved,
)
from studio.publishing.export_check import REASON_LETTERS
from studio.review.review_queue import QueueFilter
from studio.roles import Actor
from studio.ui.export_style_view import draw_styling
from studio.ui.i18n import duration, msg, number, plural, t
from studio.ui.labels import plain
from studio.ui.notices import calm
from studio.ui.pack_words import rule_words

_SHOWN = 50  # refused images
_LOOKED = msg("{done} of {total} looked at, {time} left")
_PACKED = msg("{done} of {total} packed, {time} left")


def draw_export_button(studio: Studio, actor: Actor, wanted: QueueFilter, total: int) -> None:
    """A button that opens the export of the images under these filters."""
    label = plural("Export {n} image", "Export {n} images", total)
    if actor.may(Role.EDITOR) and st.button(label, type="primary", icon=":material/ios_share:", key="export"):
        st.session_state.pop("export_file", None)
        _open(studio, actor, wanted, total)


def _open(studio: Studio, actor: Actor, wanted: QueueFilter, total: int) -> None:
    @st.dialog(t("Export"), width="medium")
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
    if total > MAX_IMAGES:
        told = t(
            "{n} images fit the filters, and up to {most} leave in one ZIP: narrow the filters first, to a category "
            "for example.",
            n=number(total),
            most=number(MAX_IMAGES),
        )
        st.info(told, icon=":material/filter_alt:")
        return
    found = channels(studio, actor)
    channel = st.radio(
        t("Channel"),
        found,
        format_func=lambda channel: plain(channel.name),
        captions=[_wants(channel) for channel in found],
        key="channel",
    )
    publish = actor.may(Role.REVIEWER) and st.checkbox(t("Mark the images as published"), key="publish")
    house_style = st.toggle(
        t("Set each copy into the house style of its category"),
        key="house-style",
        help=t("The product is moved and scaled, never cut. Images that this cannot be done to leave as they are."),
    )
    images, despite = _draw_check(studio, actor, wanted, channel, house_style=house_style)
    n = total if isinstance(images, QueueFilter) else len(images)
    label = plural("Make the ZIP of {n} image", "Make the ZIP of {n} images", n)
    if st.button(label, type="primary", disabled=n == 0):
        bar = st.progress(0.0)
        tell = _telling(bar)
        try:
            st.session_state["export_file"] = export_approved(
                studio,
                actor,
                images,
                channel.id,
                publish=publish,
                despite=despite,
                house_style=house_style,
                looked=partial(tell, _LOOKED),
                progress=partial(tell, _PACKED),
            )
        finally:
            bar.empty()
    file: ExportFile | None = st.session_state.get("export_file")
    if file is not None:
        st.success(plural("{n} image is packed", "{n} images are packed", file.images), icon=":material/check_circle:")
        for told in sentences(file.notes, file.images):
            st.warning(told, icon=":material/info:")
        st.download_button(
            t("Download {name}", name=file.file_name),
            file.data,
            file.file_name,
            "application/zip",
            icon=":material/download:",
            on_click="ignore",
        )


def _telling(bar: DeltaGenerator) -> Callable[[str, int, int], None]:
    """Tells on a bar how far the work is, stretch after stretch, and how long the rest of the stretch takes."""
    began = time.perf_counter()

    def tell(text: str, done: int, of: int) -> None:
        nonlocal began
        now = time.perf_counter()
        left = duration((now - began) / done * (of - done))
        bar.progress(done / of, t(text, done=number(done), total=number(of), time=left))
        if done == of:
            began = now  # the next stretch begins

    return tell


def sentences(notes: ExportNotes, images: int) -> list[str]:
    """What the person who exports should know, in sentences."""
    of = number(images)
    told = []
    if notes.unstyled:
        text = t("{n} of {total} leave as they were made; the list says why.", n=number(notes.unstyled), total=of)
        told.append(text)
    if notes.unmeasured:
        lack = t("{n} of {total} lack a score that the channel's rules ask for.", n=number(notes.unmeasured), total=of)
        told.append(lack)
    if notes.unconfirmed:
        licence = t(
            "The licence of {models} is not confirmed: {n} of {total} images are made by it.",
            models=plain(", ".join(notes.models)),
            n=number(notes.unconfirmed),
            total=of,
        )
        told.append(licence)
    if notes.enlarged:
        soft = t(
            "{n} of {total} were enlarged, up to {times} times: they look soft.",
            n=number(notes.enlarged),
            total=of,
            times=number(notes.most, 1),
        )
        told.append(soft)
    return told


def _draw_check(
    studio: Studio, actor: Actor, wanted: QueueFilter, channel: ChannelView, *, house_style: bool
) -> tuple[QueueFilter | tuple[int, ...], str]:
    """What the channel would refuse, told before the export. Returns the images that go, and an admin's reason for
    letting the others go with them.
    """
    if not channel.pack and not house_style:
        return wanted, ""
    found = check_export(studio, actor, wanted, channel.id, house_style=house_style)
    if found.styling is not None:
        draw_styling(studio, actor, found.styling)
    if found.pack is None:
        return wanted, ""
    name = plain(found.pack.name)
    if found.unmeasured:
        st.caption(plural("{n} image lacks a score", "{n} images lack a score", found.unmeasured))
    if not found.refused:
        st.success(
            t("As far as is measured, {channel} takes all of them.", channel=name), icon=":material/check_circle:"
        )
        return wanted, ""
    told = plural(
        "{channel} would refuse {n} image.", "{channel} would refuse {n} images.", len(found.refused), channel=name
    )
    st.warning(f"{told} {t('They stay out; the others go.')}", icon=":material/block:")
    with st.container(height=min(230, 60 + 46 * len(found.refused)), border=False, gap="xsmall"):
        for one in found.refused[:_SHOWN]:
            title = plain(one.image.product_title or one.image.prompt)
            why = " · ".join(rule_words(finding) for finding in one.findings[:3])
            st.markdown(f"[{title}](/library?image={one.image.id})  \n:gray[{plain(why)}]")
    if len(found.refused) > _SHOWN:
        st.caption(t("and {n} more", n=len(found.refused) - _SHOWN))
    if not actor.may(Role.ADMIN):
        return found.passing, ""
    despite = st.text_input(
        t("Export them all the same, because"), key="despite", max_chars=REASON_LETTERS[1], placeholder=t("your reason")
    )
    return (wanted, despite) if despite.strip() else (found.passing, "")


def _wants(channel: ChannelView) -> str:
    size = t("as made") if not channel.width else f"{channel.width} x {channel.height} px"
    return f"{size}, {channel.image_format}"
