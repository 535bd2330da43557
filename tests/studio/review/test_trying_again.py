"""What comes back from review goes out again with one step, changed as the reason calls for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.tables import Asset, AssetState, Brief
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, NotFound
from studio.images.assets import AssetView, asset
from studio.making.orders import Changes
from studio.models.in_use import register_starter
from studio.review.deciding import Action, Decide, decide
from studio.review.trying_again import order_again, sent_back, suggest, suggestion
from studio.roles import Actor
from studio.settings import Settings
from tests.studio.conftest import Images


@pytest.fixture
def settings(settings: Settings, tiny_model: Path) -> Settings:
    return settings.model_copy(update={"model": tiny_model})


@pytest.fixture
def with_model(studio: Studio) -> Studio:
    register_starter(studio)
    return studio


def reject(studio: Studio, actor: Actor, asset_id: int, reason: str, comment: str = "") -> None:
    with studio.reading() as session:
        image = session.get_one(Asset, asset_id)
    key = f"reject-{asset_id:04}-{image.revision}"
    decide(
        studio,
        actor,
        Decide(asset_id, image.revision, Action.REJECT, key, reason, comment, seen_sha256=image.sha256),
    )


def brief_of(studio: Studio, job_id: str) -> Brief:
    with studio.reading() as session:
        return session.scalars(sa.select(Brief).where(Brief.job_id == job_id)).one()


@pytest.fixture
def view(studio: Studio, images: Images, editor: Actor) -> AssetView:
    (asset_id,) = images.make(editor, state=AssetState.IN_REVIEW)
    return asset(studio, editor, asset_id)


PAD = {"step": "pad", "width": 1000, "height": 1000}
WHITE = {"step": "white_background"}


@pytest.mark.parametrize(
    ("reason", "finishing", "does", "wanted"),
    [
        ("background", (), ("clean",), (WHITE,)),
        ("halo", ({"step": "sharpen"},), ("clean",), (WHITE, {"step": "sharpen"})),
        ("fill", (), ("fill",), ({"step": "pad", "width": 64, "height": 80, "fill": 0.85},)),
        ("fill", (WHITE, {**PAD, "fill": 0.6}), ("fill",), (WHITE, {**PAD, "fill": 0.85})),
        ("size", (WHITE,), ("size",), (WHITE, {"step": "detail", "factor": 4})),
        ("size", ({"step": "resize", "factor": 2},), ("size",), ({"step": "detail", "factor": 4},)),
        ("size", (PAD,), ("size",), ({**PAD, "width": 2000, "height": 2000},)),
    ],
)
def test_what_finishing_can_mend_is_mended_on_the_same_image(view, reason, finishing, does, wanted) -> None:
    found = suggest(replace(view, finishing=finishing), reason)
    assert (found.does, found.changes.finishing) == (does, wanted)
    assert (found.changes.same_seed, found.changes.number) == (True, 1)


@pytest.mark.parametrize(
    ("reason", "finishing", "does"),
    [
        ("shape", (), ("seeds", "calmer")),
        ("texture", (), ("seeds", "calmer")),
        ("brand", (), ("seeds",)),
        ("overlay", (), ("seeds",)),
        ("background", (WHITE,), ("seeds",)),
        ("fill", (PAD,), ("seeds",)),
        ("size", ({"step": "resize", "factor": 4},), ("seeds",)),
        ("", (), ("seeds",)),
    ],
)
def test_other_faults_need_another_image(view, reason, finishing, does) -> None:
    found = suggest(replace(view, finishing=finishing), reason)
    assert (found.does, found.changes.same_seed, found.changes.finishing) == (does, False, None)


def test_a_wrong_colour_is_asked_for_as_the_product_says(with_model, images, editor, reviewer) -> None:
    product = images.product(category="Apparel > Topwear > Tshirts", colour="Blue")
    (asset_id,) = images.make(editor, state=AssetState.IN_REVIEW, product_id=product)
    reject(with_model, reviewer, asset_id, "colour")
    found = suggestion(with_model, editor, asset_id)
    assert (found.does, found.colour) == (("colour", "seeds"), "Blue")
    job_id = order_again(with_model, editor, asset_id)
    brief = brief_of(with_model, job_id)
    assert (brief.attributes["colour"], brief.number, brief.parent_asset_id) == ("Blue", 4, asset_id)
    assert brief.product_id == product


def test_one_step_orders_the_image_again(with_model, images, editor, reviewer) -> None:
    (asset_id,) = images.make(editor, state=AssetState.IN_REVIEW)
    reject(with_model, reviewer, asset_id, "background", "grey on the left")
    (back,) = sent_back(with_model, editor)
    assert (back.reason, back.comment, back.by, back.final) == ("background", "grey on the left", "Rune", False)
    job_id = order_again(with_model, editor, asset_id, idempotency_key="press-0001")
    assert order_again(with_model, editor, asset_id, idempotency_key="press-0001") == job_id
    brief = brief_of(with_model, job_id)
    assert (brief.parent_asset_id, brief.seed, brief.number) == (asset_id, back.image.seed, 1)
    assert brief.finishing == [WHITE]
    assert sent_back(with_model, editor) == ()  # it waits no more: its next version is on the way
    assert order_again(with_model, editor, asset_id, Changes(number=2)) != job_id


def test_a_fact_is_final_but_a_new_image_may_be_made(with_model, images, editor, reviewer) -> None:
    (asset_id,) = images.make(editor, state=AssetState.IN_REVIEW)
    reject(with_model, reviewer, asset_id, "shape")
    (back,) = sent_back(with_model, editor)
    assert back.final
    assert brief_of(with_model, order_again(with_model, editor, asset_id)).truncation == pytest.approx(0.68)


def test_each_maker_gets_their_own_back(studio_on_both, images, editor, reviewer, manager) -> None:
    studio = studio_on_both
    (mine,) = images.make(editor, state=AssetState.IN_REVIEW)
    (theirs,) = images.make(manager, state=AssetState.IN_REVIEW)
    for asset_id in (mine, theirs):
        reject(studio, reviewer, asset_id, "halo")
    assert [back.image.id for back in sent_back(studio, editor)] == [mine]
    assert [back.image.id for back in sent_back(studio, manager)] == [theirs]


def test_what_cannot_be_tried_again_is_told(with_model, images, editor, viewer) -> None:
    (asset_id,) = images.make(editor, state=AssetState.IN_REVIEW)
    with pytest.raises(Conflict, match="waits for no changes"):
        order_again(with_model, editor, asset_id)
    with pytest.raises(NotFound):
        order_again(with_model, editor, 99)
    with pytest.raises(Forbidden):
        order_again(with_model, viewer, asset_id)
