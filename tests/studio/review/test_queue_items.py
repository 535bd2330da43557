"""The images of the queue as one person meets them: what they may do, what stands in the way, why one came back."""

from __future__ import annotations

from uuid import uuid4

import pytest

from db.tables import AssetState, RuleCause
from studio.access.team import set_switch
from studio.bootstrap import Studio
from studio.errors import InputError
from studio.review.deciding import Action, Decide, decide
from studio.review.queue_filter import QueueFilter
from studio.review.queue_items import QueueItem, queue_items
from studio.review.review_rules import add_rule
from studio.roles import Actor
from tests.studio.conftest import GOOD_SCORES, Images, seen

WAITING = QueueFilter(state=AssetState.IN_REVIEW)


def items(studio: Studio, actor: Actor, wanted: QueueFilter = WAITING) -> tuple[QueueItem, ...]:
    return queue_items(studio, actor, wanted).items


def take(studio: Studio, actor: Actor, asset_id: int, action: Action, reason: str | None = None, comment: str = ""):
    sha256 = seen(studio, asset_id)
    return decide(studio, actor, Decide(asset_id, 0, action, uuid4().hex, reason, comment, seen_sha256=sha256))


def test_a_reviewer_may_approve_and_reject_what_another_made(
    studio_on_both: Studio, editor: Actor, reviewer: Actor, images: Images
) -> None:
    ids = images.make(editor, 3, state=AssetState.IN_REVIEW)
    found = items(studio_on_both, reviewer)
    assert [item.id for item in found] == ids
    assert {Action.APPROVE, Action.REJECT} <= set(found[0].may)
    assert (found[0].locked, found[0].sha256) == ("", seen(studio_on_both, ids[0]))


def test_the_maker_is_told_that_another_person_approves(studio: Studio, reviewer: Actor, images: Images) -> None:
    images.make(reviewer, state=AssetState.IN_REVIEW)
    (item,) = items(studio, reviewer)
    assert (Action.APPROVE in item.may, item.locked) == (False, "own")


def test_the_switch_for_teams_of_one_opens_own_images(studio: Studio, admin: Actor, images: Images) -> None:
    images.make(admin, state=AssetState.IN_REVIEW)
    set_switch(studio, admin, "self_approval", True)
    (item,) = items(studio, admin)
    assert (Action.APPROVE in item.may, item.locked) == (True, "")


def test_a_viewer_sees_the_images_and_may_do_nothing(
    studio: Studio, viewer: Actor, editor: Actor, images: Images
) -> None:
    images.make(editor, state=AssetState.IN_REVIEW)
    (item,) = items(studio, viewer)
    assert (item.may, item.locked) == ((), "role")


def test_the_first_of_two_approvers_waits_for_the_second(
    studio: Studio, editor: Actor, reviewer: Actor, manager: Actor, admin: Actor, images: Images
) -> None:
    (asset_id,) = images.make(editor, state=AssetState.IN_REVIEW)
    add_rule(studio, admin, category="Tshirts", purpose=None, cause=RuleCause.REGULATED)
    take(studio, reviewer, asset_id, Action.APPROVE)
    (first,), (second,) = items(studio, reviewer), items(studio, manager)
    assert (first.approvals, first.approvals_needed, first.locked) == (1, 2, "approved")
    assert (second.locked, Action.APPROVE in second.may) == ("", True)


def test_a_rejected_image_tells_its_reason_and_the_comment(
    studio: Studio, editor: Actor, reviewer: Actor, images: Images
) -> None:
    (asset_id,) = images.make(editor, state=AssetState.IN_REVIEW)
    take(studio, reviewer, asset_id, Action.REJECT, "halo", "left sleeve")
    (item,) = items(studio, editor, QueueFilter(state=AssetState.CHANGES_REQUESTED))
    assert item.rejection is not None
    assert (item.rejection.reason, item.rejection.comment, item.rejection.ended) == ("halo", "left sleeve", False)
    assert Action.SUBMIT in item.may
    assert item.may_try_again


def test_an_image_that_shows_another_product_is_final(
    studio: Studio, editor: Actor, reviewer: Actor, images: Images
) -> None:
    (asset_id,) = images.make(editor, state=AssetState.IN_REVIEW)
    take(studio, reviewer, asset_id, Action.REJECT, "shape")
    (item,) = items(studio, editor, QueueFilter(state=AssetState.CHANGES_REQUESTED))
    assert item.may == ()
    assert item.rejection is not None
    assert item.rejection.ended


def test_a_real_photo_of_the_product_stands_beside_its_images(
    studio: Studio, editor: Actor, reviewer: Actor, images: Images
) -> None:
    images.make(editor, state=AssetState.IN_REVIEW, product_id=images.product(photo=True))
    images.make(editor, state=AssetState.IN_REVIEW)
    assert [item.photo for item in items(studio, reviewer)] == ["0" * 64, None]


def test_scores_tell_which_checks_they_pass(studio: Studio, editor: Actor, reviewer: Actor, images: Images) -> None:
    images.make(editor, state=AssetState.IN_REVIEW, scores=GOOD_SCORES | {"fill": 30.0, "sharpness": None})
    (item,) = items(studio, reviewer)
    passes = {score.metric: score.passes for score in item.scores}
    assert passes == {
        "sharpness": False,
        "border_whiteness": True,
        "fill": False,
        "centring": True,
        "colour_difference": True,
    }


def test_pages_follow_each_other_without_a_gap(studio: Studio, editor: Actor, reviewer: Actor, images: Images) -> None:
    ids = images.make(editor, 7, state=AssetState.IN_REVIEW)
    first = queue_items(studio, reviewer, WAITING, limit=4)
    second = queue_items(studio, reviewer, WAITING, after=first.after, limit=4)
    assert [item.id for item in (*first.items, *second.items)] == ids
    assert second.after is None


def test_a_cursor_that_is_none_is_refused(studio: Studio, reviewer: Actor) -> None:
    with pytest.raises(InputError, match="cursor"):
        queue_items(studio, reviewer, WAITING, after="x")
