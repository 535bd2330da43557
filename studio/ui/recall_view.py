"""Recalls on the screen: the list, and one with its progress and all that came of it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from db.tables import JobState, RecallOutcome, Role
from studio.bootstrap import Studio
from studio.review.recall_list import recall_csv
from studio.review.recall_views import RecallDetail, RecallView, recall_detail, recall_images, recall_view
from studio.review.recalls import go_on
from studio.roles import Actor
from studio.ui import guard
from studio.ui.i18n import ago, duration, moment, number, plural, t
from studio.ui.labels import BADGE_COLOURS, plain, state_badge
from studio.ui.notices import calm
from studio.ui.places import page_of
from studio.ui.recall_form import cause_in_words
from studio.ui.recall_tables import PAGE, SHOWN, draw_exports, draw_grid, draw_people
from studio.work.jobs import cancel_job

_POLL_SECONDS = 1.0


def draw_list(found: Sequence[RecallView]) -> None:
    """A card for each recall, the newest first."""
    for one in found:
        with st.container(border=True, key=f"recall-{one.id}", gap="xsmall"):
            text, state, actions = st.columns([5, 4, 1.6], vertical_alignment="center")
            with text.container(gap="xxsmall"):
                st.markdown(f"**{plain(cause_in_words(one.cause, one.subject))}**")
                st.caption(f"{plain(one.why)} · {plain(one.user)} · {ago(one.created_at)}")
            with state.container(gap="xxsmall"):
                st.markdown(_state_line(one))
                st.caption(_told(one))
            with actions, st.container(horizontal=True, horizontal_alignment="right"):
                where = {"recall": str(one.id)}
                st.page_link(page_of("recalls"), label=t("Open"), icon=":material/open_in_new:", query_params=where)


def draw_recall(studio: Studio, actor: Actor, recall_id: int) -> None:
    """One recall, drawn again every second for as long as it goes on."""
    running = recall_view(studio, actor, recall_id).job.active

    @st.fragment(run_every=_POLL_SECONDS if running else None)
    def live() -> None:
        studio, actor = guard.page(Role.MANAGER)
        with calm():
            found = recall_detail(studio, actor, recall_id)
            if running != found.view.job.active:
                st.rerun()  # the whole page: the polling ends, or begins again
            _draw_state(studio, actor, found)

    live()
    with calm():
        found = recall_detail(studio, actor, recall_id)
        left, right = st.columns([1, 1.6], gap="large")
        with left:
            draw_exports(found.exports)
            draw_people(found.concerned)
        with right:
            st.subheader(t("The images, as they stood"), anchor=False)
            shown = int(st.session_state.get(SHOWN, PAGE))
            images = recall_images(studio, actor, recall_id, limit=shown)
            draw_grid([(one.image, one.from_state) for one in images])
            if sum(found.view.outcomes.values()) > len(images) and st.button(
                t("Show more"), key="recall-more", icon=":material/expand_more:"
            ):
                st.session_state[SHOWN] = shown + PAGE
                st.rerun()


def _draw_state(studio: Studio, actor: Actor, found: RecallDetail) -> None:
    now = found.view
    outcomes = now.outcomes
    with st.container(horizontal=True, vertical_alignment="center", key="recall-head"):
        with st.container(gap="xxsmall"):
            st.markdown(_state_line(now))
            st.caption(f"{plain(now.why)} · {plain(now.user)} · {moment(now.created_at)}")
        with st.container(horizontal=True, horizontal_alignment="right", width="content"):
            _draw_buttons(studio, actor, now)
    if now.job.active:
        done = outcomes.get(RecallOutcome.WITHDRAWN, 0) + outcomes.get(RecallOutcome.EARLIER, 0)
        left = now.job.seconds_left
        more = "" if left is None else f" · {t('about {time} left', time=duration(left))}"
        of = sum(outcomes.values())
        words = t("{done} of {total} images", done=number(done), total=number(of))
        st.progress(min(1.0, done / max(of, 1)), f"{words}{more}")
    with st.grid(4, min_column_width=140):
        st.metric(t("Withdrawn"), number(outcomes.get(RecallOutcome.WITHDRAWN, 0)), border=True)
        st.metric(t("Withdrawn before"), number(outcomes.get(RecallOutcome.EARLIER, 0)), border=True)
        st.metric(t("Being replaced"), number(now.replaced), border=True)
        st.metric(t("Exports they are in"), number(len(found.exports)), border=True)
    if now.job.error:
        kept = t("What was withdrawn stays so. Go on to do the rest.")
        st.error(f"{plain(now.job.error)}  \n{kept}", icon=":material/error:")
    if found.grown and not now.job.active:
        told = plural("{n} image fits the same cause by now.", "{n} images fit the same cause by now.", found.grown)
        st.warning(f"{told} {t('Recall once more to withdraw what came since.')}", icon=":material/add_alert:")
    _draw_replacements(found)


def _draw_replacements(found: RecallDetail) -> None:
    if found.orders:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":green[●] {t('Replacements are ordered:')}", width="content")
            for at, order in enumerate(found.orders, 1):
                st.page_link(
                    page_of("generate"),
                    label=t("Order {n}", n=number(at)),
                    icon=":material/photo:",
                    query_params={"job": order},
                )
    if found.view.notes and found.view.to_replace:
        told = plural(
            "{n} image could not be ordered again", "{n} images could not be ordered again", found.view.to_replace
        )
        with st.expander(told, icon=":material/info:"):
            for line in found.view.notes:
                st.markdown(f"- {plain(line)}")


def _draw_buttons(studio: Studio, actor: Actor, now: RecallView) -> None:
    if now.job.state in (JobState.QUEUED, JobState.RUNNING) and st.button(
        t("Stop"), icon=":material/stop:", key="stop"
    ):
        with calm():
            cancel_job(studio, actor, now.job.id)
            st.rerun()
    waiting = now.outcomes.get(RecallOutcome.WAITING, 0)
    if not now.job.active and (waiting or now.to_replace):
        label = t("Go on") if waiting else t("Order the rest")
        if st.button(label, type="primary" if waiting else "secondary", icon=":material/play_arrow:", key="go-on"):
            with calm():
                go_on(studio, actor, now.id)
                st.rerun()
    st.download_button(
        t("Download as CSV"),
        lambda: recall_csv(studio, actor, now.id),
        f"recall-{now.id}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _state_line(one: RecallView) -> str:
    word, tone = state_badge(one.job.state)
    return f":{BADGE_COLOURS[tone]}[●] {word}"


def _told(one: RecallView) -> str:
    withdrawn = one.outcomes.get(RecallOutcome.WITHDRAWN, 0)
    told = plural("{n} image withdrawn", "{n} images withdrawn", withdrawn)
    waiting = one.outcomes.get(RecallOutcome.WAITING, 0)
    if waiting:
        told += " · " + plural("{n} waits", "{n} wait", waiting)
    if one.replaced:
        told += " · " + plural("{n} being replaced", "{n} being replaced", one.replaced)
    return told
