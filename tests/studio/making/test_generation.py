"""An order is made step by step: every image once, reproducible, scored."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
import torch
from PIL import Image

from db.tables import Asset, AssetState, JobState, Product, Score
from ecomgan.metrics import SCORERS, keys_of
from studio.bootstrap import Studio
from studio.engines.live import Engines
from studio.images.assets import asset, file_name
from studio.making.generation import ImageMaker
from studio.making.orders import OrderRequest, more_like_this, order_results, place_order, vary
from studio.models.in_use import champion, register_starter
from studio.roles import Actor
from studio.settings import Settings
from studio.work.jobs import job, job_log
from tests.studio.making.orders_at_once import made, order, work


@pytest.fixture
def settings(settings: Settings, tiny_model: Path) -> Settings:
    return settings.model_copy(update={"model": tiny_model})


@pytest.fixture
def studio(studio: Studio) -> Studio:
    register_starter(studio)
    return studio


def test_every_image_is_made_once_and_scored(studio_on_both: Studio, editor: Actor) -> None:
    job_id = order(studio_on_both, editor, number=20)
    work(studio_on_both, job_id)
    views = made(studio_on_both, editor, job_id)
    assert [view.number for view in views] == list(range(20))
    assert [view.seed for view in views] == list(range(1, 21))
    assert len({view.sha256 for view in views}) == 20
    for view in views:
        picture = Image.open(io.BytesIO(studio_on_both.storage.get(view.sha256)))
        assert (picture.height, picture.width, picture.mode) == (view.height, view.width, "RGB") == (80, 64, "RGB")
        assert set(view.scores) == set(keys_of("birth"))
    first = views[0]
    assert (first.category, first.colour, first.state) == ("Dresses", "Red", AssetState.DRAFT)
    assert first.model_name == champion(studio_on_both).name
    assert asset(studio_on_both, editor, first.id) == first
    assert file_name(first) == "red-dress_red_1.png"
    with studio_on_both.reading() as session:
        versions = {(metric, version) for metric, version in session.execute(sa.select(Score.metric, Score.version))}
    assert versions == {(key, SCORERS[key].version) for key in keys_of("birth")}


def test_the_job_tells_how_it_went(studio: Studio, editor: Actor) -> None:
    job_id = order(studio, editor)
    work(studio, job_id)
    view = job(studio, editor, job_id)
    assert (view.state, view.done, view.worker) == (JobState.DONE, 5, "here")
    assert view.compute_seconds > 0
    assert view.started_at
    assert view.finished_at
    lines = [line.text for line in job_log(studio, editor, job_id)]
    assert lines[:2] == ["Ordered by Edda.", "Started on here."]
    assert lines[2].startswith("Done: 5 images in ")


def test_images_can_be_asked_for_as_they_finish(studio: Studio, editor: Actor) -> None:
    job_id = order(studio, editor)
    work(studio, job_id)
    views = made(studio, editor, job_id)
    assert order_results(studio, editor, job_id, after_asset_id=views[2].id) == views[3:]


def test_running_a_finished_order_again_changes_nothing(studio: Studio, editor: Actor) -> None:
    job_id = order(studio, editor)
    work(studio, job_id)
    before = made(studio, editor, job_id), job(studio, editor, job_id)
    work(studio, job_id)
    assert (made(studio, editor, job_id), job(studio, editor, job_id)) == before


def test_the_first_chunk_is_small(studio: Studio, editor: Actor) -> None:
    maker = ImageMaker(studio, "here", Engines(studio, torch.device("cpu")))
    sizes = [len(chunk) for chunk in maker.plan(order(studio, editor, number=64))]
    assert sizes[0] == 8
    assert sum(sizes) == 64


def test_a_seed_gives_the_same_bytes_whatever_is_made_with_it(studio: Studio, editor: Actor) -> None:
    orders = [order(studio, editor, number=11, seed=70), order(studio, editor, number=1, seed=77)]
    orders.append(order(studio, editor, number=11, seed=70))
    for job_id in orders:
        work(studio, job_id)
    first, alone, again = ([view.sha256 for view in made(studio, editor, job_id)] for job_id in orders)
    assert again == first
    assert alone == [first[7]]


def test_settings_and_attributes_decide_the_image(studio: Studio, editor: Actor) -> None:
    orders = [
        order(studio, editor, number=1),
        order(studio, editor, number=1, truncation=0.5),
        order(studio, editor, number=1, guidance_scale=1.5),
        order(studio, editor, number=1, attributes={"colour": "Blue"}),
        order(studio, editor, number=1, seed=2),
    ]
    for job_id in orders:
        work(studio, job_id)
    assert len({made(studio, editor, job_id)[0].sha256 for job_id in orders}) == len(orders)


def test_many_products_are_made_in_shared_chunks(studio: Studio, editor: Actor) -> None:
    with studio.writing() as session:
        rows = [Product(sku=f"S{i}", title=f"Shirt {i}", category="Shirts", colour="Blue") for i in range(9)]
        session.add_all(rows)
        session.flush()
        ids = tuple(row.id for row in rows)
    job_id = place_order(studio, editor, OrderRequest(product_ids=ids, number=2))
    work(studio, job_id)
    views = made(studio, editor, job_id)
    assert sorted((view.product_id, view.number) for view in views) == [(i, k) for i in ids for k in range(2)]
    assert views[0].product_sku == "S0"
    assert file_name(views[0]).startswith("s0_blue_")


def test_more_of_the_same_has_other_seeds(studio: Studio, editor: Actor) -> None:
    job_id = order(studio, editor, number=1, truncation=0.6)
    work(studio, job_id)
    (one,) = made(studio, editor, job_id)
    more = more_like_this(studio, editor, one.id, 3)
    work(studio, more)
    views = made(studio, editor, more)
    assert len(views) == 3
    assert one.sha256 not in {view.sha256 for view in views}
    assert {(view.prompt, view.truncation, view.category) for view in views} == {("red dress", 0.6, "Dresses")}
    with studio.reading() as session:
        assert set(session.scalars(sa.select(Asset.parent_id).where(Asset.id > one.id))) == {one.id}


def test_a_variation_keeps_the_seed(studio: Studio, editor: Actor) -> None:
    job_id = order(studio, editor, number=2)
    work(studio, job_id)
    one = made(studio, editor, job_id)[1]
    other = vary(studio, editor, one.id, {"colour": "Green"})
    work(studio, other)
    (view,) = made(studio, editor, other)
    assert (view.seed, view.colour, view.attributes) == (one.seed, "Green", {**one.attributes, "colour": "Green"})
    with studio.reading() as session:
        assert session.get_one(Asset, view.id).parent_id == one.id


def test_finishing_is_part_of_the_image(studio: Studio, editor: Actor) -> None:
    plain, finished = order(studio, editor, number=1), order(studio, editor, number=1, finishing=RESIZE)
    work(studio, plain)
    work(studio, finished)
    (one,), (other,) = made(studio, editor, plain), made(studio, editor, finished)
    assert (other.height, other.width) == (2 * one.height, 2 * one.width)
    assert other.finishing == RESIZE


RESIZE = ({"step": "resize", "factor": 2},)


def test_engines_that_are_long_unused_are_let_go(studio: Studio) -> None:
    engines = Engines(studio, torch.device("cpu"))
    model = champion(studio)
    first = engines.get(model)
    assert engines.get(model) is first
    assert engines.holds(model)
    assert not engines.holds(replace(model, digest="2" * 64))
