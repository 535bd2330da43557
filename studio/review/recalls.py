"""Recall by cause: look at what it would take back, do it in one action, go on with it, read what came of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import (
    Asset,
    AssetState,
    Channel,
    Decision,
    Export,
    ExportItem,
    Job,
    ModelVersion,
    Recall,
    RecallImage,
    RecallOutcome,
    Role,
    Training,
    TrainingImage,
    User,
)
from studio.activity import record
from studio.errors import Conflict, InputError, NotFound
from studio.images.assets import AssetView, load_views
from studio.review.causes import Cause, bad_models, subject, to_withdraw, withdrawn_but_out
from studio.review.decisions import storable
from studio.review.replacing import Replacing, to_replace
from studio.review.states import APPROVED_STATES, REASONS
from studio.roles import Actor, require
from studio.work.jobs import ACTIVE, RECALL, add_job

if TYPE_CHECKING:
    from studio.bootstrap import Studio

LONGEST_WHY = 500
MAX_PAGE = 200


@dataclass(frozen=True)
class RecallExport:
    """One ZIP that left the house with images that a cause touched: whose, when, for which channel, how many."""

    id: int
    at: dt.datetime
    user_id: int
    user: str
    channel: str
    images: int


@dataclass(frozen=True)
class Concerned:
    """A person whom a recall concerns: how many of its images they made, approved and exported."""

    user_id: int
    name: str
    made: int
    approved: int
    exported: int


@dataclass(frozen=True)
class RecallPreview:
    """What a recall would take back. states: the images by their state now. earlier: images of the cause that were
    withdrawn before, after they had been exported. replaceable: approved and published ones, whose place would be
    empty. taught: model versions that were taught with some of the images, which stay as they are.
    """

    subject: str
    states: dict[AssetState, int]
    earlier: int
    exports: tuple[RecallExport, ...]
    concerned: tuple[Concerned, ...]
    replaceable: int
    taught: tuple[str, ...]

    @property
    def images(self) -> int:
        """How many would be withdrawn."""
        return sum(self.states.values())


def preview(studio: Studio, actor: Actor | None, cause: Cause) -> RecallPreview:
    """What a recall by this cause would take back now. Raises NotFound for a thing that is not there."""
    require(actor, Role.MANAGER)
    with studio.reading() as session:
        taken = sa.select(Asset.id).where(*to_withdraw(session, cause))
        out = sa.select(Asset.id).where(*withdrawn_but_out(session, cause))
        counted = sa.select(Asset.state, sa.func.count()).where(*to_withdraw(session, cause)).group_by(Asset.state)
        images = sa.union_all(taken, out).subquery()
        states: dict[AssetState, int] = dict(session.execute(counted).all())
        return RecallPreview(
            subject=subject(session, cause),
            states={state: states[state] for state in AssetState if state in states},
            earlier=session.scalar(sa.select(sa.func.count()).select_from(out.subquery())) or 0,
            exports=exports_of(session, sa.select(images.c.id)),
            concerned=concerned(session, sa.select(images.c.id)),
            replaceable=sum(states.get(state, 0) for state in APPROVED_STATES),
            taught=_taught(session, taken),
        )


def preview_images(
    studio: Studio, actor: Actor | None, cause: Cause, *, after: int = 0, limit: int = 60
) -> list[AssetView]:
    """A page of the images that a recall would withdraw, newest first; those before the id `after` (0: all)."""
    require(actor, Role.MANAGER)
    if not 1 <= limit <= MAX_PAGE:
        raise InputError(f"A page holds 1 to {MAX_PAGE} images, got {limit}.")
    with studio.reading() as session:
        query = sa.select(Asset).where(*to_withdraw(session, cause)).order_by(Asset.id.desc()).limit(limit)
        return load_views(session, query.where(Asset.id < after) if after else query)


def recall(
    studio: Studio,
    actor: Actor | None,
    cause: Cause,
    *,
    why: str,
    expected: int,
    reason: str | None = None,
    replacing: Replacing | None = None,
) -> int:
    """Withdraw all that the cause touched, in a job; returns the recall's id. For managers. It cannot be undone.

    why: told with each withdrawal, 1 to 500 characters; reason: a key of REASONS. expected: how many images the preview
    told; refused (Conflict) when others fit by now. replacing: how replacements are ordered, None: none are.
    Raises InputError, NotFound, Conflict.
    """
    actor = require(actor, Role.MANAGER)
    why = " ".join(why.split())
    _check_words(why, reason)
    with studio.writing() as session:
        name = subject(session, cause)
        if replacing is not None:
            _check_replacing(session, cause, replacing)
        job = add_job(
            studio,
            session,
            kind=RECALL,
            title=f"Recall: {cause.kind.value} {name}",
            owner=actor,
            total=max(expected, 1),
            estimate_seconds=None,
        )
        row = Recall(
            job_id=job.id,
            cause=cause.as_json(),
            title=name[:300],
            why=why,
            reason=reason,
            images=expected,
            replacing={} if replacing is None else replacing.as_json(),
            user_id=actor.id,
        )
        session.add(row)
        session.flush()
        found = _name_images(session, row.id, cause)
        if found != expected:
            raise Conflict(
                f"{found:,} images fit by now, not {expected:,}: some were made or decided on meanwhile. Look at them "
                "again, then recall. Nothing was withdrawn."
            )
        if found == 0:
            raise InputError("No image fits this cause, so there is nothing to withdraw.")
        text = f"Recalled {found:,} images by {cause.kind.value} {name}: {why}"
        record(session, actor, "recalled", "recall", row.id, text, cause=cause.as_json(), images=found)
        return row.id


def go_on(studio: Studio, actor: Actor | None, recall_id: int) -> str:
    """Start another attempt at a recall that stopped, failed, or could not order all replacements; the new job's id.

    Raises NotFound, Conflict where nothing is left to do or an attempt is at it.
    """
    actor = require(actor, Role.MANAGER)
    with studio.writing() as session:
        row = session.scalars(sa.select(Recall).where(Recall.id == recall_id).with_for_update()).one_or_none()
        if row is None:
            raise NotFound(f"There is no recall {recall_id}.")
        if last_attempt(session, row).state in ACTIVE:
            raise Conflict("This recall is already waiting or running.")
        waiting = sa.select(sa.func.count()).where(
            RecallImage.recall_id == row.id, RecallImage.outcome == RecallOutcome.WAITING
        )
        left = session.scalar(waiting) or 0
        empty = session.scalar(sa.select(sa.func.count()).select_from(to_replace(row).subquery())) or 0
        if not left and not empty:
            raise Conflict("Nothing is left to do: all images of this recall were withdrawn.")
        job = add_job(
            studio,
            session,
            kind=RECALL,
            title=f"Recall: {Cause.from_json(row.cause).kind.value} {row.title}",
            owner=actor,
            total=max(left, 1),
            estimate_seconds=None,
            retry_of_id=row.job_id,
        )
        record(session, actor, "resumed", "recall", row.id, f"Went on with the recall of {row.title}.")
        return job.id


def last_attempt(session: Session, row: Recall) -> Job:
    """The job of a recall that was begun last."""
    same = sa.or_(Job.id == row.job_id, Job.retry_of_id == row.job_id)
    return session.scalars(sa.select(Job).where(same).order_by(Job.created_at.desc()).limit(1)).one()


def exports_of(session: Session, images: sa.Select[int]) -> tuple[RecallExport, ...]:
    """The exports that hold some of these images, the newest first."""
    query = (
        sa.select(Export.id, Export.created_at, User.id, User.name, Channel.name, sa.func.count())
        .join(ExportItem, ExportItem.export_id == Export.id)
        .join(User, User.id == Export.user_id)
        .join(Channel, Channel.id == Export.channel_id)
        .where(ExportItem.asset_id.in_(images))
        .group_by(Export.id, Export.created_at, User.id, User.name, Channel.name)
        .order_by(Export.id.desc())
    )
    return tuple(RecallExport(*row) for row in session.execute(query))


def concerned(session: Session, images: sa.Select[int]) -> tuple[Concerned, ...]:
    """Who made, approved and exported these images, by name."""
    made = sa.select(Asset.created_by_id, sa.func.count()).where(Asset.id.in_(images)).group_by(Asset.created_by_id)
    approvals = sa.select(Decision.user_id, sa.func.count(sa.distinct(Decision.asset_id))).where(
        Decision.asset_id.in_(images),
        Decision.from_state == AssetState.IN_REVIEW,
        Decision.to_state == AssetState.APPROVED,
    )
    left = (
        sa.select(Export.user_id, sa.func.count(sa.distinct(ExportItem.asset_id)))
        .join(ExportItem, ExportItem.export_id == Export.id)
        .where(ExportItem.asset_id.in_(images))
    )
    counts: list[dict[int, int]] = [
        dict(session.execute(query).all())
        for query in (made, approvals.group_by(Decision.user_id), left.group_by(Export.user_id))
    ]
    people = sa.select(User.id, User.name).where(User.id.in_(set().union(*counts))).order_by(User.name)
    return tuple(
        Concerned(user_id, name, *(count.get(user_id, 0) for count in counts))
        for user_id, name in session.execute(people)
    )


def _name_images(session: Session, recall_id: int, cause: Cause) -> int:
    """Write down the images of the cause as they stand now; returns how many are to be withdrawn."""
    columns = ["recall_id", "asset_id", "from_state", "outcome"]
    for conditions, outcome in (
        (to_withdraw(session, cause), RecallOutcome.WAITING),
        (withdrawn_but_out(session, cause), RecallOutcome.EARLIER),
    ):
        rows = sa.select(
            sa.literal(recall_id), Asset.id, Asset.state, sa.literal(outcome, RecallImage.outcome.type)
        ).where(*conditions)
        session.execute(sa.insert(RecallImage).from_select(columns, rows))
    waiting = (RecallImage.recall_id == recall_id, RecallImage.outcome == RecallOutcome.WAITING)
    return session.scalar(sa.select(sa.func.count()).select_from(RecallImage).where(*waiting)) or 0


def _check_words(why: str, reason: str | None) -> None:
    if not 1 <= len(why) <= LONGEST_WHY:
        raise InputError(f"Say in 1 to {LONGEST_WHY} characters why these images are withdrawn, got {len(why)}.")
    if not storable(why):
        raise InputError("The reason holds characters that cannot be stored (NUL, or half of a surrogate pair).")
    if reason is not None and reason not in REASONS:
        raise InputError(f"There is no reason {reason[:48]!r}; there are: {', '.join(REASONS)}.")


def _check_replacing(session: Session, cause: Cause, replacing: Replacing) -> None:
    if replacing.model_version_id in bad_models(session, cause):
        raise InputError("The replacements would come from the model that is recalled. Choose another one.")


def _taught(session: Session, images: sa.Select[int]) -> tuple[str, ...]:
    query = (
        sa.select(ModelVersion.name)
        .join(Training, Training.model_version_id == ModelVersion.id)
        .join(TrainingImage, TrainingImage.training_id == Training.id)
        .where(TrainingImage.asset_id.in_(images), TrainingImage.split == "train")
    )
    return tuple(session.scalars(query.distinct().order_by(ModelVersion.name)))
