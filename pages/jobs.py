"""Jobs: what runs, what waits, what went wrong; and the workers."""

import streamlit as st

from db.tables import JobState, Role
from studio.jobs import list_jobs
from studio.ui import guard
from studio.ui.i18n import t
from studio.ui.jobs_view import draw_job, draw_workers
from studio.ui.labels import JOB_STATES
from studio.ui.notices import calm, empty
from studio.ui.places import page_of

studio, actor = guard.page(Role.VIEWER)

st.title(t("Jobs"), anchor=False)
state = st.pills(
    t("State"),
    list(JobState),
    format_func=lambda state: t(JOB_STATES[state][0]),
    label_visibility="collapsed",
    key="job_state",
    bind="query-params",
)
PAGE = 20


@st.fragment(run_every=2)
def draw() -> None:
    """The jobs of the chosen state, drawn again every two seconds."""
    studio, actor = guard.page(Role.VIEWER)
    with calm():
        draw_workers(studio)
        shown = st.session_state.get("jobs_shown", PAGE)
        jobs = list_jobs(studio, actor, state, limit=shown + 1)
        for job in jobs[:shown]:
            draw_job(studio, actor, job)
        if not jobs:
            with empty(
                t("No jobs here"), t("Orders for images show up here while they run and afterwards."), icon="task_alt"
            ):
                st.page_link(page_of("generate"), label=t("Make images"), icon=":material/auto_awesome:")
        elif len(jobs) > shown and st.button(t("Show older jobs")):
            st.session_state["jobs_shown"] = shown + PAGE
            st.rerun(scope="fragment")


draw()
