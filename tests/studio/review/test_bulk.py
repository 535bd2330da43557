"""Many images at once: only alike ones, all or none, each with a line of its own, and back again."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from db.tables import Asset, AssetState, RuleCause
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError, StaleDecision
from studio.review.bulk import MAX_BULK, approve_many, undo_many
from studio.review.deciding import Decide, decide, history
from studio.review.log_check import check_log
from studio.review.review_rules import add_rule
from studio.review.states import Action
from studio.roles import Actor
from tests.studio.conftest import GOOD_SCORES, Images

KEYS = (f"press-{number:04}" for number in itertools.count())


def asked(studio: Studio, asset_ids: list[int]) -> list[Decide]:
    """The approval of each image as it stands and was displayed."""
    with studio.reading() as session:
        rows = [session.get_one(Asset, asset_id) for asset_id in asset_ids]
    return [Decide(row.id, row.revision, Action.APPROVE, next(KEYS), seen_sha256=row.sha256) for row in rows]


def states(studio: Studio, asset_ids: list[int]) -> set[AssetState]:
    with studio.reading() as session:
        return {session.get_one(Asset, asset_id).state for asset_id in asset_ids}


def test_alike_images_are_approved_at_once_and_taken_back(
    studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor
) -> None:
    studio = studio_on_both
    made = images.make(editor, 12, state=AssetState.IN_REVIEW)
    items = asked(studio, made)
    done = approve_many(studio, reviewer, items)
    assert (done.count, done.refused, states(studio, made)) == (12, (), {AssetState.APPROVED})
    assert done.undo_until is not None
    assert approve_many(studio, reviewer, items) == done  # the answer was lost on the way: nothing is done twice
    back = undo_many(studio, reviewer, made, "undo-these")
    assert (back.count, states(studio, made)) == (12, {AssetState.IN_REVIEW})
    assert undo_many(studio, reviewer, made, "undo-these") == back
    assert {len(history(studio, editor, asset_id)) for asset_id in made} == {2}
    found = check_log(studio)
    assert (found.decisions, found.fault) == (24, "")


def test_a_mixed_selection_is_refused_with_what_differs(
    studio: Studio, images: Images, editor: Actor, reviewer: Actor, admin: Actor
) -> None:
    in_review = {"state": AssetState.IN_REVIEW}
    shirts = images.make(editor, 2, **in_review)
    bags = images.make(editor, category="Bags", **in_review)
    blurred = images.make(editor, scores=GOOD_SCORES | {"sharpness": 0.2}, **in_review)
    small_blurred = images.make(editor, scores=GOOD_SCORES | {"sharpness": 0.3, "fill": 2.0}, **in_review)
    with pytest.raises(Conflict, match=r"of one category; this selection of 3 is not: Bags; Tshirts"):
        approve_many(studio, reviewer, asked(studio, shirts + bags))
    with pytest.raises(Conflict, match=r"what their checks found.*: all checks passed; sharpness"):
        approve_many(studio, reviewer, asked(studio, shirts + blurred))
    with pytest.raises(Conflict, match="fill, sharpness; sharpness"):
        approve_many(studio, reviewer, asked(studio, blurred + small_blurred))
    assert states(studio, shirts + bags + blurred) == {AssetState.IN_REVIEW}
    more_blurred = images.make(editor, 2, scores=GOOD_SCORES | {"sharpness": 0.4}, **in_review)
    assert approve_many(studio, reviewer, asked(studio, blurred + more_blurred)).count == 3
    product = images.product("LIS-1", category="Apparel > Topwear > Tshirts")
    regulated = images.make(editor, product_id=product, **in_review)
    add_rule(studio, admin, category="Topwear", purpose=None, cause=RuleCause.REGULATED)
    with pytest.raises(Conflict, match=r"how many people must approve them.*: 1; 2"):
        approve_many(studio, reviewer, asked(studio, shirts + regulated))


def test_one_that_cannot_be_approved_keeps_all_as_they_were(
    studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor, manager: Actor
) -> None:
    studio = studio_on_both
    made = images.make(editor, 4, state=AssetState.IN_REVIEW)
    own = images.make(reviewer, 1, state=AssetState.IN_REVIEW)
    with pytest.raises(Forbidden, match=f"You made image {own[0]}"):
        approve_many(studio, reviewer, asked(studio, made + own))
    outdated = asked(studio, made)
    decide(studio, manager, replace(outdated[3], idempotency_key=next(KEYS)))
    with pytest.raises(StaleDecision, match="Mona set it to approved"):
        approve_many(studio, reviewer, outdated)
    decide(studio, manager, replace(outdated[2], idempotency_key=next(KEYS)))
    with pytest.raises(Conflict, match="2 of 4 images cannot be approved, so none was"):
        approve_many(studio, reviewer, outdated)
    assert states(studio, made[:2]) == {AssetState.IN_REVIEW}
    assert history(studio, editor, made[0]) == ()


def test_what_is_no_selection_is_told(studio: Studio, images: Images, editor: Actor, reviewer: Actor) -> None:
    made = images.make(editor, 2, state=AssetState.IN_REVIEW)
    items = asked(studio, made)
    for bad, told in (
        ([], f"1 to {MAX_BULK} images to approve at once, got 0"),
        (items * 101, f"1 to {MAX_BULK}"),
        ([items[0], items[0]], "one came twice"),
        ([items[0], replace(items[1], idempotency_key=items[0].idempotency_key)], "own idempotency key"),
        ([replace(items[0], seen_sha256=None)], "not displayed cannot be decided"),
        ([replace(items[0], action=Action.REJECT, reason="halo")], "Only approvals"),
    ):
        with pytest.raises(InputError, match=told):
            approve_many(studio, reviewer, bad)
    with pytest.raises(Forbidden):
        approve_many(studio, editor, items)


def test_taking_back_tells_which_images_others_decided_meanwhile(
    studio: Studio, images: Images, editor: Actor, reviewer: Actor, manager: Actor
) -> None:
    made = images.make(editor, 3, state=AssetState.IN_REVIEW)
    approve_many(studio, reviewer, asked(studio, made))
    decide(studio, manager, Decide(made[1], 1, Action.REOPEN, next(KEYS)))
    back = undo_many(studio, reviewer, made, next(KEYS))
    assert [result.asset_id for result in back.results] == [made[0], made[2]]
    assert [asset_id for asset_id, _ in back.refused] == [made[1]]
    assert "Mona set it to in review" in back.refused[0][1]
