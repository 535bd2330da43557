"""An image is set into the house style of its category: a new image of the same pixels, which can be made again."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image

from db.tables import Asset, AssetState, Brief, HouseStyle, JobState, ReproductionOutcome
from ecomgan.metrics.product import find_product
from studio.bootstrap import Studio
from studio.engines.live import Engine
from studio.engines.running import Running
from studio.errors import Conflict, Forbidden, InputError, NotFound
from studio.images.assets import AssetView
from studio.images.detail import image_detail
from studio.making.generation import ImageMaker
from studio.making.orders import OrderRequest, order_results, place_order
from studio.making.reframing import prospect, reframe
from studio.making.reproducing import Reproducer
from studio.making.reproductions import latest_reproduction, order_reproduction
from studio.models.in_use import register_starter
from studio.publishing.house_figures import Figure, Measure, as_json
from studio.roles import Actor
from studio.settings import Settings
from studio.work.jobs import job, job_log
from tests.studio.at_once import AtOnce
from tests.studio.conftest import Images
from tests.studio.making.orders_at_once import work


class NoEngines:
    """A worker's engines, none of which may be needed."""

    def get(self, model: object) -> Engine:
        raise AssertionError("an image of another's pixels needs no engine")


def shoe(top: int = 60, bottom: int = 120, left: int = 90, right: int = 190) -> bytes:
    pixels = np.full((320, 256, 3), 255, dtype=np.uint8)
    pixels[top:bottom, left:right] = (110, 70, 40)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def styled(studio: Studio, category: str = "Casual Shoes", baseline: float = 0.71) -> None:
    """A style: products are 84 % wide, stand at the baseline, in the middle."""
    values = {
        Measure.WIDTH: 0.84,
        Measure.HEIGHT: 0.4,
        Measure.BASELINE: baseline,
        Measure.CENTRE: 0.5,
        Measure.LEFT: 0.08,
        Measure.RIGHT: 0.08,
        Measure.WHITENESS: 99.0,
    }
    figures = as_json({name: Figure(value, 0.2 if name is Measure.HEIGHT else 0.01) for name, value in values.items()})
    with studio.writing() as session:
        session.add(
            HouseStyle(category=category, version=1, source=category, images=20, photos=0, cut=0, figures=figures)
        )


@pytest.fixture
def image(studio_on_both: Studio, editor: Actor) -> int:
    """An approved image of a shoe that is small and high in its frame."""
    return shown(studio_on_both, editor, shoe())


def shown(studio: Studio, actor: Actor, data: bytes) -> int:
    (one,) = Images(studio).make(actor, category="Casual Shoes", state=AssetState.APPROVED)
    with studio.writing() as session:
        row = session.get_one(Asset, one)
        row.sha256, row.height, row.width = studio.storage.put(data), 320, 256
    return one


def reframed(studio: Studio, actor: Actor, asset_id: int) -> AssetView:
    job_id = reframe(studio, actor, [asset_id])
    ImageMaker(studio, "here", NoEngines()).body(AtOnce(), job_id)  # type: ignore[arg-type]
    assert job(studio, actor, job_id).state is JobState.DONE
    (view,) = order_results(studio, actor, job_id)
    return view


def test_the_product_stands_as_the_house_wants_it(studio_on_both: Studio, editor: Actor, image: int) -> None:
    styled(studio_on_both)
    view = reframed(studio_on_both, editor, image)
    pixels = np.asarray(Image.open(io.BytesIO(studio_on_both.storage.get(view.sha256))))
    box = find_product(pixels, search_side=640).box
    assert box is not None
    assert box.width == pytest.approx(0.84, abs=0.01)
    assert box.bottom == pytest.approx(0.71, abs=0.01)
    assert pixels.shape == (320, 256, 3)
    assert view.finishing == ({"step": "reframe", "width": 0.84, "baseline": 0.71, "centre": 0.5},)
    assert view.settings == {"pixels_of": image, "house_style": {"category": "Casual Shoes", "version": 1}}
    assert (view.state, view.seed) == (AssetState.DRAFT, 0)  # people decide on it anew
    assert [one.id for one in image_detail(studio_on_both, editor, view.id).ancestors] == [image]
    assert view.scores["fill"] is not None


