"""The shot list on the page Catalogue: what waits for the photographer, how to take it, and what is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from db.tables import Role
from studio.bootstrap import Studio
from studio.catalogue.products import ProductView
from studio.photos.shot_list import (
    MOST_ANGLE,
    MOST_NOTE,
    ShotView,
    Wish,
    add_shots,
    describe_shots,
    export_shots,
    remove_shots,
    shot_counts,
    shot_list,
    tick_shots,
)
from studio.publishing.shot_frames import shot_frames
from studio.roles import Actor
from studio.ui import filters
from studio.ui.cards import thumbnail_url
from studio.ui.i18n import date, language, moment, number, plural, t
from studio.ui.labels import plain, term
from studio.ui.notices import calm, empty
from studio.ui.places import page_of
from studio.ui.shot_words import FRONT, frame_words

_UNDO = "shots_undo"
_WAITING, _DONE = "waiting", "done"


def draw_shots(studio: Studio, actor: Actor) -> None:
    """The whole view."""
    counts = shot_counts(studio, actor)
    may = actor.may(Role.EDITOR)
    _draw_undo(studio, actor)
    if not counts.waiting + counts.done:
        with empty(
            t("Nothing waits for the photographer"),
            t(
                "Where too few approved images are to be expected, the order form says so and sends the products here. "
                "You can put any product here from the table of products as well."
            ),
            icon="photo_camera",
        ):
            if may:
                st.page_link(page_of("generate"), label=t("Go to Generate"), icon=":material/auto_awesome:")
        return
    bar = st.container(horizontal=True, vertical_alignment="center", key="shots-bar")
    with bar:
        options = {
            _WAITING: t("To photograph {n}", n=number(counts.waiting)),
            _DONE: t("Done {n}", n=number(counts.done)),
        }
        done = filters.switch_between(t("State"), options, param="shots", default=_WAITING) == _DONE
    lines = shot_list(studio, actor, done=done)
    if not done and lines:
        _draw_paper(studio, actor, bar)
    if not lines:
        st.caption(t("All photographed.") if not done else t("Nothing is done yet."))
        return
    actions = st.container(horizontal=True, vertical_alignment="center", key="shots-actions")
    chosen = _draw_table(lines, done=done)
    with actions, calm():
        _draw_actions(studio, actor, lines, chosen, done=done)


def draw_sending(studio: Studio, actor: Actor, chosen: Sequence[ProductView]) -> None:
    """The button that puts products of the catalogue's table on the list."""
    if st.button(t("To the shot list"), icon=":material/photo_camera:"):
        with calm():
            added = add_shots(studio, actor, [Wish(product.id) for product in chosen])
            told = plural("{n} product is on the shot list", "{n} products are on the shot list", len(added))
            st.toast(told if added else t("They are on the shot list already."), icon=":material/photo_camera:")


def _draw_paper(studio: Studio, actor: Actor, bar: st.delta_generator.DeltaGenerator) -> None:
    """What the channel wants, and the list on paper or as a file."""
    frames = shot_frames(studio, actor)
    with bar:
        with st.container(width=210):
            names = {key: t("for {channel}", channel=frame.channel) for key, frame in frames.items()}
            channel = filters.narrow(t("Channel"), names, param="channel", placeholder=t("for any channel"))
        link = f"/api/v1/shots/print?lang={language()}" + (f"&channel={channel}" if channel else "")
        st.link_button(t("Print"), link, icon=":material/print:")
        st.download_button(
            t("Download as CSV"),
            lambda: export_shots(studio, actor),
            "shot-list.csv",
            "text/csv",
            type="tertiary",
            icon=":material/download:",
            on_click="ignore",
        )
    st.caption(frame_words(frames.get(channel or ""), t))


