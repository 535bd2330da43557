"""The record of what people did: written in the same transaction as the deed itself."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from db.tables import Activity
from studio.roles import Actor


def record(
    session: Session, actor: Actor | None, verb: str, subject: str, subject_id: int | str, text: str, **details: Any
) -> None:
    """Add one line: `actor` (None: the studio itself) did `verb` to the `subject` ("model_version") of that id.

    text: one English sentence for people, without the name of the actor. details: JSON values, for machines.
    """
    session.add(
        Activity(
            user_id=None if actor is None else actor.id,
            verb=verb,
            subject=subject,
            subject_id=str(subject_id),
            text=text,
            details=details,
        )
    )
