"""The queue's own table, for tests that look at it from outside."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session


def workflow_table(session: Session) -> str:
    """Its name on the database of this session."""
    return "workflow_status" if session.get_bind().dialect.name == "sqlite" else "dbos.workflow_status"


def workflow_state(session: Session, job_id: str) -> tuple[str, str]:
    """Status and queue of the workflow of a job."""
    query = f"SELECT status, queue_name FROM {workflow_table(session)} WHERE workflow_uuid = :id"
    status, queue = session.execute(sa.text(query), {"id": job_id}).one()
    return status, queue
