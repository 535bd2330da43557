"""Library: filters in the address, pages, one image with its provenance, similar ones."""

from __future__ import annotations

import numpy as np
import pytest

from db.tables import AssetState, RuleCause
from studio.bootstrap import Studio
from studio.images.integrity import mark
from studio.review.deciding import Action, Decide, decide
from studio.review.review_rules import add_rule
from studio.roles import Actor
from studio.searching.vectors import make_some
from tests.studio.conftest import Images, seen
from tests.ui.conftest import Visit, gallery_of, press, told


def test_an_empty_library_leads_on(visit: Visit, editor: Actor) -> None:
    page = visit("library", editor)
    assert not page.exception
    assert "No images yet" in told(page)
    assert "Make images" in [link.label for link in page.page_link]


def test_the_newest_images_come_first(visit: Visit, editor: Actor, images: Images) -> None:
    ids = images.make(editor, 3)
    page = visit("library", editor)
    assert [item["id"] for item in gallery_of(page)["items"]] == ids[::-1]
    assert "3 images · newest first" in told(page)


def test_the_address_narrows_and_can_be_cleared(visit: Visit, editor: Actor, images: Images) -> None:
    images.make(editor, 2, category="Dresses", state=AssetState.APPROVED)
    (other,) = images.make(editor, category="Shirts", colour="Blue")
    page = visit("library", editor, category="Shirts", colour="Blue", state="draft")
    assert [item["id"] for item in gallery_of(page)["items"]] == [other]
    assert len(gallery_of(press(page, "Clear all filters"))["items"]) == 3


def test_a_score_orders_and_narrows(visit: Visit, editor: Actor, images: Images) -> None:
    (low,) = images.make(editor, scores={"sharpness": 1.4})
    (high,) = images.make(editor, scores={"sharpness": 2.4})
    images.make(editor, scores={"sharpness": 0.4})
    shown = gallery_of(visit("library", editor, score="sharpness", range="1.2..3"))["items"]
    assert [item["id"] for item in shown] == [high, low]
    assert shown[0]["caption"] == "Sharp 2.4"


def test_an_image_tells_where_it_comes_from(visit: Visit, editor: Actor, images: Images, studio: Studio) -> None:
    ids = images.make(editor, 3, prompt="red shirt *bold*")
    make_some(studio)
    page = visit("library", editor, image=str(ids[1]))
    assert not page.exception
    assert page.title[0].value == "red shirt \\*bold\\*"
    words = told(page) + "".join(element.proto.body for element in page.get("html"))
    assert "Not known" in words
    for part in ("Seed", "SHA-256", "starter", "Edda", "not recorded", "True detail", "as in a photo 62 px high"):
        assert part in words
    assert [item["id"] for item in gallery_of(page)["items"]] == [ids[0], ids[2]] or len(gallery_of(page)["items"]) == 2


def test_an_image_that_is_not_there_is_refused_calmly(visit: Visit, viewer: Actor) -> None:
    page = visit("library", viewer, image="99")
    assert not page.exception
    assert "There is no image 99" in told(page)


def test_an_image_tells_how_many_others_can_be_found(visit: Visit, editor: Actor, images: Images) -> None:
    one, _ = images.make(editor, 2)
    page = visit("library", editor, image=str(one))
    assert not page.exception
    assert "So far 0 of 2 pictures can be found this way." in told(page)


def test_making_it_again_is_ordered_from_the_page(visit: Visit, editor: Actor, images: Images, studio: Studio) -> None:
    ids = images.make(editor)
    make_some(studio)
    page = press(visit("library", editor, image=str(ids[0])), "Make it again")
    assert not page.exception
    assert "Make it again" not in [button.label for button in page.button]


def test_similar_images_say_how_alike_they_are(visit: Visit, editor: Actor, images: Images, studio: Studio) -> None:
    ids = images.make(editor, 4)
    make_some(studio)
    page = visit("library", editor, like=str(ids[0]))
    captions = [item["caption"] for item in gallery_of(page)["items"]]
    assert len(captions) == 3
    shares = [int(caption.split("%")[0]) for caption in captions]
    assert shares == sorted(shares, reverse=True)
    assert np.all(np.array(shares) <= 101)


@pytest.mark.parametrize("image", ["abc", "-1", "1.5"])
def test_an_odd_address_shows_the_list(visit: Visit, viewer: Actor, image: str) -> None:
    assert visit("library", viewer, image=image).title[0].value == "Library"


def test_damaged_bytes_and_a_first_of_several_approvals_are_told(
    visit: Visit, editor: Actor, reviewer: Actor, admin: Actor, images: Images, studio: Studio
) -> None:
    add_rule(studio, admin, category="", purpose=None, cause=RuleCause.HOUSE)
    (one,) = images.make(editor, state=AssetState.IN_REVIEW)
    decide(studio, reviewer, Decide(one, 0, Action.APPROVE, "key-00000001", seen_sha256=seen(studio, one)))
    page = visit("library", editor, image=str(one))
    assert "In review · approved; others have to approve it too" in told(page)
    assert not page.error
    mark(studio, seen(studio, one))
    assert "missing or changed" in visit("library", editor, image=str(one)).error[0].value
