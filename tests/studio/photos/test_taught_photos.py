"""The training photos nearest to an image are told for models that learnt here, once a job has compared them."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from db.tables import LicenceState, Photo, Training, TrainingPhoto
from studio.bootstrap import Studio
from studio.images.detail import image_detail
from studio.images.look_job import LookMaker
from studio.images.looks import order_looks
from studio.roles import Actor
from tests.studio.at_once import AtOnce
from tests.studio.conftest import Images, picture


@pytest.fixture
def image(studio: Studio, images: Images, editor: Actor) -> int:
    """The second of three pictures, of a model that learnt the first four pictures as photos."""
    ids = images.make(editor, 3, model="taught")
    product = images.product("SH-1", "Shirt")
    with studio.writing() as session:
        training = Training(
            job_id=session.scalars(sa.text("SELECT id FROM jobs LIMIT 1")).one(),
            name="taught",
            base_model_id=images_model(session),
            model_version_id=images_model(session),
            preset="few",
            images=100,
            created_by_id=editor.id,
        )
        session.add(training)
        session.flush()
        for seed in range(4):
            photo = Photo(product_id=product, sha256=studio.storage.put(picture(seed)), height=80, width=64)
            session.add(photo)
            session.flush()
            split = "validation" if seed == 3 else "train"
            session.add(
                TrainingPhoto(
                    training_id=training.id, photo_id=photo.id, sha256=photo.sha256, split=split, attributes={}
                )
            )
    return ids[1]


def images_model(session: Any) -> int:
    return int(session.scalar(sa.text("SELECT id FROM model_versions WHERE name = 'taught'")))


def prepare(studio: Studio, actor: Actor) -> None:
    LookMaker(studio, "here").body(AtOnce(), order_looks(studio, actor))  # type: ignore[arg-type]


def test_the_nearest_training_photos_are_told_once_compared(studio: Studio, editor: Actor, image: int) -> None:
    assert image_detail(studio, editor, image).taught.why_not == "unseen"
    prepare(studio, editor)
    taught = image_detail(studio, editor, image).taught
    assert (taught.why_not, taught.photos) == ("", 4)
    assert len(taught.nearest) == 3  # the held-out one was not learnt from
    nearest = taught.nearest[0]
    assert nearest.likeness == pytest.approx(1, abs=0.02)
    assert (nearest.sku, nearest.title) == ("SH-1", "Shirt")


def test_a_photo_that_was_refused_since_is_not_shown(studio: Studio, editor: Actor, image: int) -> None:
    prepare(studio, editor)
    first = image_detail(studio, editor, image).taught.nearest[0]
    with studio.writing() as session:
        session.get_one(Photo, first.photo_id).consent = LicenceState.REFUSED
    shown = image_detail(studio, editor, image).taught.nearest
    assert first.photo_id not in {photo.photo_id for photo in shown}
