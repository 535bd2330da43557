"""Jobs: what runs, what waits, what went wrong; and the workers."""

import streamlit as st

from db.tables import JobState, Role
from studio.ui import filters, guard
from studio.ui.head import head
from studio.ui.i18n import t
from studio.ui.jobs_view import draw_job, draw_workers
from studio.ui.labels import JOB_STATES
from studio.ui.notices import calm, empty
from studio.ui.places import page_of
from studio.work.jobs import list_jobs

studio, actor = guard.page(Role.VIEWER)

with head(t("Jobs")):
    states = {"all": t("All")} | {state.value: t(label) for state, (label, _) in JOB_STATES.items()}
    chosen = filters.switch_between(t("State"), states, param="state", default="all")
PAGE = 20


@st.fragment(run_every=2)
def draw() -> None:
    """The jobs of the chosen state, drawn again every two seconds."""
    studio, actor = guard.page(Role.VIEWER)
    with calm():
        draw_workers(studio)
        shown = st.session_state.get("jobs_shown", PAGE)
        jobs = list_jobs(studio, actor, None if chosen == "all" else JobState(chosen), limit=shown + 1)
        for job in jobs[:shown]:
            draw_job(studio, actor, job)
        if not jobs:
            with empty(
                t("No jobs here"), t("Orders for images show up here while they run and afterwards."), icon="task_alt"
            ):
                st.page_link(page_of("generate"), label=t("Make images"), icon=":material/auto_awesome:")
        elif len(jobs) > shown and st.button(t("Show older jobs")):
            st.session_state["jobs_shown"] = shown + PAGE
            st.rerun()


draw()
