"""What tests of recalls do again and again: bring images somewhere, recall them, look at what became of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import sqlalchemy as sa

from db.tables import (
    Asset,
    AssetState,
    Export,
    ExportItem,
    InboxItem,
)
from studio.bootstrap import Studio
from studio.review.causes import Cause, CauseKind
from studio.review.decisions import append, locked
from studio.review.recall_job import Recaller
from studio.review.recall_views import recall_view
from studio.review.recalls import preview, preview_images, recall
from studio.roles import Actor
from tests.studio.at_once import AtOnce
from tests.studio.conftest import Images

TODAY = dt.datetime.now(dt.UTC).date()


def by_model(images: Images, name: str, **more: object) -> Cause:
    return Cause(CauseKind.MODEL, model_version_id=images.model(name), **more)


def move(studio: Studio, actor: Actor, ids: Sequence[int], *states: AssetState, reason: str | None = None) -> None:
    """Bring images through these states, as decisions of that person."""
    with studio.writing() as session:
        for asset_id in ids:
            for state in states:
                image = locked(session, asset_id)
                key = f"key-{asset_id}-{image.revision}"
                append(session, image, state, actor, key, reason=reason)


def approved(studio: Studio, actor: Actor, ids: Sequence[int]) -> None:
    move(studio, actor, ids, AssetState.IN_REVIEW, AssetState.APPROVED)


def export(studio: Studio, actor: Actor, ids: Sequence[int], channel: int = 1) -> None:
    with studio.writing() as session:
        row = Export(user_id=actor.id, channel_id=channel, sha256="e" * 64)
        session.add(row)
        session.flush()
        for asset_id in ids:
            item = ExportItem(export_id=row.id, asset_id=asset_id, file_name=f"{asset_id}.jpg", derivative_sha256="d")
            session.add(item)


def work(studio: Studio, job_id: str, before: Callable[[str], None] = lambda name: None) -> None:
    Recaller(studio, "test").body(AtOnce(before), job_id)  # type: ignore[arg-type]


def do(studio: Studio, manager: Actor, cause: Cause, **more: object) -> int:
    """Preview, recall, and let a worker do it."""
    expected = preview(studio, manager, cause).images
    recall_id = recall(studio, manager, cause, why="It proved bad.", expected=expected, **more)
    work(studio, recall_view(studio, manager, recall_id).job.id)
    return recall_id


def states(studio: Studio, ids: Sequence[int]) -> list[AssetState]:
    with studio.reading() as session:
        return list(session.scalars(sa.select(Asset.state).where(Asset.id.in_(ids)).order_by(Asset.id)))


def told(studio: Studio, actor: Actor) -> list[str]:
    with studio.reading() as session:
        query = sa.select(InboxItem.text).where(InboxItem.user_id == actor.id).order_by(InboxItem.id)
        return list(session.scalars(query))


def touched(studio: Studio, manager: Actor, cause: Cause) -> list[int]:
    return sorted(view.id for view in preview_images(studio, manager, cause))
