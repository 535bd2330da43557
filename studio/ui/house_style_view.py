"""Pieces of the page House style: the style of a category in words, its shelf, what a manager sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from db.tables import Role
from studio.bootstrap import Studio
from studio.making.reframing import movable, reframe
from studio.publishing.house_figures import FEWEST, Flag, Measure
from studio.publishing.house_style import (
    ENOUGH,
    SETTABLE,
    StyleView,
    learn_styles,
    learning_job,
    lock_style,
)
from studio.publishing.shelf import ShelfPicture, shelf, standing_out
from studio.roles import Actor
from studio.ui import filters
from studio.ui.facts import facts
from studio.ui.i18n import date, msg, number, percent, plural, t
from studio.ui.labels import plain, term
from studio.ui.notices import calm
from studio.ui.places import page_of
from studio.ui.shelf_view import draw_shelf
from studio.work.jobs import job

_POLL_SECONDS = 1.0
_MENDED = {Flag.LARGER, Flag.SMALLER, Flag.LOWER, Flag.HIGHER, Flag.ASIDE}

_SIDES = {Measure.WIDTH: msg("width"), Measure.HEIGHT: msg("height")}
_SETTABLE: dict[Measure, tuple[str, str]] = {
    Measure.BASELINE: (msg("Baseline"), msg("the lower edge of the product, from the top of the frame")),
    Measure.CENTRE: (msg("Middle"), msg("the middle of the product, from the left of the frame")),
}


def draw_learning(studio: Studio, actor: Actor) -> None:
    """The button that learns all styles again, or how far that is."""
    job_id = learning_job(studio, actor)
    if job_id is None:
        told = t("They are learnt again by themselves, each time {n} more images were approved.", n=ENOUGH)
        if actor.may(Role.MANAGER) and st.button(t("Learn again"), icon=":material/refresh:", help=told):
            with calm():
                learn_styles(studio, actor)
                st.rerun()
        return

    @st.fragment(run_every=_POLL_SECONDS)
    def progress() -> None:
        now = job(studio, actor, job_id)
        if not now.active:
            st.rerun()
        numbers = {"done": number(now.done), "total": number(now.total)}
        waits = t("It starts as soon as the worker is free.")
        told = t("{done} of {total} pictures looked at", **numbers) if now.worker else waits
        st.progress(now.done / max(now.total, 1), told)

    with st.container(width=320):
        progress()


def draw_style(studio: Studio, actor: Actor, category: str, style: StyleView | None) -> None:
    """One category: its style in words and its shelf."""
    row = shelf(studio, actor, category)
    if style is None:
        told = t(
            "{category} has no style yet: fewer than {n} approved images and photos show a whole product.",
            category=plain(term(category)),
            n=FEWEST,
        )
        st.caption(told)
    else:
        _draw_words(style)
    if not row.pictures:
        st.caption(t("There is no approved image and no photo of it."))
        return
    with st.container(horizontal=True, vertical_alignment="center", key="shelf-bar"):
        only = style is not None and filters.toggle(t("Only what stands out"), param="out")
        guides = style is not None and st.toggle(t("Lines of the house style"), value=True, key="shelf-guides")
        out = standing_out(row.pictures)
        if style is not None:
            st.caption(
                plural("{n} of {all} stands out", "{n} of {all} stand out", out, all=len(row.pictures))
                if out
                else t("All of them fit in.")
            )
        if actor.may(Role.EDITOR):
            _draw_reframing(studio, actor, row.pictures)
    shown = [one for one in row.pictures if one.flags or not only]
    draw_shelf(shown, style, guides=guides)


def _draw_reframing(studio: Studio, actor: Actor, pictures: Sequence[ShelfPicture]) -> None:
    """The button that has the images reframed which stand out by scale or place, and show the whole product."""
    out = [one.asset_id for one in pictures if one.asset_id is not None and set(one.flags or ()) & _MENDED]
    if not (ids := movable(studio, actor, out)):
        return
    label = plural("Reframe {n} that stands out", "Reframe {n} that stand out", len(ids))
    told = t("Makes new images of the same pixels, moved and scaled. Those on the shelf stay as they are.")
    if st.button(label, icon=":material/crop_free:", help=told):
        with calm():
            st.switch_page(page_of("generate"), query_params={"job": reframe(studio, actor, ids)})


def draw_lock(studio: Studio, actor: Actor, style: StyleView) -> None:
    """What a manager may set, behind a button."""
    if actor.may(Role.MANAGER):
        with st.popover(t("Set and lock"), icon=":material/lock:"):
            _draw_setting(studio, actor, style)


def draw_all(styles: Mapping[str, StyleView]) -> None:
    """Every category's style in one table."""
    rows = list(styles.values())
    table = pd.DataFrame(
        {
            "category": [term(style.category) for style in rows],
            "scale": [_scale(style) for style in rows],
            "baseline": [100 * style.value(Measure.BASELINE) for style in rows],
            "middle": [100 * style.value(Measure.CENTRE) for style in rows],
            "white": [style.figures[Measure.WHITENESS].median for style in rows],
            "pictures": [style.images + style.photos for style in rows],
            "cut": [style.cut for style in rows],
            "source": [_source(style) for style in rows],
            "locked": [", ".join(_named(measure) for measure in style.locked) for style in rows],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        alt=t("House styles"),
        column_config={
            "category": st.column_config.TextColumn(t("Category"), width=150),
            "scale": st.column_config.TextColumn(t("Scale"), width=130),
            "baseline": _per_cent(t("Baseline"), t(_SETTABLE[Measure.BASELINE][1])),
            "middle": _per_cent(t("Middle"), t(_SETTABLE[Measure.CENTRE][1])),
            "white": _per_cent(t("White"), t("Whiteness of the border")),
            "pictures": st.column_config.NumberColumn(t("Pictures"), width=80),
            "cut": st.column_config.NumberColumn(t("Cut off"), width=80),
            "source": st.column_config.TextColumn(t("Learnt from"), width=160),
            "locked": st.column_config.TextColumn(t("Locked"), width=140),
        },
    )


def _per_cent(label: str, meaning: str) -> ColumnConfig:
    return st.column_config.NumberColumn(label, help=meaning, format="%.0f %%", width=90)


def _draw_words(style: StyleView) -> None:
    """The style as one would tell it to a photographer, and what it stands on."""
    figures = style.figures
    left, right = figures[Measure.LEFT], figures[Measure.RIGHT]
    spread = percent(figures[style.scale].spread, 1)
    pictures = (
        plural("{n} approved image", "{n} approved images", style.images),
        plural("{n} photo", "{n} photos", style.photos),
    )
    ground = " · ".join(pictures)
    if style.cut:
        ground += " · " + plural("{n} more is cut off by its frame", "{n} more are cut off by their frames", style.cut)
    if style.source != style.category:
        ground += " · " + t("of {path}, for want of its own", path=_source(style))
    version = t("version {n} of {day}", n=style.version, day=date(style.at))
    facts(
        [
            (t("Scale"), f"{_scale(style)}{_mark(style, style.scale)} · {t('most within ± {spread}', spread=spread)}"),
            (
                t("Baseline"),
                f"{t('{share} from the top', share=percent(style.value(Measure.BASELINE)))}"
                f"{_mark(style, Measure.BASELINE)}",
            ),
            (t("Margins"), t("{left} left, {right} right", left=percent(left.median), right=percent(right.median))),
            (t("Middle"), f"{percent(style.value(Measure.CENTRE))}{_mark(style, Measure.CENTRE)}"),
            (t("Learnt from"), ground),
            (t("Version"), f"{version}{f' · {style.changed_by}' if style.changed_by else ''}"),
        ]
    )


def _scale(style: StyleView) -> str:
    share = percent(style.value(style.scale))
    if style.scale is Measure.WIDTH:
        return t("{share} of the width", share=share)
    return t("{share} of the height", share=share)


def _mark(style: StyleView, measure: Measure) -> str:
    return f" ({t('locked')})" if measure in style.locked else ""


def _named(measure: Measure) -> str:
    return t(_SIDES[measure]) if measure in _SIDES else t(_SETTABLE[measure][0])


def _source(style: StyleView) -> str:
    return " › ".join(term(part) for part in style.source.split(" > "))


def _draw_setting(studio: Studio, actor: Actor, style: StyleView) -> None:
    """What is set stays through all learning; what is not follows the pictures. What is changed is locked."""
    st.caption(t("What you change or lock stays as it is, whatever is learnt. Shares of the frame, in %."))
    with st.form(f"lock-{style.category}", border=False):
        locked: dict[Measure, float] = {}
        offered = [Measure.WIDTH, Measure.HEIGHT]
        lock = st.checkbox(t("Lock: {name}", name=t("Scale")), style.scale in style.locked)
        side = st.radio(
            t("Scale by"),
            offered,
            offered.index(style.scale),
            format_func=lambda one: t(_SIDES[one]),
            horizontal=True,
            label_visibility="collapsed",
        )
        now = round(100 * style.value(style.scale), 1)
        size = st.number_input(t("Share of that side"), 10.0, 98.0, now, 0.5, format="%.1f")
        if lock or size != now or side != style.scale:
            locked[side] = size / 100
        for measure, (name, meaning) in _SETTABLE.items():
            low, high = (100 * end for end in SETTABLE[measure])
            lock = st.checkbox(t("Lock: {name}", name=t(name)), measure in style.locked, help=t(meaning))
            now = round(100 * style.value(measure), 1)
            value = st.number_input(t(name), low, high, now, 0.5, format="%.1f", label_visibility="collapsed")
            if lock or value != now:
                locked[measure] = value / 100
        pressed = st.form_submit_button(t("Save"), type="primary")
    with calm():
        if pressed:
            lock_style(studio, actor, style.category, locked)
            st.rerun()
