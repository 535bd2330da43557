"""Similar images are found for an image and for a photo; older images can be prepared for it by a job."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db.tables import AssetLook, AssetState, JobState
from ecomgan.metrics.likeness import VERSION
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError, NotFound
from studio.images.library import LibraryFilter
from studio.images.look_job import LookMaker
from studio.images.looks import look_of_file, order_looks, similar_to_image
from studio.roles import Actor
from studio.work.jobs import job
from tests.studio.at_once import AtOnce
from tests.studio.conftest import Images


def prepare(studio: Studio, actor: Actor) -> str:
    job_id = order_looks(studio, actor)
    LookMaker(studio, "here").body(AtOnce(), job_id)  # type: ignore[arg-type]
    return job_id


def test_a_job_prepares_older_images_once(studio_on_both: Studio, images: Images, editor: Actor) -> None:
    studio = studio_on_both
    images.make(editor, 5)
    job_id = prepare(studio, editor)
    done = job(studio, editor, job_id)
    assert (done.state, done.done, done.total) == (JobState.DONE, 5, 5)
    with studio.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).where(AssetLook.version == VERSION)) == 5
    with pytest.raises(Conflict, match="Nothing is missing"):
        order_looks(studio, editor)


def test_the_same_picture_is_the_nearest(studio_on_both: Studio, images: Images, editor: Actor) -> None:
    studio = studio_on_both
    first, second = images.make(editor, 6), images.make(editor, 6)  # the same six pictures twice
    prepare(studio, editor)
    found = similar_to_image(studio, editor, first[2])
    assert found.unseen == 0
    assert found.images[0].view.id == second[2]
    assert found.images[0].likeness == pytest.approx(1, abs=0.02)
    assert first[2] not in {one.view.id for one in found.images}


def test_images_made_later_are_found_too(studio: Studio, images: Images, editor: Actor) -> None:
    first = images.make(editor, 2)
    prepare(studio, editor)
    assert len(similar_to_image(studio, editor, first[0]).images) == 1
    images.make(editor, 3)
    assert similar_to_image(studio, editor, first[0]).unseen == 3
    prepare(studio, editor)
    assert len(similar_to_image(studio, editor, first[0]).images) == 4


def test_similar_images_keep_to_the_filter(studio: Studio, images: Images, editor: Actor) -> None:
    first = images.make(editor, 4)
    approved = images.make(editor, 3, state=AssetState.APPROVED)
    prepare(studio, editor)
    found = similar_to_image(studio, editor, first[0], LibraryFilter(state=AssetState.APPROVED), limit=2)
    assert len(found.images) == 2
    assert {one.view.id for one in found.images} <= set(approved)


def test_an_unreadable_image_stays_out_and_the_job_ends(studio: Studio, images: Images, editor: Actor) -> None:
    images.make(editor, 2)
    for path in (studio.settings.home / "assets").rglob("*"):
        if path.is_file():
            path.write_bytes(b"damaged")
            break
    assert job(studio, editor, prepare(studio, editor)).state is JobState.DONE
    with studio.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(AssetLook)) == 1


def test_what_cannot_be_compared_is_refused(studio: Studio, images: Images, editor: Actor, viewer: Actor) -> None:
    (one,) = images.make(editor)
    with pytest.raises(NotFound):
        similar_to_image(studio, viewer, 99)
    with pytest.raises(Conflict, match="before images could be compared"):
        similar_to_image(studio, viewer, one)
    with pytest.raises(InputError, match="cannot be used"):
        look_of_file(b"no picture")
    with pytest.raises(InputError, match="20,000,000 bytes"):
        look_of_file(b"x" * 20_000_001)
    with pytest.raises(Forbidden):
        order_looks(studio, viewer)
