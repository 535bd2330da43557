"""Adding an engine: a dialog of the page Models, from the folder to the finished trial."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from db.tables import JobState, Role
from studio.bootstrap import Studio
from studio.engines.additions import EngineWish, add_engine, last_addition, look_through
from studio.engines.choice import measured_of
from studio.engines.folder import EngineFolder
from studio.engines.settings import DEFAULT_SUFFIX, DIFFUSERS, GUIDANCE, SIZE, SIZE_MULTIPLE, STEPS, EngineSettings
from studio.models.in_use import ModelView
from studio.roles import Actor
from studio.ui import guard
from studio.ui.engine_choice import facts
from studio.ui.i18n import number, t
from studio.ui.labels import plain
from studio.ui.notices import calm
from studio.ui.places import page_of
from studio.work.jobs import JobView, cancel_job, job, job_log

_POLL_SECONDS = 1.0
_PLACED = "engine_addition"


def draw_add_engine(studio: Studio, actor: Actor) -> None:
    """The button that opens the dialog; for admins only."""
    if actor.may(Role.ADMIN) and st.button(t("Add an engine"), icon=":material/add:", key="add-engine"):
        st.session_state.pop(_PLACED, None)
        engine_dialog(studio, actor)


def engine_dialog(studio: Studio, actor: Actor) -> None:
    """Choose a folder, see what it holds and how it would run, start, and follow the trial."""

    @st.dialog(t("Add an engine"), width="medium")
    def dialog() -> None:
        with calm():
            placed = st.session_state.get(_PLACED) or _running(studio, actor)
            if placed:
                _follow(placed)
            else:
                _draw_form(studio, actor)

    dialog()


def draw_engine_facts(studio: Studio, model: ModelView) -> None:
    """How a diffusers version is set up and how it was last seen to run, for its card."""
    if model.engine != DIFFUSERS:
        return
    settings = EngineSettings.from_json(model.settings)
    st.caption(" · ".join(facts(settings, measured_of(studio, model.id))))
    run = [t("{n} steps", n=number(settings.steps))]
    if settings.guidance_scale is not None:
        run.append(t("guidance {value}", value=number(settings.guidance_scale, 1)))
    run.append(t("{width} x {height} px", width=settings.width, height=settings.height))
    st.caption(" · ".join(run))
    if settings.suffix:
        st.caption(t("Every text ends with: {words}", words=plain(settings.suffix)))


def _running(studio: Studio, actor: Actor) -> str | None:
    """The addition of this person that still runs, if the dialog was closed over it."""
    last = last_addition(studio, actor)
    return last if last and job(studio, actor, last).active else None


def _draw_form(studio: Studio, actor: Actor) -> None:
    st.markdown(
        t(
            "Any text-to-image pipeline of diffusers can make images beside the models of this studio. A worker opens "
            "it, makes a test image, and copies it; editors then choose it on the page Generate."
        )
    )
    source = st.text_input(
        t("Folder on the machine of the workers, or a model of the Hub (owner/name)"),
        placeholder="/srv/models/sd-turbo",
        max_chars=500,
        live="500ms",
        key="engine-source",
    )
    st.caption(t("Weights must be safetensors. A folder with code of its own or with unknown parts is not opened."))
    if not source.strip():
        return
    found = look_through(studio, actor, source)
    if found is None:
        st.info(t("A worker fetches it from the Hub and looks through it first."), icon=":material/cloud_download:")
    else:
        _draw_found(found)
    wish = _draw_wish(source.strip(), found)
    if st.button(t("Try it and add it"), type="primary", icon=":material/play_arrow:", disabled=not wish.name.strip()):
        st.session_state[_PLACED] = add_engine(studio, actor, wish)
        st.rerun(scope="fragment")


def _draw_found(found: EngineFolder) -> None:
    size = t("{size} GB on the disk", size=number(found.size / 1e9, 2))
    st.markdown(f":green[●] {' · '.join([*facts(found.settings, None)[:2], found.settings.saved_as, size])}")
    st.caption(plain(", ".join(f"{name}: {class_}" for name, class_ in found.components.items())))


def _draw_wish(source: str, found: EngineFolder | None) -> EngineWish:
    """The settings, as the folder suggests them; a model that is yet to be fetched keeps its own."""
    name = st.text_input(t("Name"), Path(source).name, max_chars=120, key=f"engine-name-{source}")
    suffix = st.text_input(
        t("Words that follow every text"),
        DEFAULT_SUFFIX,
        max_chars=200,
        help=t("They give the images of all products one look."),
        key="engine-suffix",
    )
    if found is None:
        return EngineWish(source, name, suffix=suffix)
    own = found.settings
    first, second, third, fourth = st.columns(4)
    steps = first.number_input(t("Steps"), *STEPS, own.steps, key=f"engine-steps-{source}")
    guidance = own.guidance_scale
    if guidance is not None:
        guidance = second.number_input(t("Guidance"), *GUIDANCE, guidance, 0.5, key=f"engine-guidance-{source}")
    width = third.number_input(t("Width, px"), *SIZE, own.width, SIZE_MULTIPLE, key=f"engine-width-{source}")
    height = fourth.number_input(t("Height, px"), *SIZE, own.height, SIZE_MULTIPLE, key=f"engine-height-{source}")
    return EngineWish(source, name, int(steps), guidance, int(height), int(width), suffix)


def _follow(job_id: str) -> None:
    @st.fragment(run_every=_POLL_SECONDS)
    def progress() -> None:
        studio, actor = guard.page(Role.ADMIN)
        with calm():
            _draw_progress(studio, actor, job(studio, actor, job_id))

    progress()


def _draw_progress(studio: Studio, actor: Actor, now: JobView) -> None:
    stages = (t("Looking through the folder"), t("Making a test image"), t("Copying it into the storage"), t("Done"))
    if now.active:
        stage = stages[min(now.done, len(stages) - 1)]
        waiting = now.state is JobState.QUEUED
        told = t("Waiting for a worker") if waiting else t("Step {n} of {total}", n=now.done + 1, total=now.total)
        st.progress(now.done / max(now.total, 1), f"{told} · {stage}")
    for line in job_log(studio, actor, now.id)[1:]:
        st.caption(plain(line.text))
    if now.active:
        st.caption(t("You may close this: it goes on, and the page Jobs shows it."))
        if st.button(t("Cancel"), icon=":material/stop_circle:", key="cancel-addition"):
            cancel_job(studio, actor, now.id)
            st.rerun(scope="fragment")
    elif now.state is JobState.DONE:
        st.success(t("The engine is there. Try it on the page Generate."), icon=":material/check_circle:")
        st.page_link(page_of("generate"), label=t("Generate"), icon=":material/auto_awesome:")
    else:
        st.error(plain(now.error or t("It was stopped; nothing was added.")), icon=":material/error:")
        if st.button(t("Choose another folder"), key="another-engine"):
            st.session_state.pop(_PLACED, None)
            st.rerun(scope="fragment")
