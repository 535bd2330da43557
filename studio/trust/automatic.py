"""Automatic approval as people set it: for a category, at an escape rate that held-out verdicts prove."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from db.tables import (
    Asset,
    AssetState,
    AutomaticApproval,
    AutomaticRule,
    Calibration,
    CalibrationCase,
    Role,
    SecondOpinion,
    User,
    utc_now,
)
from studio.activity import record
from studio.bootstrap import Studio
from studio.errors import Conflict, InputError, NotFound
from studio.review.review_rules import shows_people
from studio.roles import Actor, require
from studio.trust.calibrations import held_out, newest
from studio.trust.itself import itself
from studio.trust.proof import Proof, lower_bound, prove, upper_bound

LEAST_AUDITED: Final = 0.05
"""The smallest share of automatic approvals that people look at all the same."""


@dataclass(frozen=True)
class Audit:
    """What people said of automatic approvals that they were asked about, without knowing of them. `lower` and `upper`:
    the one-sided 95 % bounds of the escape rate.
    """

    asked: int
    answered: int
    escapes: int

    @property
    def lower(self) -> float:
        """The escape rate is hardly smaller."""
        return lower_bound(self.escapes, self.answered)

    @property
    def upper(self) -> float:
        """The escape rate is hardly larger."""
        return upper_bound(self.escapes, self.answered)


@dataclass(frozen=True)
class Escaped:
    """An image that was, or would have been, approved without a look, and that a person rejected."""

    asset_id: int
    sha256: str
    probability: float


@dataclass(frozen=True)
class RuleView:
    """A rule, on or ended. `ended_by`: None where the studio switched it off; `ended_why`: the values of the alarm.

    approved: the images that it approved; version: that of the calibration on which it stands.
    """

    id: int
    category: str
    escape_rate: float
    audit_share: float
    threshold: float
    version: int
    proof: Proof
    created_by: str
    created_at: dt.datetime
    ended_at: dt.datetime | None
    ended_by: str | None
    ended_why: dict[str, Any] | None
    approved: int
    audit: Audit

    @property
    def on(self) -> bool:
        """Whether images are approved by it now."""
        return self.ended_at is None


def automatic_categories(studio: Studio, actor: Actor | None) -> list[str]:
    """The categories of which the newest calibration has held-out verdicts, the most verdicts first. For admins."""
    require(actor, Role.ADMIN)
    number = sa.func.count()
    with studio.reading() as session:
        row = newest(session)
        if row is None:
            return []
        query = sa.select(CalibrationCase.category).where(CalibrationCase.calibration_id == row.id)
        query = query.group_by(CalibrationCase.category).order_by(number.desc(), CalibrationCase.category)
        return list(session.scalars(query))


def proof_of(studio: Studio, actor: Actor | None, category: str, escape_rate: float) -> Proof:
    """What held-out verdicts prove for a category at this escape rate. For admins. Raises InputError, Conflict."""
    require(actor, Role.ADMIN)
    with studio.reading() as session:
        return _proof(session, category, escape_rate)[1]


def sample_of(
    studio: Studio, actor: Actor | None, category: str, threshold: float, *, limit: int = 12
) -> list[Escaped]:
    """Of the sample that a proof stands on, the images above the threshold that people rejected, the most probable
    first. For admins.
    """
    require(actor, Role.ADMIN)
    with studio.reading() as session:
        row = newest(session)
        known = [] if row is None else held_out(session, row.id, category)
        found = [one for one in known if one.probability >= threshold and not one.approved][:limit]
        hashes = sa.select(Asset.id, Asset.sha256).where(Asset.id.in_([one.asset_id for one in found]))
        sha256s = dict(session.execute(hashes).all())
    return [Escaped(one.asset_id, sha256s[one.asset_id], one.probability) for one in found]


def switch_on(studio: Studio, actor: Actor | None, *, category: str, escape_rate: float, audit_share: float) -> int:
    """Let the studio approve the images of a category whose probability is above the threshold that is proven; returns
    the rule's id. For admins.

    Raises Conflict where it is on already, its images show people, or nothing proves the rate; InputError.
    """
    actor = require(actor, Role.ADMIN)
    if not LEAST_AUDITED <= audit_share <= 1:
        raise InputError(
            "At least {least} % of the images that the studio approves are looked at, got {share} %.",
            least=round(100 * LEAST_AUDITED),
            share=round(100 * audit_share, 1),
        )
    with studio.writing() as session:
        if shows_people(session, category):
            raise Conflict("{category} is a category that shows people: these images people decide.", category=category)
        if session.scalar(sa.select(AutomaticRule.id).where(AutomaticRule.open_category == category)):
            raise Conflict("Automatic approval of {category} is on already. Switch it off first.", category=category)
        calibration, proof = _proof(session, category, escape_rate)
        if not proof.holds:
            raise Conflict(
                "The verdicts do not prove that at most {rate} % of {category} would escape. Nothing was switched on.",
                rate=round(100 * escape_rate, 3),
                category=category,
            )
        itself(session)  # its row is there before the first approval
        rule = AutomaticRule(
            category=category,
            open_category=category,
            escape_rate=escape_rate,
            audit_share=audit_share,
            calibration_id=calibration.id,
            threshold=proof.threshold,
            proof=asdict(proof),
            created_by_id=actor.id,
        )
        session.add(rule)
        session.flush()
        text = (
            f"Switched automatic approval of {category} on, at an escape rate of {escape_rate:.1%}: images with a "
            f"probability of {proof.threshold:.3f} or more."
        )
        record(session, actor, "switched_on", "automatic_rule", rule.id, text, **asdict(proof))
        return rule.id


def switch_off(studio: Studio, actor: Actor | None, rule_id: int) -> None:
    """Let people decide again. What was approved stays approved. For managers. Raises NotFound, Conflict."""
    actor = require(actor, Role.MANAGER)
    with studio.writing() as session:
        rule = session.get(AutomaticRule, rule_id, with_for_update=True)
        if rule is None:
            raise NotFound("There is no rule {rule_id} of automatic approval.", rule_id=rule_id)
        if rule.open_category is None:
            raise Conflict("Automatic approval of {category} is off already.", category=rule.category)
        close(session, rule, actor, None)
        text = f"Switched automatic approval of {rule.category} off."
        record(session, actor, "switched_off", "automatic_rule", rule.id, text)


def close(session: Session, rule: AutomaticRule, actor: Actor | None, why: dict[str, Any] | None) -> None:
    """End a rule that is locked."""
    rule.open_category, rule.ended_at, rule.ended_why = None, utc_now(), why
    rule.ended_by_id = None if actor is None else actor.id


def automatic_rules(studio: Studio, actor: Actor | None, *, limit: int = 30) -> list[RuleView]:
    """The rules, those that are on first, then the newest. For managers."""
    require(actor, Role.MANAGER)
    maker, ender = aliased(User), aliased(User)
    query = (
        sa.select(AutomaticRule, Calibration.version, maker.name, ender.name)
        .join(Calibration, Calibration.id == AutomaticRule.calibration_id)
        .join(maker, maker.id == AutomaticRule.created_by_id)
        .outerjoin(ender, ender.id == AutomaticRule.ended_by_id)
        .order_by(AutomaticRule.ended_at.is_not(None), AutomaticRule.id.desc())
        .limit(limit)
    )
    with studio.reading() as session:
        rows = session.execute(query).all()
        approved = _approved(session)
        return [
            RuleView(
                id=rule.id,
                category=rule.category,
                escape_rate=rule.escape_rate,
                audit_share=rule.audit_share,
                threshold=rule.threshold,
                version=version,
                proof=Proof(**rule.proof),
                created_by=made_by,
                created_at=rule.created_at,
                ended_at=rule.ended_at,
                ended_by=ended_by,
                ended_why=rule.ended_why,
                approved=approved.get(rule.id, 0),
                audit=audit_of(session, rule.id),
            )
            for rule, version, made_by, ended_by in rows
        ]


def audit_of(session: Session, rule_id: int) -> Audit:
    """What people said so far of the approvals of a rule."""
    counted = (
        sa.func.count(),
        sa.func.count(SecondOpinion.verdict),
        sa.func.count(sa.case((SecondOpinion.verdict == AssetState.CHANGES_REQUESTED, 1))),
    )
    query = sa.select(*counted).join(AutomaticApproval, AutomaticApproval.opinion_id == SecondOpinion.id)
    return Audit(*session.execute(query.where(AutomaticApproval.rule_id == rule_id)).one())


def escaped(studio: Studio, actor: Actor | None, rule_id: int, *, limit: int = 12) -> list[Escaped]:
    """Images that the studio approved and that people, asked about them, rejected; the newest first. For managers."""
    require(actor, Role.MANAGER)
    query = (
        sa.select(Asset.id, Asset.sha256, AutomaticApproval.probability)
        .join(SecondOpinion, SecondOpinion.asset_id == Asset.id)
        .join(AutomaticApproval, AutomaticApproval.opinion_id == SecondOpinion.id)
        .where(AutomaticApproval.rule_id == rule_id, SecondOpinion.verdict == AssetState.CHANGES_REQUESTED)
        .order_by(SecondOpinion.answered_at.desc())
        .limit(limit)
    )
    with studio.reading() as session:
        return [Escaped(*row) for row in session.execute(query)]


def _proof(session: Session, category: str, escape_rate: float) -> tuple[Calibration, Proof]:
    calibration = newest(session)
    if calibration is None:
        raise Conflict("The scores are not calibrated yet. Have them calibrated on the page Quality first.")
    known = held_out(session, calibration.id, category)
    foretold = np.array([one.probability for one in known], dtype=np.float64)
    approved = np.array([one.approved for one in known], dtype=np.bool_)
    return calibration, prove(foretold, approved, escape_rate)


def _approved(session: Session) -> dict[int, int]:
    query = sa.select(AutomaticApproval.rule_id, sa.func.count()).group_by(AutomaticApproval.rule_id)
    return dict(session.execute(query).all())