def _draw_table(lines: Sequence[ShotView], *, done: bool) -> list[ShotView]:
    """The lines as a table; returns those whose rows are selected."""
    columns: dict[str, list[object]] = {
        "picture": [thumbnail_url(line.picture, 160) if line.picture else None for line in lines],
        "sku": [line.sku for line in lines],
        "title": [line.title for line in lines],
        "category": [term(line.category.split(" > ")[-1]) for line in lines],
        "colour": [term(line.colour) if line.colour else "" for line in lines],
        "angle": [line.angle or t(FRONT) for line in lines],
        "note": [line.note for line in lines],
    }
    if done:
        columns["done"] = [_done(line) for line in lines]
    else:
        columns["why"] = [_why(line) for line in lines]
        columns["added"] = [f"{line.added_by}, {date(line.added_at)}" for line in lines]
    event = st.dataframe(
        pd.DataFrame(columns),
        hide_index=True,
        row_height=64,
        height=min(38 + 64 * len(lines), 620),
        on_select="rerun",
        selection_mode="multi-row",
        key=f"shots-{'done' if done else 'waiting'}",
        alt=t("Shot list"),
        placeholder="",
        column_config={
            "picture": st.column_config.ImageColumn(t("Image"), width=70),
            "sku": st.column_config.TextColumn(t("SKU"), width=150),
            "title": st.column_config.TextColumn(t("Title"), width=240),
            "category": st.column_config.TextColumn(t("Category"), width=120),
            "colour": st.column_config.TextColumn(t("Colour"), width=80),
            "angle": st.column_config.TextColumn(t("Angle"), width=90),
            "note": st.column_config.TextColumn(t("Note"), width=150),
            "why": st.column_config.TextColumn(t("Expected"), width=100, help=t("Approved images an order promised")),
            "added": st.column_config.TextColumn(t("Added"), width=150),
            "done": st.column_config.TextColumn(t("Done"), width=260),
        },
    )
    rows: list[int] = event["selection"]["rows"]
    return [lines[row] for row in rows if row < len(lines)]


def _why(line: ShotView) -> str:
    if line.expected is None or line.ordered is None:
        return ""
    return t("{expected} of {n}", expected=number(line.expected, 1), n=number(line.ordered))


def _done(line: ShotView) -> str:
    at = moment(line.done_at) if line.done_at else ""
    return t("its photo came, {at}", at=at) if line.photo else t("{name} ticked it off, {at}", name=line.done_by, at=at)


def _draw_actions(
    studio: Studio, actor: Actor, lines: Sequence[ShotView], chosen: Sequence[ShotView], *, done: bool
) -> None:
    if not actor.may(Role.EDITOR):
        return
    if not chosen:
        st.caption(
            t("Select lines to untick or remove them.") if done else t("Select lines to tick off, describe or remove.")
        )
        return
    ids = [line.id for line in chosen]
    ticked = [line.id for line in chosen if not line.photo]
    if done and ticked:
        if st.button(plural("Untick {n}", "Untick {n}", len(ticked)), icon=":material/undo:"):
            _do(lambda: tick_shots(studio, actor, ticked, done=False))
    elif not done:
        if st.button(plural("Tick off {n}", "Tick off {n}", len(ids)), type="primary", icon=":material/check:"):
            st.session_state[_UNDO] = ("tick", tuple(ids))
            _do(lambda: tick_shots(studio, actor, ids))
        with st.popover(t("Angle and note"), icon=":material/edit:"):
            _draw_description(studio, actor, chosen)
    if st.button(plural("Remove {n}", "Remove {n}", len(ids)), type="tertiary", icon=":material/delete:"):
        st.session_state[_UNDO] = ("remove", tuple(ids))
        _do(lambda: remove_shots(studio, actor, ids))


def _draw_description(studio: Studio, actor: Actor, chosen: Sequence[ShotView]) -> None:
    """The same angle and note for all that are selected, starting from the first one's."""
    first = chosen[0]
    with st.form("describe-shots", border=False):
        angle = st.text_input(
            t("Angle"), first.angle, max_chars=MOST_ANGLE, placeholder=t("front, back, sole, on foot")
        )
        note = st.text_area(t("Note"), first.note, max_chars=MOST_NOTE, height=90)
        pressed = st.form_submit_button(plural("Save for {n} line", "Save for {n} lines", len(chosen)), type="primary")
    with calm():
        if pressed:
            describe_shots(studio, actor, [line.id for line in chosen], angle=angle, note=" ".join(note.split()))
            st.rerun()


def _draw_undo(studio: Studio, actor: Actor) -> None:
    undo: tuple[str, tuple[int, ...]] | None = st.session_state.get(_UNDO)
    if undo is None:
        return
    deed, ids = undo
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="shots-undo"):
        told = (
            plural("{n} product is ticked off", "{n} products are ticked off", len(ids))
            if deed == "tick"
            else plural("{n} product is off the list", "{n} products are off the list", len(ids))
        )
        st.markdown(f":green[●] {plain(told)}")
        if st.button(t("Undo"), type="tertiary", icon=":material/undo:"):
            st.session_state.pop(_UNDO)
            with calm():
                if deed == "tick":
                    _do(lambda: tick_shots(studio, actor, ids, done=False))
                else:
                    _do(lambda: remove_shots(studio, actor, ids, back=True))
        if st.button(t("Close"), type="tertiary", icon=":material/close:", key="close-shots-undo"):
            st.session_state.pop(_UNDO)
            st.rerun()


def _do(deed: Callable[[], None]) -> None:
    """Do it; the table forgets its selection, whose rows are others now."""
    deed()
    for key in ("shots-waiting", "shots-done"):
        st.session_state.pop(key, None)
    st.rerun()
