"""Making up for what a job left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from db.tables import Job, JobState, Role
from studio.errors import Conflict
from studio.roles import Actor, require
from studio.work.jobs import (
    ACTIVE,
    CALIBRATION,
    COMPARISON,
    HOUSE_STYLES,
    IMAGES,
    IMPORT,
    JUDGING,
    PHOTOS,
    RECALL,
    SCORES,
    TRAINING,
    VECTORS,
    add_job,
    first_attempt,
    missing,
    note,
    own_job,
)
from studio.work.quotas import check_quota

if TYPE_CHECKING:
    from studio.bootstrap import Studio

INSTEAD: Final[dict[str, str]] = {
    TRAINING: "A training goes on from where it stopped: resume it on the page Fine-tune.",
    IMPORT: "A catalogue file is checked again on the page Catalogue, under Import.",
    COMPARISON: "The images of a blind vote are not made up for: start another vote on the page Models.",
    JUDGING: "Figures are not made up for: have the two models judged again on the page Models.",
    CALIBRATION: "The scores are calibrated again on the page Quality.",
    HOUSE_STYLES: "House styles are learnt again on the page House style.",
    RECALL: "A recall goes on from where it stopped: open it on the page Recalls.",
    SCORES: "Scores that are still missing are taken on the page Settings, under Scores.",
    VECTORS: "Pictures that still lack a vector are prepared by themselves within an hour.",
    PHOTOS: "Photos are placed on the page Catalogue: choose Match again there.",
}
"""What one does instead about a job that makes no images of an order, by its kind."""

ELSEWHERE: Final = "Only orders of images are made up for. Start this work again where it was started."


def may_be_retried(kind: str) -> bool:
    """Whether jobs of this kind leave out something that can be made up for."""
    return kind == IMAGES


def retry_job(studio: Studio, actor: Actor, job_id: str) -> str:
    """Make what a failed or cancelled order left out, with the same briefs and seeds; returns the new job's id.

    Raises NotFound, Forbidden for another person's job below the role manager, Conflict when nothing is left out,
    another attempt is still at it, or the job is no order of images.
    """
    require(actor, Role.EDITOR)
    with studio.writing() as session:
        old = own_job(session, actor, job_id)
        if not may_be_retried(old.kind):
            raise Conflict(INSTEAD.get(old.kind, ELSEWHERE))
        first = first_attempt(old)
        session.get_one(Job, first, with_for_update=True)  # of two who retry at once the second finds the first's
        if old.state not in (JobState.FAILED, JobState.CANCELLED):
            raise Conflict(f"Only a failed or cancelled job can be retried; this one is {old.state.value}.")
        same_work = sa.or_(Job.id == first, Job.retry_of_id == first)
        if session.scalar(sa.select(Job.id).where(same_work, Job.state.in_(ACTIVE)).limit(1)):
            raise Conflict("Another attempt at this job is already waiting or running.")
        left = missing(session, first)
        if left == 0:
            raise Conflict("Nothing is left to make: all images of this job are there.")
        seconds = (old.estimate_seconds or 0.0) / old.total * left or None
        check_quota(session, actor, seconds)
        new = add_job(
            studio,
            session,
            kind=old.kind,
            title=old.title,
            owner=actor,
            total=left,
            estimate_seconds=seconds,
            retry_of_id=first,
        )
        note(session, old.id, f"Retried by {actor.name}: {left} images are left to make.")
        return new.id
