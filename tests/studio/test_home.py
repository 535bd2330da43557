"""The home page tells each person what waits for them."""

from __future__ import annotations

import datetime as dt

import pytest

from db.tables import AssetState, Job, JobState, WorkerHeartbeat, utc_now
from studio.errors import NotSignedIn
from studio.home import SHOWN_IMAGES, tiles


def test_an_empty_studio_has_empty_tiles(studio_on_both, viewer) -> None:
    empty = tiles(studio_on_both, viewer)
    assert (empty.to_review, empty.changes_requested, empty.running_jobs) == (0, 0, 0)
    assert (empty.products, empty.products_without_image, empty.latest) == (0, 0, ())
    assert (empty.worker, empty.model) == ("none", None)


def test_tiles_count_what_waits(studio_on_both, images, editor, reviewer) -> None:
    studio = studio_on_both
    covered, bare = images.product("A"), images.product("B")
    images.make(editor, 2, state=AssetState.IN_REVIEW, product_id=bare)
    images.make(editor, 3, state=AssetState.CHANGES_REQUESTED)
    images.make(reviewer, 1, state=AssetState.CHANGES_REQUESTED)
    images.make(reviewer, 1, state=AssetState.PUBLISHED, product_id=covered)
    with studio.writing() as session:
        for state in JobState:
            session.add(Job(id=state.value, kind="images", title="x", state=state, owner_id=editor.id, total=1))
    mine = tiles(studio, editor)
    assert (mine.to_review, mine.changes_requested, mine.running_jobs) == (2, 3, 3)
    assert (mine.products, mine.products_without_image) == (2, 1)
    assert tiles(studio, reviewer).changes_requested == 1


def test_the_latest_images_are_ones_own_newest_first(studio, images, editor, reviewer) -> None:
    made = images.make(editor, SHOWN_IMAGES + 3)
    images.make(reviewer, 2)
    assert [view.id for view in tiles(studio, editor).latest] == made[: -SHOWN_IMAGES - 1 : -1]


def test_a_worker_is_ready_starting_or_gone(studio, viewer) -> None:
    def beats(ago: dt.timedelta, ready: bool) -> str:
        now = utc_now()
        with studio.writing() as session:
            session.merge(WorkerHeartbeat(worker="here", device="cpu", ready=ready, started_at=now, beat_at=now - ago))
        return tiles(studio, viewer).worker

    assert beats(dt.timedelta(), False) == "starting"
    assert beats(dt.timedelta(), True) == "ready"
    assert beats(dt.timedelta(minutes=10), True) == "none"


def test_home_is_for_people_who_signed_in(studio) -> None:
    with pytest.raises(NotSignedIn):
        tiles(studio, None)
