"""Recalls: what one would take back is shown before the one action, and what came of it after."""

from __future__ import annotations

import pytest

from db.tables import AssetState, JobState
from studio.bootstrap import Studio
from studio.review.causes import Cause, CauseKind
from studio.review.recall_job import Recaller
from studio.review.recall_views import list_recalls
from studio.review.recalls import preview, recall
from studio.roles import Actor
from studio.ui.recall_form import address_of
from tests.studio.at_once import AtOnce
from tests.studio.conftest import Images
from tests.ui.conftest import Visit, press, told


@pytest.fixture
def cause(images: Images, editor: Actor) -> Cause:
    """Two drafts and an approved image of one bad model."""
    images.make(editor, 2, model="bad")
    images.make(editor, 1, model="bad", state=AssetState.APPROVED)
    return Cause(CauseKind.MODEL, model_version_id=images.model("bad"))


def begun(studio: Studio, manager: Actor, cause: Cause) -> int:
    return recall(studio, manager, cause, why="It proved bad.", expected=preview(studio, manager, cause).images)


def work(studio: Studio, manager: Actor) -> None:
    Recaller(studio, "test").body(AtOnce(), list_recalls(studio, manager)[0].job.id)  # type: ignore[arg-type]


def test_without_recalls_the_page_says_what_they_are_for(visit: Visit, manager: Actor) -> None:
    assert "Nothing was recalled yet" in told(visit("recalls", manager))


def test_a_new_recall_asks_for_its_cause_first(visit: Visit, manager: Actor) -> None:
    page = visit("recalls", manager, new="1")
    assert not page.exception
    assert "Choose what proved bad" in told(page)


@pytest.mark.parametrize("kind", list(CauseKind))
def test_every_cause_can_be_asked_for_by_the_address(visit: Visit, manager: Actor, kind: CauseKind) -> None:
    assert not visit("recalls", manager, new="1", by=kind.value).exception


def test_the_action_stands_below_what_it_would_take_back_and_needs_a_reason(
    visit: Visit, manager: Actor, studio: Studio, cause: Cause
) -> None:
    page = visit("recalls", manager, **address_of(cause))
    assert [(metric.label, metric.value) for metric in page.metric][:2] == [
        ("Images to withdraw", "3"),
        ("Approved or published", "1"),
    ]
    assert "This cannot be undone" in told(page)
    (button,) = [button for button in page.button if button.label == "Withdraw 3 images"]
    assert button.disabled
    page.text_area[0].input("Halo around every product.").run()
    page.checkbox[-1].check().run()
    press(page, "Withdraw 3 images")
    (one,) = list_recalls(studio, manager)
    assert (one.why, one.images, one.job.state) == ("Halo around every product.", 3, JobState.QUEUED)
    assert [title.value for title in page.title] == ["A model version\\: bad"]
    assert "Stop" in [button.label for button in page.button]


def test_what_came_of_a_recall_is_told(visit: Visit, manager: Actor, studio: Studio, cause: Cause) -> None:
    recall_id = begun(studio, manager, cause)
    work(studio, manager)
    page = visit("recalls", manager, recall=str(recall_id))
    assert not page.exception
    assert [metric.value for metric in page.metric] == ["3", "0", "0", "0"]
    assert "Done" in told(page)
    assert "Go on" not in [button.label for button in page.button]
    listed = visit("recalls", manager)
    assert "A model version\\: bad" in told(listed)
    assert "3 images withdrawn" in told(listed)


def test_a_recall_that_is_not_there_is_told_calmly(visit: Visit, manager: Actor) -> None:
    page = visit("recalls", manager, recall="7")
    assert not page.exception
    assert "no recall 7" in page.error[0].value


def test_the_page_speaks_chinese(visit: Visit, manager: Actor, cause: Cause) -> None:
    page = visit("recalls", manager, locale="zh-CN", **address_of(cause))
    assert "撤下 3 张图片" in [button.label for button in page.button]
