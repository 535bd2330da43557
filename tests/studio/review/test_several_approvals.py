"""Where a rule says so, several people must approve an image: distinct ones, in a row, each on what they saw."""

from __future__ import annotations

import itertools

import pytest

from db.tables import Asset, AssetState, Purpose, RuleCause
from studio.activity_log import activity
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError, NotFound, StaleDecision
from studio.review.deciding import Decide, DecisionResult, decide, history, undo
from studio.review.review_rules import Approvals, add_rule, approvals, remove_rule, rules
from studio.review.states import Action, allowed
from studio.roles import Actor
from tests.studio.conftest import Images, seen

KEYS = (f"press-{number:04}" for number in itertools.count())


def act(studio: Studio, actor: Actor, asset_id: int, action: Action, reason: str | None = None) -> DecisionResult:
    with studio.reading() as session:
        revision = session.get_one(Asset, asset_id).revision
    shown = seen(studio, asset_id)
    return decide(studio, actor, Decide(asset_id, revision, action, next(KEYS), reason, seen_sha256=shown))


def standing(studio: Studio, asset_id: int) -> Approvals:
    with studio.reading() as session:
        return approvals(session, [session.get_one(Asset, asset_id)])[asset_id]


def test_two_people_approve_where_a_rule_says_so(
    studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor, manager: Actor, admin: Actor
) -> None:
    studio = studio_on_both
    add_rule(studio, admin, category="tshirts", purpose=None, cause=RuleCause.REGULATED)
    (image,) = images.make(editor, state=AssetState.IN_REVIEW)
    first = act(studio, reviewer, image, Action.APPROVE)
    assert (first.state, first.approvals, first.approvals_needed) == (AssetState.IN_REVIEW, 1, 2)
    assert first.undo_until is not None
    assert standing(studio, image) == Approvals(2, RuleCause.REGULATED, (reviewer.id,))
    with pytest.raises(Forbidden, match=r"You approved image .* needs 2 approvals, of as many people, and has 1"):
        act(studio, reviewer, image, Action.APPROVE)
    second = act(studio, manager, image, Action.APPROVE)
    assert (second.state, second.approvals, second.approvals_needed) == (AssetState.APPROVED, 2, 2)
    assert [(line.user, line.to_state.value, line.approval) for line in history(studio, editor, image)] == [
        ("Rune", "in_review", True),
        ("Mona", "approved", False),
    ]
    assert [line.text for line in activity(studio, editor).lines[:2]] == [
        f"Set image {image} to approved.",
        f"Approved image {image}, as one of several.",
    ]


def test_the_first_approval_sent_twice_counts_once_and_can_be_taken_back(
    studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor, manager: Actor, admin: Actor
) -> None:
    studio = studio_on_both
    add_rule(studio, admin, category="", purpose=None, cause=RuleCause.HOUSE)
    (image,) = images.make(editor, state=AssetState.IN_REVIEW)
    asked = Decide(image, 0, Action.APPROVE, "the-same-key", seen_sha256=seen(studio, image))
    assert decide(studio, reviewer, asked) == decide(studio, reviewer, asked)
    undo(studio, reviewer, image, next(KEYS))
    assert standing(studio, image).given == 0
    first = Decide(image, 2, Action.APPROVE, "another-key", seen_sha256=seen(studio, image))
    told = decide(studio, reviewer, first)
    assert told.approvals == 1
    act(studio, manager, image, Action.APPROVE)
    assert decide(studio, reviewer, first) == told  # the answer comes again, not what became of the image
    undo(studio, manager, image, next(KEYS))
    assert standing(studio, image).given_by == (reviewer.id,)


def test_a_rejection_or_a_second_look_begins_anew(
    studio: Studio, images: Images, editor: Actor, reviewer: Actor, manager: Actor, admin: Actor
) -> None:
    add_rule(studio, admin, category="", purpose=None, cause=RuleCause.PEOPLE)
    (image,) = images.make(editor, state=AssetState.IN_REVIEW)
    act(studio, reviewer, image, Action.APPROVE)
    act(studio, manager, image, Action.REJECT, "halo")
    undo(studio, manager, image, next(KEYS))
    assert standing(studio, image).given_by == (reviewer.id,)
    act(studio, manager, image, Action.REJECT, "halo")
    act(studio, editor, image, Action.SUBMIT)
    assert standing(studio, image).given == 0
    act(studio, reviewer, image, Action.APPROVE)
    act(studio, manager, image, Action.APPROVE)
    act(studio, manager, image, Action.REOPEN)
    assert standing(studio, image).given == 0


