"""What the review gallery is fed with: pages of the queue, how many are left, and what stands beside one image."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from db.tables import AssetState, Role
from studio import bootstrap
from studio.access.api_keys import Scope
from studio.api.access import at_least
from studio.review import panel
from studio.review.panel import Panel
from studio.review.queue_filter import from_query
from studio.review.queue_items import QueueItems, queue_items
from studio.review.review_queue import MAX_PAGE, counts
from studio.roles import Actor

router = APIRouter(prefix="/review", tags=["review"])

Viewer = Annotated[Actor, at_least(Role.VIEWER, Scope.READ)]

_FILTER = {
    "name": "filter",
    "in": "query",
    "style": "form",
    "explode": True,
    "description": "The filter of the review page, as its address has it: state (a state, or all; in_review without "
    "it), category, model, purpose, mine, text, product, verdict, reason, decided, made, score, foretold, assignee, "
    "waited, claimed.",
    "schema": {"type": "object", "additionalProperties": {"type": "string"}},
}


class CountsAnswer(BaseModel):
    """How many images the filter finds: those that fit it whole, and those of each state under its other parts."""

    fitting: int
    states: dict[AssetState, int]


@router.get("/queue", openapi_extra={"parameters": [_FILTER]})
def read_queue(
    request: Request,
    actor: Viewer,
    after: Annotated[str | None, Query(max_length=80, description="`after` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
) -> QueueItems:
    """One page of the queue, what is urgent first and then what waits longest, with what the reader may do."""
    wanted = from_query(request.query_params)
    return queue_items(bootstrap.get_studio(), actor, wanted, after=after, limit=limit)


@router.get("/counts", openapi_extra={"parameters": [_FILTER]})
def read_counts(request: Request, actor: Viewer) -> CountsAnswer:
    """How many images fit the filter."""
    wanted = from_query(request.query_params)
    found = counts(bootstrap.get_studio(), actor, wanted)
    return CountsAnswer(fitting=sum(found.values()) if wanted.state is None else found[wanted.state], states=found)


@router.get("/items/{asset_id}")
def read_item(asset_id: int, actor: Viewer) -> Panel:
    """Everything beside one image: brief, scores, channels, photos, history, comments, relatives."""
    return panel.panel(bootstrap.get_studio(), actor, asset_id)
