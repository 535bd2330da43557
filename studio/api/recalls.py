"""Recalls by cause, for a shop's own systems: look at what one would take back, start it, see what came of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from db.tables import AssetState, JobState, RecallOutcome, Role
from studio import bootstrap
from studio.access.api_keys import Scope
from studio.api.access import at_least
from studio.review import recall_views, recalls
from studio.review.causes import Cause, CauseKind
from studio.review.recall_views import RecallView
from studio.review.recalls import Concerned, RecallExport
from studio.roles import Actor

router = APIRouter(prefix="/recalls", tags=["recalls"])

Manager = Annotated[Actor, at_least(Role.MANAGER, Scope.DECIDE)]
Reader = Annotated[Actor, at_least(Role.MANAGER, Scope.READ)]


class CauseRequest(BaseModel):
    """What proved bad. Of the things only the one that this kind names is given; `days` as 2026-11-01..2026-11-23."""

    model_config = ConfigDict(extra="forbid")

    kind: CauseKind
    model_version_id: int | None = None
    photo_id: int | None = None
    step: str | None = Field(None, max_length=40)
    setting: str | None = Field(None, max_length=40)
    channel_id: int | None = None
    metric: str | None = Field(None, max_length=48)
    user_id: int | None = None
    category: str | None = Field(None, max_length=200)
    low: float | None = None
    high: float | None = None
    days: str | None = Field(None, max_length=40)
    taught: bool = Field(False, description="For a model: also what was taught from it.")
    standing: bool = Field(False, description="Only images that are approved or published now.")

    def wanted(self) -> Cause:
        """The cause in the words of the studio. Raises InputError."""
        return Cause.from_json(self.model_dump(exclude_none=True))


class RecallRequest(BaseModel):
    """Withdraws all that a cause touched."""

    model_config = ConfigDict(extra="forbid")

    cause: CauseRequest
    why: str = Field(min_length=1, max_length=recalls.LONGEST_WHY, description="Told with each withdrawal.")
    expected: int = Field(ge=0, description="How many images the preview told; refused when others fit by now.")
    reason: str | None = Field(None, max_length=48, description="A key of the reasons to reject.")


class PreviewAnswer(BaseModel):
    """What a recall would take back now. `images`: how many would be withdrawn."""

    subject: str
    images: int
    states: dict[AssetState, int]
    earlier: int
    exports: tuple[RecallExport, ...]
    concerned: tuple[Concerned, ...]
    replaceable: int
    taught: tuple[str, ...]


class RecallAnswer(BaseModel):
    """A recall: its cause, what became of its images (by outcome), and the job that is or was at it."""

    id: int
    cause: Mapping[str, Any]
    subject: str
    why: str
    reason: str | None
    images: int
    outcomes: dict[RecallOutcome, int]
    replaced: int
    to_replace: int
    user: str
    created_at: dt.datetime
    job_id: str
    job_state: JobState


@router.get("")
def read_recalls(actor: Reader, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> list[RecallAnswer]:
    """The recalls, the newest first."""
    return [_answer(view) for view in recall_views.list_recalls(bootstrap.get_studio(), actor, limit)]


@router.get("/{recall_id}")
def read_recall(recall_id: int, actor: Reader) -> RecallAnswer:
    """One recall as it stands now."""
    return _answer(recall_views.recall_view(bootstrap.get_studio(), actor, recall_id))


@router.post("/preview")
def preview(body: CauseRequest, actor: Manager) -> PreviewAnswer:
    """What a recall by this cause would take back now. Changes nothing."""
    found = recalls.preview(bootstrap.get_studio(), actor, body.wanted())
    return PreviewAnswer(images=found.images, **vars(found))


@router.post("", status_code=201)
def start(body: RecallRequest, actor: Manager) -> RecallAnswer:
    """Withdraw all that the cause touched. It cannot be undone. 409 when others than `expected` fit by now.

    Replacements are ordered on the page of the recall, or by orders of one's own.
    """
    studio = bootstrap.get_studio()
    recall_id = recalls.recall(
        studio, actor, body.cause.wanted(), why=body.why, expected=body.expected, reason=body.reason
    )
    return _answer(recall_views.recall_view(studio, actor, recall_id))


def _answer(view: RecallView) -> RecallAnswer:
    return RecallAnswer(
        id=view.id,
        cause=view.cause.as_json(),
        subject=view.subject,
        why=view.why,
        reason=view.reason,
        images=view.images,
        outcomes=view.outcomes,
        replaced=view.replaced,
        to_replace=view.to_replace,
        user=view.user,
        created_at=view.created_at,
        job_id=view.job.id,
        job_state=view.job.state,
    )
