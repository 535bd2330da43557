"""The gate in front of production: who passes it, who may override it, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Comparison, Job, JobState, LicenceState, ModelVersion, Role
from studio.activity import record
from studio.errors import Conflict, Forbidden, InputError
from studio.models.aliases import CHAMPION, before, holder, set_alias
from studio.models.ballots import Count, count
from studio.models.figures import FigurePair, compare
from studio.models.in_use import model
from studio.models.licences import refusal
from studio.models.views import ModelView, model_view
from studio.roles import Actor, require

if TYPE_CHECKING:
    from studio.bootstrap import Studio

SHORTEST_REASON = 10

Standing = Literal["passed", "failed", "open"]


@dataclass(frozen=True)
class Gate:
    """What stands between a version and production. "open": not yet known, and something can be done about it.

    figures: on photos that both were held out from. vote: of the newest comparison, None without one; broken: not all
    of its pairs could be made. refusal: what forbids it altogether, which nobody can override.
    """

    champion: ModelView
    challenger: ModelView
    figures: tuple[FigurePair, ...]
    comparison_id: int | None
    vote: Count | None
    vote_broken: bool
    refusal: str | None
    licence_settled: bool

    @property
    def figures_standing(self) -> Standing:
        """Passed when no figure is worse beyond its interval."""
        if not self.figures:
            return "open"
        return "failed" if any(pair.verdict == "worse" for pair in self.figures) else "passed"

    @property
    def vote_standing(self) -> Standing:
        """Passed when the challenger won a vote that is over."""
        if self.vote is None or not self.vote.complete:
            return "open"
        return "passed" if self.vote.won else "failed"

    @property
    def licence_standing(self) -> Standing:
        """Passed when the licence is granted, or somebody answers for it."""
        if self.refusal:
            return "failed"
        return "passed" if self.licence_settled else "open"

    @property
    def passed(self) -> bool:
        """Whether nothing stands in the way."""
        return self.figures_standing == self.vote_standing == self.licence_standing == "passed"


def gate(studio: Studio, actor: Actor | None, model_id: int) -> Gate:
    """How a version stands against the one in production. Raises NotFound, Conflict for the champion itself."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        return _gate(session, model_id)


def promote(studio: Studio, actor: Actor | None, model_id: int, *, reason: str = "") -> ModelView:
    """Put a version into production. Where the gate is not passed, an admin may do so with a written reason, which
    stays in the history; a refused licence lets nobody through.

    Raises NotFound, Conflict, Forbidden (a manager at a closed gate), InputError (an override without a reason).
    """
    actor = require(actor, Role.MANAGER)
    reason = reason.strip()
    with studio.writing() as session:
        found = _gate(session, model_id)
        if found.refusal:
            raise Conflict(f"{found.challenger.name} cannot go into production: {found.refusal}.")
        if not found.passed:
            _check_override(actor, found, reason)
        why = reason if found.passed else f"in spite of {_failing(found)}: {reason}"
        set_alias(session, CHAMPION, model_id, actor, why or "passed the gate")
        text = f"Put {found.challenger.name} into production in place of {found.champion.name}"
        record(
            session,
            actor,
            "promoted",
            "model_version",
            model_id,
            f"{text}{f' ({why})' if why else ''}.",
            replaced=found.champion.id,
            overridden=not found.passed,
        )
        return found.challenger


def roll_back(studio: Studio, actor: Actor | None, *, reason: str = "") -> ModelView:
    """Put the version into production that was there before the present one. Needs no gate: it stood there already.

    Raises Conflict when there is none before, or its licence was refused meanwhile.
    """
    actor = require(actor, Role.MANAGER)
    with studio.writing() as session:
        target = before(session)
        now = holder(session, CHAMPION)
        if target is None or now is None:
            raise Conflict("Nothing was in production before: there is nothing to go back to.")
        view, present = model(session, target), model(session, now)
        if why_not := refusal(session, target):
            raise Conflict(f"{view.name} cannot go back into production: {why_not}.")
        why = f"rolled back from {present.name}{f': {reason.strip()}' if reason.strip() else ''}"
        set_alias(session, CHAMPION, target, actor, why)
        text = f"Rolled production back from {present.name} to {view.name}."
        record(session, actor, "rolled_back", "model_version", target, text, replaced=now, reason=reason.strip())
        return view


def roll_back_target(studio: Studio, actor: Actor | None) -> ModelView | None:
    """The version to which a roll back would go."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        target = before(session)
        return None if target is None else model(session, target)


def _gate(session: Session, model_id: int) -> Gate:
    row = session.get(ModelVersion, model_id)
    champion_id = holder(session, CHAMPION)
    challenger = model(session, model_id)
    if row is None or champion_id is None:
        raise Conflict("No model is in production yet: the first one that is registered goes there by itself.")
    if champion_id == model_id:
        raise Conflict(f"{challenger.name} is in production already.")
    newest = (
        sa.select(Comparison.id, Job.state)
        .join(Job, Job.id == Comparison.job_id)
        .where(Comparison.champion_id == champion_id, Comparison.challenger_id == model_id)
        .order_by(Comparison.id.desc())
        .limit(1)
    )
    comparison_id, pairs_state = session.execute(newest).one_or_none() or (None, None)
    acknowledged = row.licence is LicenceState.UNCONFIRMED and row.licence_acknowledged_by_id is not None
    return Gate(
        champion=model(session, champion_id),
        challenger=model_view(row),
        figures=compare(session, champion_id, model_id),
        comparison_id=comparison_id,
        vote=None if comparison_id is None else count(session, comparison_id),
        vote_broken=pairs_state in (JobState.FAILED, JobState.CANCELLED),
        refusal=refusal(session, model_id),
        licence_settled=row.licence is LicenceState.GRANTED or acknowledged,
    )


def _check_override(actor: Actor, found: Gate, reason: str) -> None:
    failing = _failing(found)
    if not actor.may(Role.ADMIN):
        raise Forbidden(
            f"The gate is not passed ({failing}); only an admin may put {found.challenger.name} into production now, "
            f"with a written reason. {actor.name} is {actor.role.value}."
        )
    if len(reason) < SHORTEST_REASON:
        raise InputError(
            f"The gate is not passed ({failing}). Write why it is right all the same, in at least {SHORTEST_REASON} "
            f"characters, got {len(reason)}: it stays in the history."
        )


def _failing(found: Gate) -> str:
    standings = {
        "the held-out figures": found.figures_standing,
        "the blind vote": found.vote_standing,
        "the licence": found.licence_standing,
    }
    words = {"failed": "not passed", "open": "still open"}
    return ", ".join(f"{name} {words[state]}" for name, state in standings.items() if state != "passed")
