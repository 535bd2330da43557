"""Pieces of the page Jobs: a card for each job, its log, and the workers."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from db.tables import JobState, Role
from studio.bootstrap import Studio
from studio.errors import StudioError
from studio.roles import Actor
from studio.ui.i18n import ago, duration, moment, number, t
from studio.ui.labels import BADGE_COLOURS, plain, state_badge
from studio.ui.notices import calm, refusal
from studio.ui.places import page_of
from studio.work.jobs import (
    CALIBRATION,
    COMPARISON,
    HOUSE_STYLES,
    IMPORT,
    JUDGING,
    LOOKS,
    RECALL,
    REPRODUCE,
    SCORES,
    TRAINING,
    VECTORS,
    JobView,
    cancel_job,
    job,
    job_log,
    workers,
)
from studio.work.retrying import may_be_retried, retry_job


def draw_job(studio: Studio, actor: Actor, job: JobView) -> None:
    """One job: what, how far, how long still, and what can be done."""
    with st.container(border=True, key=f"job-{job.id}", gap="xsmall"):
        text, progress, actions = st.columns([5, 4, 3], vertical_alignment="center")
        with text.container(gap="xxsmall"):
            st.markdown(f"**{plain(job.title)}**")
            st.caption(f"{plain(job.owner)} · {ago(job.created_at)}")
        with progress.container(gap="xxsmall"):
            if job.active:
                st.progress(job.done / max(job.total, 1), progress_line(job))
            else:
                word, tone = state_badge(job.state)
                st.markdown(f":{BADGE_COLOURS[tone]}[●] {word}")
                st.caption(_outcome(job))
        with actions, st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
            _draw_actions(studio, actor, job)
        if job.error:
            st.error(plain(job.error), icon=":material/error:")


def progress_line(job: JobView) -> str:
    """How far a job is and what remains: 12 of 40 · 18 s left."""
    word, _ = state_badge(job.state)
    made = t("{done} of {total}", done=number(job.done), total=number(job.total))
    left = "" if job.seconds_left is None else t("about {time} left", time=duration(job.seconds_left))
    return " · ".join(part for part in (word, made, left) if part)


def follow_job(studio: Studio, actor: Actor, job_id: str, name: str = "") -> None:
    """How far a job is, drawn anew each second, and the page anew once it is over. name: what is being done."""

    @st.fragment(run_every=1)
    def follow() -> None:
        with calm():
            now = job(studio, actor, job_id)
            if not now.active:
                st.rerun()
            line = progress_line(now)
            st.progress(now.done / max(now.total, 1), f"{plain(name)} · {line}" if name else line)

    follow()


def draw_workers(studio: Studio) -> None:
    """Every worker as a small coloured dot with a word, or how to start one."""
    found = workers(studio)
    if not any(worker.alive for worker in found):
        st.warning(
            t("No worker is running. Orders wait, nothing is lost; start one with `python -m studio worker`."),
            icon=":material/schedule:",
        )
    with st.container(horizontal=True, key="workers"):
        for worker in found:
            colour, word = ("green", t("ready")) if worker.ready else ("blue", t("loading the model"))
            if not worker.alive:
                colour, word = "red", t("silent for {time}", time=duration(worker.age_seconds))
            st.markdown(
                f":{colour}[●] {plain(worker.name)} · {plain(worker.device)} · {word}",
                width="content",
            )


def _outcome(job: JobView) -> str:
    numbers = {"done": number(job.done), "total": number(job.total)}
    if job.kind == TRAINING:
        made = t("{done} of {total} photos seen", **numbers)
    elif job.kind == IMPORT:
        made = t("{done} of {total} rows checked", **numbers)
    elif job.kind == CALIBRATION:
        made = t("{done} of {total} verdicts learnt from", **numbers)
    elif job.kind == HOUSE_STYLES:
        made = t("{done} of {total} pictures looked at", **numbers)
    elif job.kind == JUDGING:
        made = t("{done} of {total} models judged", **numbers)
    else:
        made = t("{done} of {total} images", **numbers)
    took = t("{time} of computing", time=duration(job.compute_seconds))
    return f"{made} · {took}" if job.done else made


def _draw_actions(studio: Studio, actor: Actor, job: JobView) -> None:
    mine = job.owner_id == actor.id or actor.may(Role.MANAGER)
    if actor.may(Role.EDITOR) and mine:
        if job.state in (JobState.QUEUED, JobState.RUNNING) and st.button(t("Cancel"), key=f"cancel-{job.id}"):
            _act(lambda: cancel_job(studio, actor, job.id))
        stopped = job.state in (JobState.FAILED, JobState.CANCELLED) and may_be_retried(job.kind)
        if stopped and st.button(t("Make the rest"), key=f"retry-{job.id}"):
            _act(lambda: retry_job(studio, actor, job.id))
    if job.kind == TRAINING:
        if actor.may(Role.ADMIN):
            where = {"job": job.id}
            st.page_link(page_of("fine_tune"), label=t("Open"), icon=":material/school:", query_params=where)
    elif job.kind == IMPORT:
        if actor.may(Role.EDITOR):
            where = {"view": "import"}
            st.page_link(page_of("catalogue"), label=t("Open"), icon=":material/upload:", query_params=where)
    elif job.kind == CALIBRATION:
        st.page_link(page_of("quality"), label=t("Open"), icon=":material/monitoring:")
    elif job.kind == HOUSE_STYLES:
        st.page_link(page_of("house_style"), label=t("Open"), icon=":material/straighten:")
    elif job.kind in (COMPARISON, JUDGING):
        st.page_link(page_of("models"), label=t("Open"), icon=":material/how_to_vote:")
    elif job.kind == RECALL:
        if actor.may(Role.MANAGER):
            st.page_link(page_of("recalls"), label=t("Open"), icon=":material/assignment_return:")
    elif job.kind in (LOOKS, REPRODUCE, SCORES, VECTORS):
        st.page_link(page_of("library"), label=t("Open"), icon=":material/photo_library:")
    elif job.done and actor.may(Role.EDITOR):
        st.page_link(page_of("generate"), label=t("Images"), icon=":material/photo:", query_params={"job": job.id})
    log = st.popover(t("Log"), type="tertiary", key=f"log-{job.id}", on_change="rerun")
    if log.open:  # the log is read only for those who look at it
        with log, calm():
            _draw_log(studio, actor, job)


def _draw_log(studio: Studio, actor: Actor, job: JobView) -> None:
    lines = job_log(studio, actor, job.id)
    st.text("\n".join(f"{moment(line.at)}  {line.text}" for line in lines))
    if job.worker:
        st.caption(t("Worker: {name}", name=plain(job.worker)))


def _act(action: Callable[[], object]) -> None:
    try:
        action()
    except StudioError as error:
        refusal(error)
    else:
        st.rerun()