def test_it_can_be_made_again_to_the_last_byte(studio_on_both: Studio, editor: Actor, image: int) -> None:
    styled(studio_on_both)
    view = reframed(studio_on_both, editor, image)
    job_id = order_reproduction(studio_on_both, editor, view.id)
    Reproducer(studio_on_both, "here", NoEngines()).body(AtOnce(), job_id)  # type: ignore[arg-type]
    found = latest_reproduction(studio_on_both, editor, view.id)
    assert found is not None
    assert found.outcome is ReproductionOutcome.SAME


def test_without_a_style_nothing_is_reframed(studio_on_both: Studio, editor: Actor, image: int) -> None:
    found = prospect(studio_on_both, editor, image)
    assert found.style is None
    with pytest.raises(Conflict, match="Casual Shoes has no house style yet"):
        reframe(studio_on_both, editor, [image])


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (shoe(bottom=320), "runs out of this image at the bottom"),
        (shoe(top=5, bottom=300), "would run out of the frame at the top"),
        (shoe(top=60, bottom=60), "No product was found"),
    ],
)
def test_a_product_is_never_cut(studio: Studio, editor: Actor, data: bytes, told: str) -> None:
    styled(studio)
    one = shown(studio, editor, data)
    assert prospect(studio, editor, one).refusal is not None
    with pytest.raises(Conflict, match=told):
        reframe(studio, editor, [one])


def test_who_may_not_and_what_is_not_there(studio: Studio, editor: Actor, viewer: Actor) -> None:
    with pytest.raises(Forbidden):
        reframe(studio, viewer, [1])
    with pytest.raises(NotFound):
        reframe(studio, editor, [1])
    with pytest.raises(InputError):
        reframe(studio, editor, [])


@pytest.fixture
def with_starter(studio: Studio, tiny_model: Path) -> Studio:
    register_starter(Studio(**{**vars(studio), "settings": Settings(home=studio.settings.home, model=tiny_model)}))
    return studio


def test_an_order_in_house_style_keeps_the_frame_of_what_cannot_be_moved(
    with_starter: Studio, editor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    styled(with_starter, "Dresses")
    request = OrderRequest(prompt="red dress", number=2, seed=1, house_style=True)
    job_id = place_order(with_starter, editor, request)
    with with_starter.reading() as session:
        (steps,) = session.scalars(sa.select(Brief.finishing).where(Brief.job_id == job_id))
    assert [step["step"] for step in steps] == ["reframe"]
    monkeypatch.setattr("studio.engines.live.Engines.get", lambda *_: Painter())
    work(with_starter, job_id)
    assert job(with_starter, editor, job_id).done == 2
    told = [line.text for line in job_log(with_starter, editor, job_id)]
    assert [line for line in told if "keeps its own frame" in line] == [
        "An image of seed 2 keeps its own frame: the product runs out of the picture at the bottom."
    ]


def test_a_category_without_a_style_is_ordered_as_ever(with_starter: Studio, editor: Actor) -> None:
    job_id = place_order(with_starter, editor, OrderRequest(prompt="red dress", number=1, house_style=True))
    with with_starter.reading() as session:
        assert session.scalars(sa.select(Brief.finishing).where(Brief.job_id == job_id)).all() == [[]]


class Painter(Engine):
    """Makes a whole product of odd seeds and one that is cut of even ones."""

    batch, seconds_per_image = 4, 0.01

    def __init__(self) -> None:
        pass

    def warm_up(self) -> None:
        raise NotImplementedError

    def running(self) -> Any:
        return Running("cpu", "float32")

    def make(self, wanted: Any, recipe: Any, go_on: Callable[[], bool] = lambda: True) -> Any:
        data = [shoe() if one.seed % 2 else shoe(bottom=320) for one in wanted]
        return np.stack([np.asarray(Image.open(io.BytesIO(one))) for one in data])
