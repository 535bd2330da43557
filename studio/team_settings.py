"""What was set for the whole team: one row for each setting, which says who set it and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from db.tables import TeamSetting, utc_now
from studio.activity import record
from studio.roles import Actor


def setting(session: Session, name: str) -> dict[str, Any] | None:
    """The value of a setting; None until somebody set it."""
    row = session.get(TeamSetting, name)
    return None if row is None else row.value


def keep_setting(
    session: Session, actor: Actor, name: str, value: Mapping[str, Any], told: str, *, in_activity: bool = True
) -> None:
    """Set it, and say so in the activity. told: as `activity.record` takes it. in_activity: whether the value stands
    there too, for everyone.
    """
    session.merge(TeamSetting(name=name, value=dict(value), changed_by_id=actor.id, changed_at=utc_now()))
    record(session, actor, "changed", "team_setting", name, told, **(value if in_activity else {}))
