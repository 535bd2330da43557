"""Decisions: who may take which, once, on what they saw, and for good."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from db.tables import Asset, AssetState, Decision, Purpose
from studio.access.team import set_switch
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError, NotFound, NotSignedIn
from studio.review.deciding import REASONS, Decide, decide, history, submit, undo
from studio.review.states import FACTUAL, RULES, Action, Family, allowed
from tests.studio.review.acting import KEYS, act, standing


def test_an_image_goes_from_draft_to_published(studio_on_both: Studio, images, editor, reviewer) -> None:
    (image,) = images.make(editor)
    sent = act(studio_on_both, editor, image, Action.SUBMIT)
    assert (sent.state, sent.revision, sent.notes) == (AssetState.IN_REVIEW, 2, ())
    act(studio_on_both, reviewer, image, Action.APPROVE, comment=" looks right ")
    act(studio_on_both, reviewer, image, Action.PUBLISH)
    log = history(studio_on_both, editor, image)
    assert [(line.from_state.value, line.to_state.value, line.user) for line in log] == [
        ("draft", "checked", "Edda"),
        ("checked", "in_review", "Edda"),
        ("in_review", "approved", "Rune"),
        ("approved", "published", "Rune"),
    ]
    assert [line.revision for line in log] == [1, 2, 3, 4]
    assert log[2].comment == "looks right"
    assert len(log[2].asset_sha256) == 64


def test_sending_to_review_tells_what_the_checks_found(studio: Studio, images, editor) -> None:
    scores = {"sharpness": 0.9, "border_whiteness": 99.0, "fill": 50.0, "centring": None, "colour_difference": 3.0}
    (image,) = images.make(editor, scores=scores)
    assert act(studio, editor, image, Action.SUBMIT).notes == (
        "Sharpness is 0.9; good is at least 1.3.",
        "Fill is 50 %; good is 60 to 96 %.",
        "Off centre could not be measured.",
    )


def test_an_image_without_checks_cannot_go_to_review(studio: Studio, images, editor) -> None:
    (image,) = images.make(editor, scores={})
    with pytest.raises(Conflict, match=r"checks of image .* did not run"):
        act(studio, editor, image, Action.SUBMIT)


@pytest.mark.parametrize("action", Action)
def test_each_action_needs_its_role(studio: Studio, images, viewer, editor, reviewer, manager, action) -> None:
    people = [viewer, editor, reviewer, manager]
    rule = RULES[action]
    source = next(state for state in AssetState if state in rule.sources)
    for actor in people:
        (image,) = images.make(manager if actor is not manager else editor, state=source)
        reason = "halo" if rule.reason == "required" else None
        if actor.may(rule.minimum):
            assert act(studio, actor, image, action, reason).state is rule.path[-1]
        else:
            with pytest.raises(Forbidden, match=rule.minimum.value):
                act(studio, actor, image, action, reason)
            assert standing(studio, image) == (source, 0)


def test_nobody_decides_without_signing_in(studio: Studio, images, editor) -> None:
    (image,) = images.make(editor)
    with pytest.raises(NotSignedIn):
        act(studio, None, image, Action.SUBMIT)


def test_actions_that_the_state_does_not_allow_are_refused(studio: Studio, images, editor, manager) -> None:
    for state in AssetState:
        (image,) = images.make(editor, state=state)
        for action in Action:
            if state in RULES[action].sources:
                continue
            with pytest.raises(Conflict, match=f"is {state.value.replace('_', ' ')}; to {action.value} needs"):
                act(studio, manager, image, action, "halo" if RULES[action].reason == "required" else None)
            assert standing(studio, image) == (state, 0)


def test_withdrawn_is_the_end(studio: Studio, images, editor, manager) -> None:
    (image,) = images.make(editor, state=AssetState.PUBLISHED)
    act(studio, manager, image, Action.WITHDRAW, "brand")
    assert allowed(AssetState.WITHDRAWN, manager, made_by_id=editor.id, self_approval=True) == ()
    with pytest.raises(Conflict, match="cannot be taken back"):
        undo(studio, manager, image, next(KEYS))


def test_nobody_approves_an_image_of_their_own_unless_the_team_allows_it(studio, images, reviewer, admin) -> None:
    (image,) = images.make(reviewer, state=AssetState.IN_REVIEW)
    with pytest.raises(Forbidden, match=r"You made image .* another person"):
        act(studio, reviewer, image, Action.APPROVE)
    assert Action.APPROVE not in allowed(AssetState.IN_REVIEW, reviewer, made_by_id=reviewer.id, self_approval=False)
    set_switch(studio, admin, "self_approval", True)
    assert act(studio, reviewer, image, Action.APPROVE).state is AssetState.APPROVED


def test_a_rejection_needs_a_known_reason_and_an_approval_takes_none(studio: Studio, images, editor, reviewer) -> None:
    (image,) = images.make(editor, state=AssetState.IN_REVIEW)
    with pytest.raises(InputError, match="needs a reason; there are: shape"):
        act(studio, reviewer, image, Action.REJECT)
    with pytest.raises(InputError, match="no reason 'ugly'"):
        act(studio, reviewer, image, Action.REJECT, "ugly")
    with pytest.raises(InputError, match="takes no reason"):
        act(studio, reviewer, image, Action.APPROVE, "halo")
    with pytest.raises(InputError, match="up to 2,000 characters, got 2,001"):
        act(studio, reviewer, image, Action.APPROVE, comment="x" * 2001)
    for bad in ("a\0b", "\ud83d"):
        with pytest.raises(InputError, match="cannot be stored"):
            act(studio, reviewer, image, Action.APPROVE, comment=bad)
    assert act(studio, reviewer, image, Action.REJECT, "halo").state is AssetState.CHANGES_REQUESTED


def test_an_artefact_can_be_looked_at_again(studio: Studio, images, editor, reviewer) -> None:
    (image,) = images.make(editor, state=AssetState.IN_REVIEW)
    act(studio, reviewer, image, Action.REJECT, "halo")
    assert act(studio, editor, image, Action.SUBMIT).state is AssetState.IN_REVIEW
    act(studio, reviewer, image, Action.REJECT, "halo")
    assert act(studio, reviewer, image, Action.REOPEN).state is AssetState.IN_REVIEW


@pytest.mark.parametrize("reason", FACTUAL)
def test_a_factual_rejection_is_never_overridden(studio: Studio, images, editor, manager, admin, reason) -> None:
    set_switch(studio, admin, "self_approval", True)
    (image,) = images.make(editor, state=AssetState.IN_REVIEW)
    act(studio, manager, image, Action.REJECT, reason)
    for action in (Action.SUBMIT, Action.REOPEN):
        with pytest.raises(Conflict, match=r"rejected for a fact .* final"):
            act(studio, admin, image, action)
    with pytest.raises(Conflict):
        act(studio, admin, image, Action.APPROVE)
    only = allowed(AssetState.CHANGES_REQUESTED, admin, made_by_id=editor.id, self_approval=True, factual=True)
    assert only == (Action.WITHDRAW,)
    assert act(studio, manager, image, Action.WITHDRAW).state is AssetState.WITHDRAWN


def test_the_reasons_are_of_four_families_and_factual_ones_come_first() -> None:
    families = [reason.family for reason in REASONS.values()]
    assert families == sorted(families, key=list(Family).index)
    assert set(families) == set(Family)
    assert all(len(key) <= 48 for key in REASONS)


@pytest.mark.parametrize("action", [Action.SUBMIT, Action.APPROVE, Action.PUBLISH])
def test_a_listing_image_needs_a_real_photo_of_its_product(studio, images, editor, reviewer, action) -> None:
    source = next(state for state in AssetState if state in RULES[action].sources)
    bare, proved = images.product("A"), images.product("B", photo=True)
    (without,) = images.make(editor, state=source, purpose=Purpose.LISTING, product_id=bare)
    (with_photo,) = images.make(editor, state=source, purpose=Purpose.LISTING, product_id=proved)
    with pytest.raises(Conflict, match="text alone"):
        act(studio, reviewer, without, action)
    images.compare(with_photo)
    assert act(studio, reviewer, with_photo, action).state is RULES[action].path[-1]


def test_the_database_refuses_to_turn_an_image_from_text_into_a_listing(studio_on_both: Studio, images, editor) -> None:
    (image,) = images.make(editor)
    with pytest.raises(sa.exc.IntegrityError, match="listing_needs_product"), studio_on_both.writing() as session:
        session.execute(sa.update(Asset).where(Asset.id == image).values(purpose=Purpose.LISTING))
    with pytest.raises(sa.exc.IntegrityError, match="listing_needs_product"):
        images.make(editor, purpose=Purpose.LISTING)


def test_decisions_cannot_be_changed_or_removed(studio_on_both: Studio, images, editor, reviewer) -> None:
    (image,) = images.make(editor, state=AssetState.IN_REVIEW)
    act(studio_on_both, reviewer, image, Action.APPROVE)
    for statement in (sa.update(Decision).values(comment="other"), sa.delete(Decision)):
        with pytest.raises(sa.exc.IntegrityError, match="only ever added"), studio_on_both.writing() as session:
            session.execute(statement)


def test_many_images_go_to_review_and_the_others_are_told(studio_on_both: Studio, images, editor) -> None:
    good = images.make(editor, 3)
    (done,) = images.make(editor, state=AssetState.APPROVED)
    report = submit(studio_on_both, editor, [*good, *good, done, 999])
    assert [result.asset_id for result in report.submitted] == good
    assert [asset_id for asset_id, _ in report.refused] == [done, 999]
    assert "is approved" in report.refused[0][1]
    with pytest.raises(InputError, match="1 to 5,000"):
        submit(studio_on_both, editor, [])


def test_unknown_images_are_told(studio: Studio, editor, reviewer) -> None:
    missing = Decide(7, 0, Action.APPROVE, "some-key-1", seen_sha256="0" * 64)
    for call in (
        lambda: decide(studio, reviewer, missing),
        lambda: decide(studio, reviewer, replace(missing, asset_id=-1)),
        lambda: undo(studio, reviewer, 7, "some-key-2"),
        lambda: history(studio, editor, 7),
    ):
        with pytest.raises(NotFound, match="There is no image"):
            call()


@pytest.mark.parametrize("huge", [2**40, 2**63, -(10**30)])
def test_numbers_that_are_no_ids_are_told(studio_on_both: Studio, editor, reviewer, huge) -> None:
    for call in (
        lambda: decide(studio_on_both, reviewer, Decide(huge, 0, Action.SUBMIT, "some-key-1")),
        lambda: history(studio_on_both, editor, huge),
    ):
        with pytest.raises((NotFound, InputError), match=r"no image|larger than any"):
            call()
