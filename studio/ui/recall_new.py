"""A new recall on the screen: what it would take back, and the one action."""

from __future__ import annotations

import streamlit as st

from db.tables import LicenceState
from studio.bootstrap import Studio
from studio.models.versions import versions
from studio.models.views import ModelView
from studio.review.causes import Cause
from studio.review.recalls import LONGEST_WHY, RecallPreview, preview, preview_images, recall
from studio.review.replacing import Replacing
from studio.review.states import REASONS
from studio.roles import Actor
from studio.ui.i18n import number, plural, t
from studio.ui.labels import ASSET_STATES, BADGE_COLOURS, plain
from studio.ui.notices import calm
from studio.ui.recall_form import draw_cause
from studio.ui.recall_tables import PAGE, SHOWN, draw_exports, draw_grid


def draw_begin() -> None:
    """The button that leads to a new recall."""
    if st.button(t("Recall images"), type="primary", icon=":material/assignment_return:", key="recall-new"):
        st.query_params.from_dict({"new": "1"})
        st.rerun()


def draw_new(studio: Studio, actor: Actor) -> int | None:
    """The form beside what it would take back; returns the recall's id when it was begun in this run."""
    left, right = st.columns([1, 1.9], gap="large")
    begun = None
    with left:
        cause = draw_cause(studio, actor)
    with right:
        if cause is None:
            st.info(t("Choose what proved bad: all that it touched is then shown here."), icon=":material/arrow_back:")
            return None
        with calm():
            found = preview(studio, actor, cause)
            _draw_preview(studio, actor, cause, found)
    with left, calm():
        begun = _draw_action(studio, actor, cause, found)
    return begun


def _draw_preview(studio: Studio, actor: Actor, cause: Cause, found: RecallPreview) -> None:
    if not found.images and not found.earlier:
        st.success(t("Nothing fits: no image was touched by it."), icon=":material/check:")
        return
    with st.grid(4, min_column_width=130):
        st.metric(t("Images to withdraw"), number(found.images))
        st.metric(t("Approved or published"), number(found.replaceable))
        st.metric(t("Exports they are in"), number(len(found.exports)))
        st.metric(t("People concerned"), number(len(found.concerned)))
    dots = [
        f":{BADGE_COLOURS[ASSET_STATES[state][1]]}[●] {t(ASSET_STATES[state][0])} {number(n)}"
        for state, n in found.states.items()
    ]
    st.markdown(" &nbsp; ".join(dots))
    if found.earlier:
        told = plural(
            "{n} more was withdrawn before, but had left the house: who exported it is told too.",
            "{n} more were withdrawn before, but had left the house: who exported them is told too.",
            found.earlier,
        )
        st.markdown(f":gray[●] {told}")
    if found.taught:
        names = ", ".join(plain(name) for name in found.taught)
        st.warning(
            t("Models were taught with some of these images and stay as they are: {names}.", names=names),
            icon=":material/school:",
        )
    draw_exports(found.exports)
    shown = int(st.session_state.get(SHOWN, PAGE))
    views = preview_images(studio, actor, cause, limit=min(shown, 200))
    draw_grid([(view, view.state) for view in views])
    if found.images > len(views) and shown < 200:
        if st.button(t("Show more"), key="recall-more", icon=":material/expand_more:"):
            st.session_state[SHOWN] = shown + PAGE
            st.rerun()
    elif found.images > len(views):
        st.caption(plural("{n} more is not shown.", "{n} more are not shown.", found.images - len(views)))


def _draw_action(studio: Studio, actor: Actor, cause: Cause, found: RecallPreview) -> int | None:
    if not found.images:
        return None
    with st.container(border=True, key="recall-action", gap="small"):
        why = st.text_area(t("Why? Everyone concerned reads this"), max_chars=LONGEST_WHY, height=88, key="recall-why")
        reason = st.selectbox(
            t("Reason in the log"),
            list(REASONS),
            index=None,
            format_func=lambda key: t(REASONS[key].label),
            placeholder=t("None of the reasons for images"),
            key="recall-reason",
        )
        replacing = _draw_replacing(studio, actor, found)
        final = t("This cannot be undone: a withdrawn image never comes back.")
        out = t("What already left the house has to be taken down where it went; those who exported it are told.")
        st.markdown(f":orange[:material/warning:] **{final}** {out}")
        sure = st.checkbox(t("I looked at what is withdrawn"), key=f"recall-sure-{found.images}")
        pressed = st.button(
            plural("Withdraw {n} image", "Withdraw {n} images", found.images),
            type="primary",
            icon=":material/block:",
            disabled=not (sure and (why or "").strip()),
            key="recall-begin",
        )
    if not pressed:
        return None
    return recall(studio, actor, cause, why=why or "", expected=found.images, reason=reason, replacing=replacing)


def _draw_replacing(studio: Studio, actor: Actor, found: RecallPreview) -> Replacing | None:
    if not found.replaceable:
        return None
    told = plural("Order {n} replacement", "Order {n} replacements", found.replaceable)
    help_ = t("For images that were approved or published: the same briefs with new seeds. They count on your quota.")
    if not st.toggle(told, key="recall-replace", help=help_):
        return None
    offered: dict[int | None, ModelView | None] = {None: None}
    offered |= {
        one.model.id: one.model for one in versions(studio, actor) if one.model.licence is not LicenceState.REFUSED
    }
    chosen = st.selectbox(
        t("Made by"),
        list(offered),
        format_func=lambda id_: t("the model in production") if (one := offered[id_]) is None else one.name,
        key="recall-model",
    )
    return Replacing(chosen)
