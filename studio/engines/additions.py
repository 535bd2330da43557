"""Adding an engine: an admin names a folder or a Hub model, a worker tries it out and registers it."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from db.tables import EngineAddition, Job, Role
from studio.engines.folder import EngineFolder, read_engine_folder
from studio.engines.settings import DEFAULT_SUFFIX, EngineSettings
from studio.errors import InputError, NotFound
from studio.roles import Actor, require
from studio.work.jobs import ENGINE, add_job

if TYPE_CHECKING:
    from studio.bootstrap import Studio

STAGES = 3
"""Of adding an engine: fetched and looked through, tried out, copied and registered."""

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
_LONGEST_NAME = 120


@dataclass(frozen=True)
class EngineWish:
    """What an admin asks for. None: as the folder itself suggests. Sizes in pixels."""

    source: str
    name: str
    steps: int | None = None
    guidance_scale: float | None = None
    height: int | None = None
    width: int | None = None
    suffix: str = DEFAULT_SUFFIX

    def settings(self, found: EngineFolder) -> EngineSettings:
        """The engine's settings: the folder's with what was asked for on top. Raises InputError."""
        own = found.settings
        chosen = {name: value for name, value in asdict(self).items() if name in _CHOSEN and value is not None}
        if own.guidance_scale is None:
            chosen.pop("guidance_scale", None)
        return replace(own, **chosen)


_CHOSEN = ("steps", "guidance_scale", "height", "width", "suffix")


def is_hub_name(source: str) -> bool:
    """Whether `source` is "owner/name" and no folder here."""
    return bool(_HUB_NAME.fullmatch(source)) and not Path(source).exists()


def look_through(studio: Studio, actor: Actor, source: str) -> EngineFolder | None:
    """What a folder says of itself; None for a model of the Hub, which a worker has yet to fetch.

    Raises InputError that says what speaks against it.
    """
    require(actor, Role.ADMIN)
    return checked_source(source)


def checked_source(source: str) -> EngineFolder | None:
    """As `look_through`, for who is at the machine itself."""
    source = source.strip()
    if not source:
        raise InputError("Name a folder that holds a diffusers pipeline, or a model of the Hub as owner/name.")
    if is_hub_name(source):
        return None
    path = Path(source).expanduser()
    if not path.is_absolute():
        raise InputError(f"Give the whole path of the folder, beginning with /, or a Hub model as owner/name: {source}")
    return read_engine_folder(path)


def add_engine(studio: Studio, actor: Actor, wish: EngineWish) -> str:
    """Have a worker try an engine out and register it; returns the job's id.

    Raises InputError for a folder or settings that cannot be used, Forbidden below the role admin.
    """
    require(actor, Role.ADMIN)
    name = wish.name.strip()
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise InputError(f"The name of an engine has 1 to {_LONGEST_NAME} letters, got {len(name)}.")
    found = look_through(studio, actor, wish.source)
    if found is not None:
        wish.settings(found)
    chosen: dict[str, Any] = {key: value for key, value in asdict(wish).items() if key in _CHOSEN}
    with studio.writing() as session:
        job = add_job(
            studio,
            session,
            kind=ENGINE,
            title=name,
            owner=actor,
            total=STAGES,
            estimate_seconds=None,
        )
        session.add(EngineAddition(job_id=job.id, source=wish.source.strip(), name=name, settings=chosen))
        return job.id


def added_model(studio: Studio, actor: Actor, job_id: str) -> int | None:
    """The model version that came of an addition; None while there is none. Raises NotFound."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        row = session.get(EngineAddition, job_id)
        if row is None:
            raise NotFound(f"No engine was added by the job {job_id[:80]!r}.")
        return row.model_version_id


def last_addition(studio: Studio, actor: Actor) -> str | None:
    """The job of the newest addition by this person, for a page that is opened again."""
    require(actor, Role.ADMIN)
    newest = (
        sa.select(EngineAddition.job_id)
        .join(Job, Job.id == EngineAddition.job_id)
        .where(Job.owner_id == actor.id)
        .order_by(Job.created_at.desc())
        .limit(1)
    )
    with studio.reading() as session:
        return session.scalar(newest)
