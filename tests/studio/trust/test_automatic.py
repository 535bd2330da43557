"""Automatic approval: proven or refused, never where a person must decide, audited, and switched off by the audit."""

from __future__ import annotations

import datetime as dt
import random

import pytest
import sqlalchemy as sa

from db.tables import (
    Activity,
    Alert,
    AlertKind,
    Asset,
    AssetState,
    AutomaticApproval,
    Calibration,
    Decision,
    InboxItem,
    OpinionKind,
    Photo,
    Product,
    Purpose,
    Role,
    RuleCause,
    SecondOpinion,
    User,
    utc_now,
)
from studio.access.people import list_users
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError
from studio.quality.figures import QualityFilter
from studio.quality.lenience import lenient_reviewers
from studio.quality.rollups import bring_up_to_date
from studio.review.asked import task_ids
from studio.review.claims import take as hold
from studio.review.deciding import Action, Decide, decide
from studio.review.review_rules import add_rule
from studio.review.reviewers import reviewer_report
from studio.review.verdicts import Days
from studio.roles import Actor
from studio.trust import audit
from studio.trust.approving import approve_some
from studio.trust.audit import check_rules
from studio.trust.automatic import automatic_rules, escaped, proof_of, sample_of, switch_off, switch_on
from studio.trust.cases import Case
from studio.trust.itself import itself
from studio.trust.proof import upper_bound
from tests.studio.review.asked import act, asked, decision
from tests.studio.trust.conftest import foretell_all, rule
from tests.studio.trust.deciding_by_scores import START, keep, waiting

GOOD = {"sharpness": {"version": 1, "value": 4.0}, "fill": {"version": 1, "value": 82.0}}
BAD = {"sharpness": {"version": 1, "value": 0.5}, "fill": {"version": 1, "value": 58.0}}
CASES = [Case(0, "Tshirts", START, True, GOOD)]
POOR = [Case(0, "Tshirts", START, True, BAD)]


def state_of(studio: Studio, asset_id: int) -> AssetState:
    with studio.reading() as session:
        return session.get_one(Asset, asset_id).state


def answer(studio: Studio, actor: Actor, asset_id: int, reason: str | None = None) -> None:
    """Decide an image of the audit, as the queue shows it."""
    revision = asked(studio, asset_id, OpinionKind.AUDIT).seen_revision
    with studio.reading() as session:
        sha256 = session.get_one(Asset, asset_id).sha256
    decide(studio, actor, decision(asset_id, revision, sha256, reason))


def test_the_sample_proves_the_rate_that_is_set(studio: Studio, learnt: Calibration, admin: Actor) -> None:
    proof = proof_of(studio, admin, "Tshirts", 0.1)
    assert proof.holds
    assert proof.upper == upper_bound(proof.escapes, proof.above) <= 0.1
    shown = sample_of(studio, admin, "Tshirts", proof.threshold, limit=1000)
    assert len(shown) == proof.escapes
    assert all(one.probability >= proof.threshold for one in shown)


def test_a_rate_that_is_not_proven_is_refused(
    studio: Studio, learnt: Calibration, admin: Actor, manager: Actor
) -> None:
    proof = proof_of(studio, admin, "Shoes", 0.002)
    assert not proof.holds
    assert proof.more is None or proof.more > 0
    with pytest.raises(Conflict, match="do not prove"):
        switch_on(studio, admin, category="Shoes", escape_rate=0.002, audit_share=0.1)
    with pytest.raises(InputError, match="At least 5 %"):
        switch_on(studio, admin, category="Tshirts", escape_rate=0.1, audit_share=0.01)
    with pytest.raises(Forbidden):
        switch_on(studio, manager, category="Tshirts", escape_rate=0.1, audit_share=0.1)
    assert automatic_rules(studio, manager) == []


def test_nothing_is_switched_on_before_the_scores_are_calibrated(studio: Studio, admin: Actor) -> None:
    with pytest.raises(Conflict, match="not calibrated yet"):
        switch_on(studio, admin, category="Tshirts", escape_rate=0.1, audit_share=0.1)


def test_the_studio_approves_by_the_way_of_all_decisions(
    studio_on_both: Studio, learnt: Calibration, admin: Actor, editor: Actor
) -> None:
    studio = studio_on_both
    on = rule(studio, admin)
    ids = waiting(studio, editor, CASES * 3)
    poor = waiting(studio, editor, POOR)
    foretell_all(studio)
    assert approve_some(studio) == 3
    assert approve_some(studio) == 0
    assert {state_of(studio, asset_id) for asset_id in ids} == {AssetState.APPROVED}
    assert state_of(studio, poor[0]) is AssetState.IN_REVIEW
    with studio.reading() as session:
        row = session.scalars(sa.select(Decision).where(Decision.asset_id == ids[0])).one()
        assert row.user.identity.startswith("urn:ecomgan:studio")
        assert f"by rule {on.id}" in row.comment
        assert (row.from_state, row.revision, row.scores) == (AssetState.IN_REVIEW, 1, GOOD)
        approval = session.get_one(AutomaticApproval, row.id)
        assert (approval.rule_id, approval.probability >= on.threshold) == (on.id, True)
    (view,) = automatic_rules(studio, admin)
    assert (view.on, view.approved, view.category) == (True, 3, "Tshirts")


