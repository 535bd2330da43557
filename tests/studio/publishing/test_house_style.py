"""House styles are learnt by a job from approved images and photos, set by managers, and images follow them."""

from __future__ import annotations

import io

import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image

from db.tables import Asset, AssetState, Decision, HouseStyle, JobState, LicenceState, Photo, Placement
from ecomgan.metrics.product import find_product
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError, NotFound
from studio.publishing.house_figures import FEWEST, Measure
from studio.publishing.house_style import (
    StyleView,
    house_style,
    house_styles,
    learn_if_due,
    learn_styles,
    lock_style,
)
from studio.publishing.style_job import StyleLearner
from studio.roles import Actor
from studio.work.jobs import job
from tests.studio.at_once import AtOnce
from tests.studio.conftest import Images

SHOES = "Footwear > Shoes > Casual Shoes"


def picture(*, left: int = 20, right: int = 236, top: int = 130, bottom: int = 227) -> bytes:
    """A 320x256 PNG (height x width) with a brown block."""
    pixels = np.full((320, 256, 3), 255, dtype=np.uint8)
    pixels[top:bottom, left:right] = (110, 70, 40)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def shown(studio: Studio, asset_ids: list[int], pictures: list[bytes]) -> None:
    with studio.writing() as session:
        for one, data in zip(asset_ids, pictures, strict=True):
            row = session.get_one(Asset, one)
            row.sha256, row.height, row.width = studio.storage.put(data), 320, 256


def learnt(studio: Studio, actor: Actor) -> dict[str, StyleView]:
    job_id = learn_styles(studio, actor)
    StyleLearner(studio, "here").body(AtOnce(), job_id)  # type: ignore[arg-type]
    assert job(studio, actor, job_id).state is JobState.DONE
    return house_styles(studio, actor)


@pytest.fixture
def shoes(studio_on_both: Studio, editor: Actor) -> list[int]:
    """Ten approved images of shoes, of different heights, all as wide and on the same line."""
    ids = Images(studio_on_both).make(editor, 10, category="Casual Shoes", state=AssetState.APPROVED)
    shown(studio_on_both, ids, [picture(top=100 + 6 * k) for k in range(10)])
    return ids


def test_a_style_is_learnt_from_approved_images(studio_on_both: Studio, manager: Actor, shoes: list[int]) -> None:
    style = learnt(studio_on_both, manager)["Casual Shoes"]
    assert (style.version, style.source, style.images, style.photos, style.cut) == (1, "Casual Shoes", 10, 0, 0)
    assert style.scale is Measure.WIDTH
    assert style.value(Measure.WIDTH) == pytest.approx(216 / 256, abs=0.01)
    assert style.step["baseline"] == pytest.approx(227 / 320, abs=0.01)
    assert style.value(Measure.LEFT) == pytest.approx(20 / 256, abs=0.01)


def test_photos_count_unless_they_are_refused(studio_on_both: Studio, manager: Actor, shoes: list[int]) -> None:
    product = Images(studio_on_both).product(category=SHOES)
    with studio_on_both.writing() as session:
        for k, licence in enumerate((LicenceState.UNCONFIRMED, LicenceState.REFUSED)):
            sha256 = studio_on_both.storage.put(picture(top=180 + k))
            session.add(Photo(product_id=product, sha256=sha256, height=320, width=256, licence=licence))
    style = learnt(studio_on_both, manager)["Casual Shoes"]
    assert (style.images, style.photos) == (10, 1)


def test_products_that_are_cut_say_nothing_of_scale(studio_on_both: Studio, manager: Actor, shoes: list[int]) -> None:
    shown(studio_on_both, shoes[:2], [picture(bottom=320), picture(bottom=320, left=0)])
    style = learnt(studio_on_both, manager)["Casual Shoes"]
    assert (style.images, style.cut) == (8, 2)


def test_a_category_with_few_pictures_takes_the_style_around_it(
    studio_on_both: Studio, manager: Actor, editor: Actor, shoes: list[int]
) -> None:
    rows = Images(studio_on_both)
    rows.product("C-1", category=SHOES)
    rows.product("F-1", category="Footwear > Shoes > Formal Shoes")
    few = rows.make(editor, 2, category="Formal Shoes", state=AssetState.PUBLISHED)
    shown(studio_on_both, few, [picture(), picture(top=90)])
    lone = rows.make(editor, 2, category="Belts", state=AssetState.APPROVED)
    shown(studio_on_both, lone, [picture(), picture(top=91)])
    styles = learnt(studio_on_both, manager)
    assert (styles["Formal Shoes"].source, styles["Formal Shoes"].images) == ("Footwear > Shoes", 12)
    assert "Belts" not in styles  # nothing around it either


