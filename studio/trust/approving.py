"""The studio's own approvals: by the same call, log and seals as a person's, image by image, a part of them audited."""

from __future__ import annotations

import datetime as dt
import logging
import random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import (
    Asset,
    AssetState,
    AutomaticApproval,
    AutomaticRule,
    Calibration,
    Chance,
    Decision,
    Product,
    Purpose,
    SecondOpinion,
    utc_now,
)
from studio.bootstrap import Studio
from studio.errors import IntegrityError, StudioError
from studio.images.integrity import fault, mark
from studio.review.asking import ask_to_audit
from studio.review.decisions import derived_key, last_decision, locked, scores_now
from studio.review.review_rules import approvals, shows_people
from studio.review.states import Action
from studio.review.taking import Decide, take
from studio.trust.calibrations import model_of
from studio.trust.itself import itself

A_ROUND = 200
"""Images that one round approves at most, each in a transaction of its own of about 10 ms."""

AUDITED_WITHIN = dt.timedelta(days=7)
"""Where a question of the audit waits longer for an answer, nothing more is approved until people have caught up."""

_log = logging.getLogger(__name__)


def approve_some(studio: Studio, limit: int = A_ROUND) -> int:
    """Approve images that wait, by the rules that are on; returns how many. Safe to be cut off anywhere."""
    done = 0
    for rule_id, asset_ids in _candidates(studio, limit):
        for asset_id in asset_ids:
            done += _approve(studio, rule_id, asset_id)
    return done


def is_behind(session: Session, rule_id: int) -> bool:
    """Whether the audit of a rule waits for people."""
    query = (
        sa.select(SecondOpinion.id)
        .join(AutomaticApproval, AutomaticApproval.opinion_id == SecondOpinion.id)
        .where(AutomaticApproval.rule_id == rule_id, SecondOpinion.verdict.is_(None))
        .where(SecondOpinion.created_at < utc_now() - AUDITED_WITHIN)
    )
    return session.scalar(query.limit(1)) is not None


def _candidates(studio: Studio, limit: int) -> list[tuple[int, list[int]]]:
    found = []
    with studio.reading() as session:
        for rule in session.scalars(sa.select(AutomaticRule).where(AutomaticRule.open_category.is_not(None))):
            if is_behind(session, rule.id):
                continue
            query = (
                sa.select(Asset.id)
                .join(Chance, sa.and_(Chance.asset_id == Asset.id, Chance.calibration_id == rule.calibration_id))
                .where(Asset.state == AssetState.IN_REVIEW, Asset.category == rule.category)
                .where(Chance.probability >= rule.threshold, *_left_to_the_studio())
            )
            found.append((rule.id, list(session.scalars(query.order_by(Asset.id).limit(limit)))))
    return found


def _left_to_the_studio() -> tuple[sa.ColumnElement[bool], ...]:
    """What no person has taken in hand: not given to anyone, and never decided before, by whomever. So an approval that
    people take back stays theirs.
    """
    decided = sa.exists().where(Decision.asset_id == Asset.id, Decision.from_state == AssetState.IN_REVIEW)
    return Asset.purpose != Purpose.LISTING, Asset.damaged_at.is_(None), Asset.assignee_id.is_(None), ~decided


def _approve(studio: Studio, rule_id: int, asset_id: int) -> bool:
    """Approve one image if all still speaks for it; False where something does not."""
    with studio.reading() as session:
        sha256 = session.get_one(Asset, asset_id).sha256
    damage = fault(studio, sha256)
    try:
        with studio.writing() as session:
            rule = session.get_one(AutomaticRule, rule_id, with_for_update=True)
            image = locked(session, asset_id)
            probability = _probability(session, rule, image)
            if probability is None:
                return False
            actor = itself(session)
            comment = (
                f"Approved by the studio itself by rule {rule.id}: the probability of approval is {probability:.3f}, "
                f"the rule asks for {rule.threshold:.3f}."
            )
            key = derived_key("automatic", rule.id, image.id, image.revision)
            decision = Decide(image.id, image.revision, Action.APPROVE, key, comment=comment, seen_sha256=image.sha256)
            take(session, actor, decision, damage, asking=False)
            _note(session, rule, image, probability)
    except IntegrityError:
        mark(studio, sha256)
        return False
    except StudioError as error:  # claimed by a reviewer, decided meanwhile, ...: people have it
        _log.info("image %s is left to people: %s", asset_id, error)
        return False
    return True


def _probability(session: Session, rule: AutomaticRule, image: Asset) -> float | None:
    """The probability of the image as it stands now; None where it is not for the studio to approve."""
    if rule.open_category is None or image.category != rule.category or image.state is not AssetState.IN_REVIEW:
        return None
    free = sa.select(Asset.id).where(Asset.id == image.id, *_left_to_the_studio())
    path = session.scalar(sa.select(Product.category).where(Product.id == image.product_id)) or ""
    if (
        session.scalar(free) is None
        or shows_people(session, image.category, path)
        or approvals(session, [image])[image.id].needed > 1
    ):
        return None
    model = model_of(session.get_one(Calibration, rule.calibration_id))
    probability = float(model.predict([scores_now(session, image.id)], [image.category])[0])
    return probability if probability >= rule.threshold else None


def _note(session: Session, rule: AutomaticRule, image: Asset, probability: float) -> None:
    row = last_decision(session, image)
    assert row is not None
    opinion = ask_to_audit(session, row) if random.random() < rule.audit_share else None
    session.add(
        AutomaticApproval(
            decision_id=row.id,
            rule_id=rule.id,
            probability=probability,
            opinion_id=None if opinion is None else opinion.id,
        )
    )