def test_a_rule_leaves_alone_what_a_person_must_decide(
    studio: Studio, learnt: Calibration, admin: Actor, editor: Actor, reviewer: Actor
) -> None:
    rule(studio, admin)
    with studio.writing() as session:
        product = Product(sku="S", title="Shirt", category="Apparel > Swimwear > Bikinis", colour="Red")
        session.add(product)
        session.flush()
        session.add(Photo(product_id=product.id, sha256="0" * 64, height=8, width=8))
        product_id = product.id
    listing = waiting(studio, editor, CASES, purpose=Purpose.LISTING, product_id=product_id)
    damaged = waiting(studio, editor, CASES, damaged_at=utc_now())
    assigned = waiting(studio, editor, CASES, assignee_id=reviewer.id)
    several = waiting(studio, editor, CASES, purpose=Purpose.AD)
    people = waiting(studio, editor, CASES, product_id=product_id)
    claimed = waiting(studio, editor, CASES)
    missing = waiting(studio, editor, CASES)
    add_rule(studio, admin, category="", purpose=Purpose.AD, cause=RuleCause.HOUSE)
    add_rule(studio, admin, category="Swimwear", purpose=Purpose.LISTING, cause=RuleCause.PEOPLE)
    hold(studio, reviewer, claimed)
    with studio.writing() as session:
        session.get_one(Asset, missing[0]).sha256 = "f" * 64
    foretell_all(studio)
    assert approve_some(studio) == 0
    for ids in (listing, damaged, assigned, several, people, claimed, missing):
        assert state_of(studio, ids[0]) is AssetState.IN_REVIEW
    with studio.reading() as session:
        assert session.get_one(Asset, missing[0]).damaged_at is not None


def test_categories_that_show_people_cannot_be_switched_on(studio: Studio, learnt: Calibration, admin: Actor) -> None:
    add_rule(studio, admin, category="tshirts", purpose=Purpose.AD, cause=RuleCause.PEOPLE)
    with pytest.raises(Conflict, match="shows people"):
        switch_on(studio, admin, category="Tshirts", escape_rate=0.1, audit_share=0.1)


def test_an_approval_that_people_take_back_stays_theirs(
    studio: Studio, learnt: Calibration, admin: Actor, editor: Actor, reviewer: Actor
) -> None:
    rule(studio, admin)
    (asset_id,) = waiting(studio, editor, CASES)
    foretell_all(studio)
    assert approve_some(studio) == 1
    decide(studio, reviewer, Decide(asset_id, 1, Action.REOPEN, "reopened-1"))
    foretell_all(studio)
    assert approve_some(studio) == 0
    assert state_of(studio, asset_id) is AssetState.IN_REVIEW
    act(studio, reviewer, asset_id, "texture")
    assert state_of(studio, asset_id) is AssetState.CHANGES_REQUESTED


def test_a_part_is_audited_blind_and_the_audit_switches_it_off(
    studio_on_both: Studio,
    learnt: Calibration,
    admin: Actor,
    editor: Actor,
    reviewer: Actor,
    manager: Actor,
) -> None:
    studio = studio_on_both
    on = rule(studio, admin, audit=1.0)
    ids = waiting(studio, editor, CASES * 12)
    foretell_all(studio)
    assert approve_some(studio) == 12
    with studio.reading() as session:
        assert set(session.scalars(task_ids(reviewer.id))) == set(ids)  # they stand in the queue as if they waited
    for asset_id in ids[:3]:
        answer(studio, reviewer, asset_id)
    assert check_rules(studio) == []
    for asset_id in ids[3:10]:
        answer(studio, reviewer, asset_id, "texture")
    view = automatic_rules(studio, manager)[0]
    assert (view.audit.asked, view.audit.answered, view.audit.escapes) == (12, 10, 7)
    assert view.audit.lower > on.escape_rate
    assert check_rules(studio) == [on.id]
    assert check_rules(studio) == []
    view = automatic_rules(studio, manager)[0]
    assert (view.on, view.ended_by) == (False, None)
    assert {one.asset_id for one in escaped(studio, manager, on.id)} == set(ids[3:10])
    assert state_of(studio, ids[4]) is AssetState.APPROVED  # the answer stands beside the log
    more = waiting(studio, editor, CASES)
    foretell_all(studio)
    assert approve_some(studio) == 0
    assert state_of(studio, more[0]) is AssetState.IN_REVIEW
    with studio.reading() as session:
        alert = session.scalars(sa.select(Alert)).one()
        assert (alert.kind, alert.values["escapes"]) == (AlertKind.AUTOMATIC_OFF, 7)
        told = session.scalars(sa.select(InboxItem.user_id).where(InboxItem.kind == "alert")).all()
        assert sorted(told) == sorted([admin.id, manager.id])
        verbs = session.scalars(sa.select(Activity.verb).where(Activity.subject == "automatic_rule")).all()
        assert verbs == ["switched_on", "switched_off"]


