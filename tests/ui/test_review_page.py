"""Review: which images the gallery is given, what may be done to them, and the way out for approved ones."""

import re
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from db.tables import AssetState
from studio.bootstrap import Studio
from studio.review.deciding import Action, Decide, decide
from studio.review.queue_filter import QueueFilter, from_query
from studio.review.verdicts import Days
from studio.roles import Actor
from studio.ui.component_files import FOLDER
from studio.ui.review_filters import address_of
from tests.studio.conftest import Images, seen
from tests.ui.conftest import Visit, gallery_of, told


def feed(page: AppTest) -> dict[str, str]:
    """The filter in the URL that feeds the gallery of a page."""
    return dict(parse_qsl(urlsplit(gallery_of(page)["queue"]).query))


def test_the_gallery_is_fed_by_urls(visit: Visit, editor: Actor, reviewer: Actor, images: Images) -> None:
    images.make(editor, 3, state=AssetState.IN_REVIEW)
    shown = gallery_of(visit("review", reviewer))
    assert shown["queue"] == "/api/v1/review/queue?state=in_review"
    assert (shown["user"], shown["waiting"], shown["may_decide"]) == (reviewer.id, True, True)
    assert len(str(shown)) < 30_000  # the same, however many images wait


def test_an_editor_looks_and_comments(visit: Visit, editor: Actor, images: Images) -> None:
    images.make(editor, state=AssetState.IN_REVIEW)
    shown = gallery_of(visit("review", editor))
    assert (shown["may_decide"], shown["may_comment"]) == (False, True)


def test_the_address_narrows_the_images(visit: Visit, editor: Actor, reviewer: Actor, images: Images) -> None:
    images.make(editor, 2, state=AssetState.IN_REVIEW)
    images.make(editor, state=AssetState.IN_REVIEW, category="Dresses")
    assert feed(visit("review", reviewer, category="Dresses"))["category"] == "Dresses"


def test_an_address_that_means_nothing_is_passed_over(
    visit: Visit, editor: Actor, reviewer: Actor, images: Images
) -> None:
    images.make(editor, 2, state=AssetState.IN_REVIEW)
    page = visit("review", reviewer, state="nowhere", category="Spoons", model="x", decided="yesterday", reason="bad")
    assert feed(page) == {"state": "in_review"}


def test_the_images_behind_a_chart_are_found_by_their_address(
    visit: Visit, editor: Actor, reviewer: Actor, images: Images, studio: Studio
) -> None:
    ids = images.make(editor, 3, state=AssetState.IN_REVIEW)
    sha256 = seen(studio, ids[1])
    decide(studio, reviewer, Decide(ids[1], 0, Action.REJECT, uuid4().hex, "halo", seen_sha256=sha256))
    wanted = QueueFilter(verdict=AssetState.CHANGES_REQUESTED, reason="halo", decided=Days())
    page = visit("review", reviewer, **address_of(wanted))
    assert from_query(feed(page)) == wanted
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


def test_a_manager_shares_out_what_waits(visit: Visit, editor: Actor, manager: Actor, images: Images) -> None:
    images.make(editor, 3, state=AssetState.IN_REVIEW)
    page = visit("review", manager)
    assert gallery_of(page)["may_give"]
    assert [field.label for field in page.number_input][:1] == [f"Share of {manager.name}, in per cent"]
    page.number_input[0].set_value(100).run()
    next(button for button in page.button if button.label == "Give them out").click().run()
    assert not page.exception


def test_the_gallery_speaks_chinese(visit: Visit, editor: Actor, reviewer: Actor, images: Images) -> None:
    images.make(editor, state=AssetState.IN_REVIEW)
    shown = gallery_of(visit("review", reviewer, locale="zh-CN"))
    assert shown["actions"][0]["label"] == "通过"
    assert shown["terms"]["Tshirts"] == "T恤"
    assert shown["families"][0][1][0]["label"] == "形状与商品不符"


def test_every_word_that_the_scripts_ask_for_is_sent(
    visit: Visit, editor: Actor, reviewer: Actor, images: Images
) -> None:
    images.make(editor, state=AssetState.IN_REVIEW)
    labels = set(gallery_of(visit("review", reviewer))["labels"])
    scripts = [FOLDER / "dom.js", *(FOLDER / "review").glob("*.js")]
    asking = re.compile(r'labels\.(\w+)|\.label\("(\w+)"|label: "(\w+)"')
    asked = {name for path in scripts for names in asking.findall(path.read_text("utf-8")) for name in names if name}
    assert asked == labels
