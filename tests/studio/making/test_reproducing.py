"""An image is made again: the same bytes, or the reason why not."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from db.tables import Activity, Asset, JobState, ReproductionOutcome
from studio.bootstrap import Studio
from studio.engines.live import Engine, Recipe, Wanted
from studio.errors import Conflict, EngineError, Forbidden, NotFound
from studio.images.detail import image_detail
from studio.making.generation import png
from studio.making.reproducing import Reproducer, differences
from studio.making.reproductions import ReproductionView, latest_reproduction, order_reproduction
from studio.models.in_use import ModelView
from studio.roles import Actor
from studio.work.jobs import job
from tests.studio.at_once import AtOnce
from tests.studio.conftest import Images


class Painter(Engine):
    """Paints by the seed alone; `off` adds to every pixel, as another machine might."""

    def __init__(self, off: int = 0) -> None:
        self.batch, self.off = 4, off

    def warm_up(self) -> None:
        raise NotImplementedError

    def running(self) -> Any:
        raise NotImplementedError

    def make(self, wanted: Any, recipe: Recipe, go_on: Callable[[], bool] = lambda: True) -> Any:
        return np.stack([painted(one, self.off) for one in wanted])


class Painters:
    """The engines of a worker, which hold one painter or none at all."""

    def __init__(self, engine: Engine | None) -> None:
        self.engine = engine

    def get(self, model: ModelView) -> Engine:
        if self.engine is None:
            raise EngineError(f"The folder of model {model.name} is gone.")
        return self.engine


def painted(wanted: Wanted, off: int = 0) -> Any:
    return (np.random.default_rng(wanted.seed).integers(0, 200, (80, 64, 3)) + off).astype(np.uint8)


@pytest.fixture
def image(studio: Studio, images: Images, editor: Actor) -> int:
    """An image that a painter made, with a record of what made it."""
    ids = images.make(editor, 3)
    with studio.writing() as session:
        row = session.get_one(Asset, ids[2])
        row.sha256 = studio.storage.put(png(painted(Wanted({}, row.seed, ""))))
        row.made_with = {"torch": "1.0", "device": "CPU"}
        return row.id


def attempt(studio: Studio, actor: Actor, image: int, engine: Engine | None) -> ReproductionView:
    job_id = order_reproduction(studio, actor, image)
    Reproducer(studio, "here", Painters(engine)).body(AtOnce(), job_id)  # type: ignore[arg-type]
    assert job(studio, actor, job_id).state is JobState.DONE
    found = latest_reproduction(studio, actor, image)
    assert found is not None
    return found


def test_the_same_seed_gives_the_same_bytes(studio: Studio, editor: Actor, image: int) -> None:
    done = attempt(studio, editor, image, Painter())
    assert (done.outcome, done.sha256) == (ReproductionOutcome.SAME, None)
    assert done.text == "The same bytes, to the last."


def test_another_result_says_how_far_off_and_what_changed(studio: Studio, editor: Actor, image: int) -> None:
    done = attempt(studio, editor, image, Painter(off=3))
    assert done.outcome is ReproductionOutcome.DIFFERENT
    assert "100.0% of the pixels differ, by at most 3 of 255" in done.text
    assert "torch 1.0 then" in done.text
    assert done.sha256 is not None
    assert studio.storage.exists(done.sha256)


def test_the_same_pixels_in_another_file_are_told_apart(studio: Studio, editor: Actor, image: int) -> None:
    with studio.writing() as session:
        row = session.get_one(Asset, image)
        row.sha256 = studio.storage.put(studio.storage.get(row.sha256) + b"trailing")
    assert attempt(studio, editor, image, Painter()).outcome is ReproductionOutcome.SAME_PIXELS


def test_a_model_that_is_gone_is_named(studio: Studio, editor: Actor, image: int) -> None:
    done = attempt(studio, editor, image, None)
    assert done.outcome is ReproductionOutcome.IMPOSSIBLE
    assert "The folder of model starter is gone." in done.text


def test_the_image_itself_never_changes(studio: Studio, editor: Actor, image: int) -> None:
    with studio.reading() as session:
        before = session.get_one(Asset, image).sha256
    attempt(studio, editor, image, Painter(off=9))
    with studio.reading() as session:
        assert session.get_one(Asset, image).sha256 == before


def test_attempts_are_kept_and_recorded(studio: Studio, editor: Actor, image: int) -> None:
    for off in (0, 1):
        attempt(studio, editor, image, Painter(off))
    kept = image_detail(studio, editor, image).reproductions
    assert [one.outcome for one in kept] == [ReproductionOutcome.DIFFERENT, ReproductionOutcome.SAME]
    with studio.reading() as session:
        assert set(session.scalars(sa.select(Activity.verb))) == {"reproduced"}


def test_one_attempt_at_a_time(studio: Studio, editor: Actor, viewer: Actor, image: int) -> None:
    order_reproduction(studio, editor, image)
    with pytest.raises(Conflict, match="being made again already"):
        order_reproduction(studio, editor, image)
    with pytest.raises(Forbidden):
        order_reproduction(studio, viewer, image)
    with pytest.raises(NotFound):
        order_reproduction(studio, editor, 999)


def test_without_a_record_the_reason_is_not_guessed() -> None:
    assert "not known" in differences({}, {"torch": "2"})
    assert "those of its making" in differences({"torch": "2"}, {"torch": "2", "device": "CPU"})


def test_detail_tells_ancestors_children_and_why_photos_are_not_known(
    studio: Studio, images: Images, editor: Actor
) -> None:
    (first,), (second,), (third,) = images.make(editor), images.make(editor), images.make(editor)
    with studio.writing() as session:
        for child, parent in ((second, first), (third, second)):
            session.get_one(Asset, child).parent_id = parent
    detail = image_detail(studio, editor, second)
    assert [view.id for view in detail.ancestors] == [first]
    assert [view.id for view in detail.children] == [third]
    assert detail.taught.why_not == "unknown"
    assert detail.siblings == 1
    assert [view.id for view in image_detail(studio, editor, third).ancestors] == [second, first]
