"""Review: which images the gallery is given, what may be done to them, and the way out for approved ones."""

import pytest

from db.tables import AssetState
from studio.access.team import set_switch
from studio.bootstrap import Studio
from studio.review.deciding import Action, Decide, decide
from studio.review.review_queue import QueueFilter
from studio.review.verdicts import Days
from studio.roles import Actor
from studio.ui.review_filters import address_of
from tests.studio.conftest import Images, seen
from tests.ui.conftest import Visit, gallery_of, told


def reject(studio: Studio, actor: Actor, asset_id: int, reason: str, comment: str = "") -> None:
    shown = seen(studio, asset_id)
    decide(studio, actor, Decide(asset_id, 0, Action.REJECT, f"key-{asset_id:08}", reason, comment, shown))


def test_a_reviewer_may_approve_and_reject_what_another_made(
    visit: Visit, editor: Actor, reviewer: Actor, images: Images
) -> None:
    ids = images.make(editor, 3, state=AssetState.IN_REVIEW)
    shown = gallery_of(visit("review", reviewer))
    assert [item["id"] for item in shown["items"]] == ids
    assert shown["total"] == 3
    assert shown["user"] == reviewer.id
    assert {"approve", "reject"} <= set(shown["items"][0]["may"])
    assert shown["items"][0]["locked"] == ""


def test_the_maker_sees_why_they_may_not_approve(visit: Visit, reviewer: Actor, images: Images) -> None:
    images.make(reviewer, state=AssetState.IN_REVIEW)
    (item,) = gallery_of(visit("review", reviewer))["items"]
    assert "approve" not in item["may"]
    assert item["locked"].startswith("You made this image")


def test_the_switch_for_teams_of_one_opens_own_images(
    visit: Visit, admin: Actor, images: Images, studio: Studio
) -> None:
    images.make(admin, state=AssetState.IN_REVIEW)
    set_switch(studio, admin, "self_approval", True)
    (item,) = gallery_of(visit("review", admin))["items"]
    assert "approve" in item["may"]


def test_a_viewer_sees_the_images_and_may_do_nothing(
    visit: Visit, viewer: Actor, editor: Actor, images: Images
) -> None:
    images.make(editor, state=AssetState.IN_REVIEW)
    (item,) = gallery_of(visit("review", viewer))["items"]
    assert item["may"] == []
    assert "Reviewer" in item["locked"]


def test_a_rejected_image_tells_its_reason_and_the_comment(
    visit: Visit, editor: Actor, reviewer: Actor, images: Images, studio: Studio
) -> None:
    (asset_id,) = images.make(editor, state=AssetState.IN_REVIEW)
    reject(studio, reviewer, asset_id, "halo", "left sleeve")
    (item,) = gallery_of(visit("review", editor, state="changes_requested"))["items"]
    assert item["note"] == "Rejected: Halo or fringe. left sleeve"
    assert "submit" in item["may"]


def test_an_image_that_shows_another_product_is_final(
    visit: Visit, editor: Actor, reviewer: Actor, images: Images, studio: Studio
) -> None:
    (asset_id,) = images.make(editor, state=AssetState.IN_REVIEW)
    reject(studio, reviewer, asset_id, "shape")
    (item,) = gallery_of(visit("review", editor, state="changes_requested"))["items"]
    assert item["may"] == []
    assert "final" in item["note"]


def test_a_real_photo_of_the_product_stands_beside_its_images(
    visit: Visit, editor: Actor, reviewer: Actor, images: Images
) -> None:
    images.make(editor, state=AssetState.IN_REVIEW, product_id=images.product(photo=True))
    images.make(editor, state=AssetState.IN_REVIEW)
    with_photo, without = gallery_of(visit("review", reviewer))["items"]
    assert with_photo["photo"] == f"/api/v1/thumbnails/{'0' * 64}?size=640"
    assert without["photo"] == ""


def test_the_address_narrows_the_images(visit: Visit, editor: Actor, reviewer: Actor, images: Images) -> None:
    images.make(editor, 2, state=AssetState.IN_REVIEW)
    (other,) = images.make(editor, state=AssetState.IN_REVIEW, category="Dresses")
    page = visit("review", reviewer, category="Dresses")
    assert [item["id"] for item in gallery_of(page)["items"]] == [other]
    assert page.selectbox[0].value == "Dresses"


def test_an_address_that_means_nothing_is_passed_over(
    visit: Visit, editor: Actor, reviewer: Actor, images: Images
) -> None:
    images.make(editor, 2, state=AssetState.IN_REVIEW)
    page = visit("review", reviewer, state="nowhere", category="Spoons", model="x", decided="yesterday", reason="bad")
    assert len(gallery_of(page)["items"]) == 2


def test_the_images_behind_a_chart_are_found_by_their_address(
    visit: Visit, editor: Actor, reviewer: Actor, images: Images, studio: Studio
) -> None:
    ids = images.make(editor, 3, state=AssetState.IN_REVIEW)
    reject(studio, reviewer, ids[1], "halo")
    wanted = QueueFilter(verdict=AssetState.CHANGES_REQUESTED, reason="halo", decided=Days())
    page = visit("review", reviewer, **address_of(wanted))
    assert [item["id"] for item in gallery_of(page)["items"]] == [ids[1]]
    assert "Rejected: Halo or fringe" in [button.label for button in page.button]


@pytest.mark.parametrize(("state", "offered"), [("approved", True), ("in_review", False)])
def test_only_approved_images_can_be_exported(
    visit: Visit, editor: Actor, images: Images, state: str, offered: bool
) -> None:
    images.make(editor, 2, state=AssetState(state))
    labels = [button.label for button in visit("review", editor, state=state).button]
    assert ("Export 2 images" in labels) == offered


def test_an_empty_queue_says_so_and_what_to_do(visit: Visit, reviewer: Actor) -> None:
    page = visit("review", reviewer)
    assert "Nothing waits for review" in told(page)
    assert "Make images" in [link.label for link in page.page_link]


def test_the_gallery_speaks_chinese(visit: Visit, editor: Actor, reviewer: Actor, images: Images) -> None:
    images.make(editor, state=AssetState.IN_REVIEW)
    shown = gallery_of(visit("review", reviewer, locale="zh-CN"))
    assert shown["labels"]["approve"] == "通过"
    assert shown["items"][0]["caption"] == "T恤 · 红色"
    assert shown["families"][0][1][0]["label"] == "形状与商品不符"