def test_only_so_many_are_audited_as_was_set(
    studio: Studio, learnt: Calibration, admin: Actor, editor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule(studio, admin, audit=0.25)
    waiting(studio, editor, CASES * 40)
    foretell_all(studio)
    monkeypatch.setattr(random, "random", random.Random(4).random)
    assert approve_some(studio) == 40
    with studio.reading() as session:
        audits = sa.select(sa.func.count()).select_from(SecondOpinion).where(SecondOpinion.kind == OpinionKind.AUDIT)
        assert 4 <= (session.scalar(audits) or 0) <= 17


def test_nothing_more_is_approved_while_the_audit_waits_for_people(
    studio: Studio, learnt: Calibration, admin: Actor, editor: Actor
) -> None:
    rule(studio, admin, audit=1.0)
    waiting(studio, editor, CASES)
    foretell_all(studio)
    assert approve_some(studio) == 1
    with studio.writing() as session:
        session.execute(sa.update(SecondOpinion).values(created_at=utc_now() - dt.timedelta(days=8)))
    waiting(studio, editor, CASES)
    foretell_all(studio)
    assert approve_some(studio) == 0


def test_it_is_switched_off_where_the_scores_foretell_worse_than_they_did(
    studio: Studio, learnt: Calibration, admin: Actor, editor: Actor, reviewer: Actor
) -> None:
    on = rule(studio, admin)
    after = learnt.last_at
    turned = [
        Case(0, "Tshirts", after + dt.timedelta(minutes=k + 1), k % 10 > 0, BAD) for k in range(60)
    ]  # bad scores, and people approve them all the same
    keep(studio, editor, reviewer, turned[:40])
    assert check_rules(studio) == []  # too few to tell
    keep(studio, editor, reviewer, turned[40:])
    assert check_rules(studio) == [on.id]
    (view,) = automatic_rules(studio, admin)
    assert view.ended_why is not None
    assert view.ended_why["sentence"] == "automatic_drift"


def test_what_goes_wrong_of_late_is_not_outvoted_by_months_before(
    studio: Studio,
    learnt: Calibration,
    admin: Actor,
    editor: Actor,
    reviewer: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on = rule(studio, admin)
    monkeypatch.setattr(audit, "NEWEST", 60)
    after = learnt.last_at
    usual = [Case(0, "Tshirts", after + dt.timedelta(minutes=k + 1), k % 12 == 0, BAD) for k in range(900)]
    turned = [Case(0, "Tshirts", after + dt.timedelta(days=2, minutes=k), k % 10 > 0, BAD) for k in range(60)]
    keep(studio, editor, reviewer, usual)
    assert check_rules(studio) == []
    keep(studio, editor, reviewer, turned)
    assert check_rules(studio) == [on.id]


def test_the_studio_counts_as_nobody_among_people(
    studio: Studio, learnt: Calibration, admin: Actor, editor: Actor, reviewer: Actor
) -> None:
    rule(studio, admin)
    waiting(studio, editor, CASES * 60)
    foretell_all(studio)
    assert approve_some(studio) == 60
    bring_up_to_date(studio, seconds=60)
    days = QualityFilter(days=Days(utc_now().date() - dt.timedelta(days=400)))
    assert [one.name for one in lenient_reviewers(studio, admin, days)] == []
    assert [one.name for one in reviewer_report(studio, admin, Days()).people] == [reviewer.name]
    assert "The studio" not in [one.name for one in list_users(studio, admin)]


def test_people_switch_it_off_and_on_again(
    studio: Studio, learnt: Calibration, admin: Actor, manager: Actor, reviewer: Actor
) -> None:
    on = rule(studio, admin)
    with pytest.raises(Conflict, match="on already"):
        rule(studio, admin)
    with pytest.raises(Forbidden):
        switch_off(studio, reviewer, on.id)
    switch_off(studio, manager, on.id)
    with pytest.raises(Conflict, match="off already"):
        switch_off(studio, manager, on.id)
    assert rule(studio, admin).id != on.id
    assert [view.on for view in automatic_rules(studio, admin)] == [True, False]


def test_nobody_can_sign_in_as_the_studio(studio: Studio, learnt: Calibration, admin: Actor) -> None:
    rule(studio, admin)
    with studio.writing() as session:
        row = session.get_one(User, itself(session).id)
        assert (row.active, row.password_hash, row.role) == (False, None, Role.REVIEWER)
