"""Jobs: what runs, how far it is, and the images as they finish."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from db.tables import JobState, Role
from studio import bootstrap
from studio.access.api_keys import Scope
from studio.api.access import at_least
from studio.images.assets import AssetView
from studio.making import orders
from studio.roles import Actor
from studio.work import jobs, retrying
from studio.work.jobs import JobView

router = APIRouter(prefix="/jobs", tags=["jobs"])


class JobAnswer(BaseModel):
    """A job with the images that it finished after the one asked for; the last one's id is the next `after`."""

    job: JobView
    images: list[AssetView]


class StateAnswer(BaseModel):
    """The state of the job now."""

    state: JobState


class NewJobAnswer(BaseModel):
    """The id of the job that makes what was left out."""

    id: str


@router.get("")
def list_jobs(
    actor: Annotated[Actor, at_least(Role.VIEWER, Scope.READ)],
    state: JobState | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: str | None = None,
) -> list[JobView]:
    """The newest jobs first; `before` is the id of the last job of the page before."""
    return jobs.list_jobs(bootstrap.get_studio(), actor, state, limit=limit, before=before)


@router.get("/{job_id}")
def read_job(
    job_id: str, actor: Annotated[Actor, at_least(Role.VIEWER, Scope.READ)], after: Annotated[int, Query(ge=0)] = 0
) -> JobAnswer:
    """One job, with the images that it made with an id above `after`."""
    studio = bootstrap.get_studio()
    view = jobs.job(studio, actor, job_id)  # first: images that finish meanwhile come with the next question
    return JobAnswer(job=view, images=orders.order_results(studio, actor, job_id, after_asset_id=after))


@router.post("/{job_id}/cancel")
def cancel_job(job_id: str, actor: Annotated[Actor, at_least(Role.EDITOR, Scope.ORDER)]) -> StateAnswer:
    """Stop a job; what it made stays."""
    return StateAnswer(state=jobs.cancel_job(bootstrap.get_studio(), actor, job_id))


@router.post("/{job_id}/retry", status_code=201)
def retry_job(job_id: str, actor: Annotated[Actor, at_least(Role.EDITOR, Scope.ORDER)]) -> NewJobAnswer:
    """Make what a failed or cancelled job left out."""
    return NewJobAnswer(id=retrying.retry_job(bootstrap.get_studio(), actor, job_id))
