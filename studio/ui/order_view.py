"""The right side of Generate: images as they finish, and what to do with them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

import streamlit as st

from db.tables import JobState, Role
from studio.bootstrap import Studio
from studio.images.assets import AssetView
from studio.making.orders import Estimate, more_like_this, order_results
from studio.review.deciding import submit, undo
from studio.roles import Actor
from studio.ui import gallery, guard
from studio.ui.brief_form import LAST_SEED
from studio.ui.cards import best_first, cards
from studio.ui.i18n import duration, number, plural, t
from studio.ui.jobs_view import progress_line
from studio.ui.labels import plain
from studio.ui.notices import calm
from studio.work.jobs import JobView, cancel_job, job
from studio.work.retrying import retry_job

_POLL_SECONDS = 0.5
_SHOWN = 240
_SENT = "sent_to_review"


def draw_estimate(found: Estimate) -> None:
    """What an order would take, and what it would leave out, before it starts."""
    parts = [plural("{n} image", "{n} images", found.images)]
    if found.seconds is not None:
        parts.append(t("about {time}", time=duration(found.seconds)))
    if found.waiting_seconds:
        parts.append(t("after {time} of earlier orders", time=duration(found.waiting_seconds)))
    basis = {
        "orders": t("By what the last orders took."),
        "warm_up": t("By what the worker measured when it started."),
        "none": t("Nobody has measured this model yet."),
    }[found.basis]
    st.caption(" · ".join(parts), help=basis)
    if found.unknown:
        names = ", ".join(f"{one.sku} ({one.category})" for one in found.unknown[:5])
        more = "" if len(found.unknown) <= 5 else " …"
        left_out = plural("{n} product is left out", "{n} products are left out", len(found.unknown))
        st.warning(
            f"{left_out}: {t('the model was not taught what it is.')} {plain(names)}{more}", icon=":material/info:"
        )


def draw_order(studio: Studio, actor: Actor, job_id: str) -> None:
    """An order: its progress while it runs, then its images, best first. It polls only while there is more to come."""
    running = job(studio, actor, job_id).active

    @st.fragment(run_every=_POLL_SECONDS if running else None)
    def results() -> None:
        studio, actor = guard.page(Role.EDITOR)
        with calm():
            now = job(studio, actor, job_id)
            views = order_results(studio, actor, job_id, limit=_SHOWN)
            if running and not now.active:
                st.rerun()  # the whole page: the polling ends
            _draw_head(studio, actor, now, views)
            _draw_images(studio, actor, now, views)

    results()


def _draw_head(studio: Studio, actor: Actor, now: JobView, views: Sequence[AssetView]) -> None:
    if views:
        st.session_state[LAST_SEED] = views[0].seed - views[0].number
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(now.title)}**", width="stretch")
        if now.active:
            if now.state is not JobState.CANCELLING and st.button(t("Cancel"), icon=":material/stop_circle:"):
                cancel_job(studio, actor, now.id)
                st.rerun()
        elif now.state in (JobState.FAILED, JobState.CANCELLED) and st.button(t("Make the rest")):
            _follow(lambda: retry_job(studio, actor, now.id))
    if now.active:
        st.progress(now.done / max(now.total, 1), progress_line(now))
        if now.state is JobState.QUEUED and not now.done:
            st.caption(t("It starts as soon as the worker is free. You may leave this page: nothing is lost."))
    elif now.state is JobState.FAILED:
        st.error(f"{t('This order stopped; the images made so far are kept.')} {plain(now.error or '')}")
    else:
        made = plural("{n} image", "{n} images", now.done)
        seed = f" · {t('seed {seed}', seed=views[0].seed - views[0].number)}" if views else ""
        st.caption(f"{made} · {t('{time} of computing', time=duration(now.compute_seconds))}{seed} · {t('best first')}")
    if now.done > _SHOWN:
        st.caption(t("The first {n} are shown; all are on the page Review as drafts.", n=number(_SHOWN)))


def _draw_images(studio: Studio, actor: Actor, now: JobView, views: Sequence[AssetView]) -> None:
    _draw_sent(studio, actor)
    shown = views if now.active else best_first(views)  # nothing moves under the hand while images still arrive
    if not shown:
        with st.grid(4, min_column_width=180):
            for _ in range(min(now.total, 8) if now.active else 0):
                st.skeleton(height=240)
        return
    asked = gallery.pick(cards(shown), key=f"results-{now.id}", may_submit=True)
    if asked is None:
        return
    if asked.name == "submit":
        report = submit(studio, actor, asked.ids)
        st.session_state[_SENT] = (tuple(result.asset_id for result in report.submitted), report.refused)
        st.rerun()
    elif asked.ids:
        _follow(lambda: more_like_this(studio, actor, asked.ids[0], 8))


def _draw_sent(studio: Studio, actor: Actor) -> None:
    """What was sent to review last, with the way back."""
    sent: tuple[tuple[int, ...], tuple[tuple[int, str], ...]] | None = st.session_state.get(_SENT)
    if sent is None:
        return
    ids, refused = sent
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="sent"):
        st.markdown(f":green[●] {plural('{n} image sent to review', '{n} images sent to review', len(ids))}")
        if ids and st.button(t("Undo"), type="tertiary", icon=":material/undo:"):
            st.session_state.pop(_SENT)
            with calm():
                for asset_id in ids:
                    undo(studio, actor, asset_id, uuid.uuid4().hex)
                st.rerun()
        if st.button(t("Close"), type="tertiary", icon=":material/close:", key="close-sent"):
            st.session_state.pop(_SENT)
            st.rerun()
    for _, message in refused[:3]:
        st.warning(plain(message), icon=":material/info:")


def _follow(order: Callable[[], str]) -> None:
    """Place an order and show it in place of the one before."""
    st.query_params["job"] = order()
    st.session_state.pop(_SENT, None)
    st.rerun()
