"""How much of an image's height is true detail, beside its size: by what made it, and only where that is known."""

from __future__ import annotations

import pytest

from db.tables import Asset, Brief, ModelVersion
from ecomgan.finishing import effective_height
from studio.images.assets import asset
from studio.making.estimates import COPIED

X16 = [{"step": "detail", "factor": 16}]


@pytest.fixture
def image(studio, images, editor) -> int:
    """An image of 1280x1024, made in two passes."""
    (made,) = images.make(editor, 1)
    with studio.writing() as session:
        row = session.get_one(Asset, made)
        row.height, row.width = 1280, 1024
        session.get_one(Brief, row.brief_id).finishing = X16
    return made


def test_what_was_made_small_has_its_detail_at_any_size(studio, editor, image: int) -> None:
    view = asset(studio, editor, image)
    assert (view.height, view.effective_height) == (1280, effective_height(80, 1280, X16))
    assert view.effective_height is not None
    assert view.effective_height < 100


def test_of_other_engines_and_other_images_pixels_nothing_is_told(studio, editor, image: int) -> None:
    with studio.writing() as session:
        brief = session.get_one(Brief, session.get_one(Asset, image).brief_id)
        brief.settings = brief.settings | {COPIED: image}
    assert asset(studio, editor, image).effective_height is None
    with studio.writing() as session:
        row = session.get_one(Asset, image)
        session.get_one(Brief, row.brief_id).settings = {}
        session.get_one(ModelVersion, row.model_version_id).engine = "diffusers"
    assert asset(studio, editor, image).effective_height is None
