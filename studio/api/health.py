"""Is it up?"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from studio import bootstrap
from studio.health import health

router = APIRouter(tags=["health"])


class HealthAnswer(BaseModel):
    """`status` is ready when an order that is placed now is worked on at once."""

    status: Literal["ready", "waiting"]
    worker: Literal["ready", "starting", "none"]
    model: Literal["ready", "missing"]
    queued: int
    running: int


@router.get("/health")
def read_health() -> HealthAnswer:
    """States only; anyone may ask."""
    now = health(bootstrap.get_studio())
    return HealthAnswer(
        status="ready" if now.ready else "waiting",
        worker=now.worker,
        model=now.model,
        queued=now.queued,
        running=now.running,
    )
