"""Jobs: what runs and how far it is, and who may stop it."""

import pytest

from db.tables import JobState
from studio.bootstrap import Studio
from studio.making.orders import OrderRequest, place_order
from studio.roles import Actor
from studio.work.jobs import list_jobs
from tests.studio.conftest import Images
from tests.ui.conftest import Visit, press, told


@pytest.fixture
def order(with_model: Studio, editor: Actor) -> str:
    return place_order(with_model, editor, OrderRequest(prompt="red dress", number=5))


def test_a_waiting_job_shows_how_far_it_is(visit: Visit, viewer: Actor, order: str) -> None:
    page = visit("jobs", viewer)
    (bar,) = page.progress
    assert bar.text.startswith("Queued · 0 of 5")
    assert "red dress" in told(page)


def test_the_owner_may_cancel_and_make_the_rest(visit: Visit, editor: Actor, order: str, with_model: Studio) -> None:
    page = press(visit("jobs", editor), "Cancel")
    assert list_jobs(with_model, editor)[0].state is JobState.CANCELLED
    press(page, "Make the rest")
    assert [job.state for job in list_jobs(with_model, editor)] == [JobState.QUEUED, JobState.CANCELLED]


def test_who_may_not_touch_a_job_is_not_offered_to(visit: Visit, viewer: Actor, reviewer: Actor, order: str) -> None:
    for person in (viewer, reviewer):
        assert "Cancel" not in [button.label for button in visit("jobs", person).button]


def test_a_state_narrows_the_jobs(visit: Visit, viewer: Actor, editor: Actor, order: str, images: Images) -> None:
    images.make(editor, prompt="blue bag")
    page = visit("jobs", viewer, state="done")
    assert "blue bag" in told(page)
    assert "red dress" not in told(page)


def test_without_a_worker_the_page_says_how_to_start_one(visit: Visit, viewer: Actor) -> None:
    page = visit("jobs", viewer)
    assert "python -m studio worker" in page.warning[0].value
    assert "No jobs here" in told(page)