def test_the_second_approver_must_have_seen_the_first_approval(
    studio: Studio, images: Images, editor: Actor, reviewer: Actor, manager: Actor, admin: Actor
) -> None:
    add_rule(studio, admin, category="", purpose=None, cause=RuleCause.HOUSE)
    (image,) = images.make(editor, state=AssetState.IN_REVIEW)
    act(studio, reviewer, image, Action.APPROVE)
    with pytest.raises(StaleDecision, match="Rune approved it, as one of several"):
        decide(studio, manager, Decide(image, 0, Action.APPROVE, next(KEYS), seen_sha256=seen(studio, image)))


def test_who_approved_already_is_not_offered_to_do_it_again(reviewer: Actor, editor: Actor) -> None:
    def may(*approved_by: int) -> bool:
        found = allowed(
            AssetState.IN_REVIEW, reviewer, made_by_id=editor.id, self_approval=False, approved_by=approved_by
        )
        return Action.APPROVE in found

    assert may()
    assert may(editor.id)
    assert not may(reviewer.id)


def test_a_factual_rejection_outlasts_any_number_of_approvals(
    studio: Studio, images: Images, editor: Actor, reviewer: Actor, manager: Actor, admin: Actor
) -> None:
    add_rule(studio, admin, category="", purpose=None, cause=RuleCause.PEOPLE)
    (image,) = images.make(editor, state=AssetState.IN_REVIEW)
    act(studio, reviewer, image, Action.APPROVE)
    act(studio, manager, image, Action.REJECT, "colour")
    with pytest.raises(Conflict, match="rejected for a fact"):
        act(studio, admin, image, Action.REOPEN)


def test_the_strictest_rule_that_fits_counts(
    studio_on_both: Studio, images: Images, editor: Actor, admin: Actor
) -> None:
    studio = studio_on_both
    product = images.product("DRE-1", category="Apparel > Dress > Dresses", photo=True)
    (shirt,) = images.make(editor, state=AssetState.IN_REVIEW)
    (ad,) = images.make(editor, state=AssetState.IN_REVIEW, purpose=Purpose.AD)
    (dress,) = images.make(editor, state=AssetState.IN_REVIEW, category="Dresses", product_id=product)
    add_rule(studio, admin, category="", purpose=Purpose.AD, cause=RuleCause.HOUSE, approvals=3)
    add_rule(studio, admin, category="apparel > DRESS", purpose=None, cause=RuleCause.PEOPLE)
    add_rule(studio, admin, category="Tshirts", purpose=Purpose.AD, cause=RuleCause.REGULATED)
    assert standing(studio, shirt) == Approvals(1)
    assert standing(studio, ad) == Approvals(3, RuleCause.HOUSE)
    assert standing(studio, dress) == Approvals(2, RuleCause.PEOPLE)


def test_rules_are_the_admins(studio: Studio, viewer: Actor, manager: Actor, admin: Actor) -> None:
    with pytest.raises(Forbidden):
        add_rule(studio, manager, category="Watches", purpose=None, cause=RuleCause.HOUSE)
    rule = add_rule(studio, admin, category=" Watches ", purpose=None, cause=RuleCause.HOUSE)
    (shown,) = rules(studio, viewer)
    assert (shown.category, shown.purpose, shown.approvals, shown.created_by) == ("Watches", None, 2, "Ada")
    with pytest.raises(Conflict, match="such a rule already"):
        add_rule(studio, admin, category="watches", purpose=None, cause=RuleCause.PEOPLE)
    for bad in ({"approvals": 1}, {"approvals": 6}, {"category": "x" * 201}, {"category": "a\0b"}):
        with pytest.raises(InputError):
            add_rule(studio, admin, **{"category": "Belts", "purpose": None, "cause": RuleCause.HOUSE, **bad})
    with pytest.raises(Forbidden):
        remove_rule(studio, manager, rule)
    remove_rule(studio, admin, rule)
    assert rules(studio, viewer) == ()
    with pytest.raises(NotFound, match="There is no rule"):
        remove_rule(studio, admin, rule)
    assert [line.did for line in activity(studio, viewer).lines] == ["removed", "added"]