def test_nothing_new_is_no_new_version(studio_on_both: Studio, manager: Actor, shoes: list[int]) -> None:
    assert learnt(studio_on_both, manager) == learnt(studio_on_both, manager)
    shown(studio_on_both, shoes, [picture(left=40, top=90 + k) for k in range(10)])
    assert learnt(studio_on_both, manager)["Casual Shoes"].version == 2


def test_a_manager_locks_values_and_learning_leaves_them(
    studio_on_both: Studio, manager: Actor, editor: Actor, shoes: list[int]
) -> None:
    learnt(studio_on_both, manager)
    style = lock_style(studio_on_both, manager, "Casual Shoes", {Measure.BASELINE: 0.8, Measure.HEIGHT: 0.3})
    assert (style.version, style.changed_by) == (2, "Mona")
    assert style.step == {"step": "reframe", "baseline": 0.8, "height": 0.3, "centre": pytest.approx(0.5, abs=0.01)}
    shown(studio_on_both, shoes, [picture(left=40, top=90 + k) for k in range(10)])
    again = learnt(studio_on_both, manager)["Casual Shoes"]
    assert (again.version, again.value(Measure.BASELINE), again.changed_by) == (3, 0.8, "")
    assert lock_style(studio_on_both, manager, "Casual Shoes", {}).locked == {}
    with studio_on_both.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(HouseStyle)) == 4


def test_what_cannot_be_is_not_locked(studio_on_both: Studio, manager: Actor, editor: Actor, shoes: list[int]) -> None:
    learnt(studio_on_both, manager)
    for wrong in (
        {Measure.WIDTH: 0.5, Measure.HEIGHT: 0.5},
        {Measure.BASELINE: 1.4},
        {Measure.BASELINE: float("nan")},
        {Measure.LEFT: 0.1},
    ):
        with pytest.raises(InputError):
            lock_style(studio_on_both, manager, "Casual Shoes", wrong)
    with pytest.raises(NotFound):
        lock_style(studio_on_both, manager, "Belts", {})
    with pytest.raises(Forbidden):
        lock_style(studio_on_both, editor, "Casual Shoes", {})
    with pytest.raises(Forbidden):
        learn_styles(studio_on_both, editor)


def test_a_picture_is_looked_at_once_and_one_that_is_gone_stops_nothing(
    studio_on_both: Studio, manager: Actor, shoes: list[int]
) -> None:
    with studio_on_both.writing() as session:
        session.get_one(Asset, shoes[0]).sha256 = "e" * 64
    learnt(studio_on_both, manager)
    with studio_on_both.reading() as session:
        rows = session.scalars(sa.select(Placement)).all()
    assert (len(rows), [row.sha256 for row in rows if row.fault]) == (10, ["e" * 64])
    learnt(studio_on_both, manager)
    with studio_on_both.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Placement)) == 10


def test_styles_are_learnt_by_themselves_once_enough_was_approved(
    studio_on_both: Studio, reviewer: Actor, manager: Actor, shoes: list[int]
) -> None:
    assert learn_if_due(studio_on_both) is None
    with studio_on_both.writing() as session:
        for k, one in enumerate(shoes[:FEWEST]):
            row = session.get_one(Asset, one)
            session.add(
                Decision(
                    asset_id=one,
                    revision=1,
                    from_state=AssetState.IN_REVIEW,
                    to_state=AssetState.APPROVED,
                    user_id=reviewer.id,
                    asset_sha256=row.sha256,
                    model_version_id=row.model_version_id,
                    idempotency_key=f"key-{k:08}",
                )
            )
    job_id = learn_if_due(studio_on_both)
    assert job_id is not None
    assert learn_if_due(studio_on_both) is None  # it is under way
    with pytest.raises(Conflict):
        learn_styles(studio_on_both, manager)
    StyleLearner(studio_on_both, "here").body(AtOnce(), job_id)  # type: ignore[arg-type]
    assert house_style(studio_on_both, manager, "Casual Shoes") is not None
    assert learn_if_due(studio_on_both) is None  # nothing was approved since


def test_the_search_finds_the_block() -> None:
    box = find_product(np.asarray(Image.open(io.BytesIO(picture())))).box
    assert box is not None
    assert box.bottom == pytest.approx(227 / 320, abs=0.01)
