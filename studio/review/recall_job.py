"""What the worker does for a recall: withdraws image after image, orders replacements, tells the people concerned."""

from __future__ import annotations

import time
from dataclasses import dataclass

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
    JobState,
    Recall,
    RecallImage,
    RecallOutcome,
    User,
    utc_now,
)
from studio.inbox import tell
from studio.review.decisions import append, derived_key
from studio.review.decisions import locked as locked_image
from studio.review.recalls import Concerned, concerned
from studio.review.replacing import order_some
from studio.roles import Actor
from studio.work.job_body import JobBody
from studio.work.job_rows import advance, locked
from studio.work.jobs import first_attempt, note
from studio.work.queue import Steps

TOLD = "recall"
"""The kind of what a recall tells people."""

_CHUNK = 10  # images in one transaction: about 30 ms, so that the decisions of reviewers go on beside it


@dataclass(frozen=True)
class Recaller(JobBody):
    """Runs recalls."""

    unit = "images"

    def work(self, steps: Steps, job_id: str) -> None:
        """Withdraw, replace, tell, finish."""
        going = steps.run("begin", self.begin, job_id)
        while going and steps.run("withdraw", self.withdraw_some, job_id):
            pass
        after: int | None = 0
        while after is not None:
            after = steps.run("replace", self.replace_some, job_id, after)
        steps.run("tell", self.tell_people, job_id)
        steps.run("finish", self.finish, job_id)

    def withdraw_some(self, job_id: str) -> bool:
        """Withdraw the next images, in one transaction; False when none is left or the job was cancelled.

        Images that somebody withdrew meanwhile are noted as such, so running it twice is the same as once.
        """
        start = time.perf_counter()
        with self.studio.writing() as session:
            job = locked(session, job_id)
            if job.state is not JobState.RUNNING:
                return False
            row = _recall_of(session, job)
            actor = _actor_of(session, row)
            waiting = sa.select(RecallImage).where(
                RecallImage.recall_id == row.id, RecallImage.outcome == RecallOutcome.WAITING
            )
            some = session.scalars(waiting.order_by(RecallImage.asset_id).limit(_CHUNK).with_for_update()).all()
            for one in some:
                _withdraw(session, row, actor, one)
            job.worker = self.worker
            advance(job, len(some), start)
            return len(some) == _CHUNK

    def replace_some(self, job_id: str, after: int) -> int | None:
        """Order some of the replacements; the brief to go on after, None at the end or once the job was cancelled."""
        with self.studio.reading() as session:
            job = session.get_one(Job, job_id)
            row = _recall_of(session, job)
            actor, state = _actor_of(session, row), job.state
        if state is not JobState.RUNNING:
            return None
        batch = order_some(self.studio, actor, row.id, after)
        if batch.orders or batch.refused:
            with self.studio.writing() as session:
                refused = f" {len(batch.refused)} could not be ordered: {batch.refused[0]}" if batch.refused else ""
                note(session, job_id, f"Ordered replacements in {batch.orders} orders.{refused}")
        return batch.after

    def tell_people(self, job_id: str) -> None:
        """Tell everyone whom the images concern that were not told of yet, each in one line for each of their parts."""
        with self.studio.writing() as session:
            row = _recall_of(session, session.get_one(Job, job_id))
            actor = _actor_of(session, row)
            untold = sa.select(RecallImage.asset_id).where(
                RecallImage.recall_id == row.id,
                RecallImage.told_at.is_(None),
                RecallImage.outcome != RecallOutcome.WAITING,
            )
            withdrawn = untold.where(RecallImage.outcome == RecallOutcome.WITHDRAWN)
            people = {one.user_id: one for one in concerned(session, untold)}
            own = {one.user_id: one for one in concerned(session, withdrawn)}
            for user_id, person in people.items():
                channels = _channels(session, user_id, untold)
                for text, number, images in _lines(row, person, own.get(user_id), channels, untold, withdrawn):
                    first = session.scalar(images.order_by(RecallImage.asset_id).limit(1))
                    tell(session, user_id, TOLD, first, text=text, by=actor, number=number)
            told = sa.update(RecallImage).where(RecallImage.asset_id.in_(untold), RecallImage.recall_id == row.id)
            session.execute(told.values(told_at=utc_now()).execution_options(synchronize_session=False))
            others = len(people.keys() - {actor.id})
            if others:
                note(session, job_id, f"Told {others} {'person' if others == 1 else 'people'}.")


def _withdraw(session: Session, row: Recall, actor: Actor, one: RecallImage) -> None:
    image = locked_image(session, one.asset_id)
    if image.state is AssetState.WITHDRAWN:
        one.outcome = RecallOutcome.EARLIER
        return
    one.from_state = image.state  # it may have been decided on since the recall began
    key = derived_key("recall", row.id, image.id)
    comment = f"Recall {row.id} ({row.title}): {row.why}"
    decision = append(session, image, AssetState.WITHDRAWN, actor, key, reason=row.reason, comment=comment)
    one.decision_id, one.outcome = decision.id, RecallOutcome.WITHDRAWN


def _lines(
    row: Recall,
    person: Concerned,
    own: Concerned | None,
    channels: str,
    untold: sa.Select[int],
    withdrawn: sa.Select[int],
) -> list[tuple[str, int, sa.Select[int]]]:
    """What to tell a person: the sentence, how many images it is about, and which.

    own: their part in the images that were withdrawn now; `person` counts those too that were withdrawn before.
    """
    found: list[tuple[str, int, sa.Select[int]]] = []
    why = f"{row.why} (recall {row.id}, {row.title})"
    if own is not None and own.made:
        made = sa.select(Asset.id).where(Asset.created_by_id == person.user_id)
        text = f"{_images(own.made)} that you made {_were(own.made)} withdrawn: {why}"
        found.append((text, own.made, withdrawn.where(RecallImage.asset_id.in_(made))))
    if own is not None and own.approved:
        approved = sa.select(Decision.asset_id).where(
            Decision.user_id == person.user_id, Decision.to_state == AssetState.APPROVED
        )
        text = f"{_images(own.approved)} that you approved {_were(own.approved)} withdrawn: {why}"
        found.append((text, own.approved, withdrawn.where(RecallImage.asset_id.in_(approved))))
    if person.exported:
        left = sa.select(ExportItem.asset_id).join(Export, Export.id == ExportItem.export_id)
        left = left.where(Export.user_id == person.user_id)
        text = (
            f"{_images(person.exported)} that you exported to {channels} {_were(person.exported)} withdrawn. "
            f"Take {'it' if person.exported == 1 else 'them'} down there: {why}"
        )
        found.append((text, person.exported, untold.where(RecallImage.asset_id.in_(left))))
    return found


def _channels(session: Session, user_id: int, images: sa.Select[int]) -> str:
    query = (
        sa.select(Channel.name)
        .join(Export, Export.channel_id == Channel.id)
        .join(ExportItem, ExportItem.export_id == Export.id)
        .where(Export.user_id == user_id, ExportItem.asset_id.in_(images))
    )
    return ", ".join(session.scalars(query.distinct().order_by(Channel.name)))


def _images(number: int) -> str:
    return f"{number:,} {'image' if number == 1 else 'images'}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _recall_of(session: Session, job: Job) -> Recall:
    return session.scalars(sa.select(Recall).where(Recall.job_id == first_attempt(job))).one()


def _actor_of(session: Session, row: Recall) -> Actor:
    user = session.get_one(User, row.user_id)
    return Actor(user.id, user.name, user.role)
