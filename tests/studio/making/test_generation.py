"""An order is made step by step: every image once, reproducible, scored; nothing is half-kept when something breaks."""

import errno
import io
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import torch
from PIL import Image

from db.tables import Asset, AssetState, Job, JobState, ModelAlias, ModelVersion, Product, Score
from ecomgan.metrics import SCORERS
from studio.bootstrap import Studio
from studio.engines.live import Engines
from studio.errors import Conflict, DatabaseBusy, StudioError
from studio.images.assets import AssetView, asset, file_name
from studio.making.generation import ImageMaker
from studio.making.orders import OrderRequest, more_like_this, order_results, place_order, vary
from studio.models.in_use import champion, register_starter
from studio.roles import Actor
from studio.settings import Settings
from studio.work.jobs import cancel_job, job, job_log, retry_job
from studio.work.queue import StepFailed


@pytest.fixture
def folder(tiny_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model, tmp_path / "starter"))


@pytest.fixture
def settings(settings: Settings, folder: Path) -> Settings:
    return settings.model_copy(update={"model": folder})


@pytest.fixture
def studio(studio: Studio) -> Studio:
    register_starter(studio)
    return studio


class Killed(BaseException):
    """The worker dies here."""


@dataclass
class Inline:
    """Runs the steps at once, as the queue would. `before` may look at each, and kill."""

    before: Callable[[str], None] = lambda name: None

    def run(self, name: str, function: Callable[..., Any], *args: Any, retry: object = ()) -> Any:
        self.before(name)
        try:
            return json.loads(json.dumps(function(*args)))
        except StudioError as error:
            raise StepFailed(error.message) from error


def work(studio: Studio, job_id: str, before: Callable[[str], None] = lambda name: None) -> None:
    maker = ImageMaker(studio, Engines(studio, torch.device("cpu")), "here")
    maker.body(Inline(before), job_id)  # type: ignore[arg-type]


def order(studio: Studio, actor: Actor, number: int = 5, **fields: Any) -> str:
    return place_order(studio, actor, OrderRequest(prompt="red dress", number=number, **{"seed": 1, **fields}))


def made(studio: Studio, actor: Actor, job_id: str) -> list[AssetView]:
    return order_results(studio, actor, job_id)


def chunks_until(last: int, then: Callable[[], object]) -> Callable[[str], None]:
    """Does `then` when chunk number `last` is due."""
    seen: list[str] = []

    def before(name: str) -> None:
        seen.append(name)
        if seen.count("chunk") == last and name == "chunk":
            then()

    return before


def die() -> None:
    raise Killed


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
        assert set(view.scores) == set(SCORERS)
    first = views[0]
    assert (first.category, first.colour, first.state) == ("Dresses", "Red", AssetState.DRAFT)
    assert first.model_name == champion(studio_on_both).name
    assert asset(studio_on_both, editor, first.id) == first
    assert file_name(first) == "red-dress_red_1.png"
    with studio_on_both.reading() as session:
        versions = {(metric, version) for metric, version in session.execute(sa.select(Score.metric, Score.version))}
    assert versions == {(key, scorer.version) for key, scorer in SCORERS.items()}


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


def test_an_order_whose_worker_died_is_completed(studio_on_both: Studio, editor: Actor) -> None:
    job_id = order(studio_on_both, editor, number=40)
    with pytest.raises(Killed):
        work(studio_on_both, job_id, chunks_until(3, die))
    assert 0 < job(studio_on_both, editor, job_id).done < 40
    work(studio_on_both, job_id)
    assert [view.number for view in made(studio_on_both, editor, job_id)] == list(range(40))
    assert job(studio_on_both, editor, job_id).state is JobState.DONE


def test_a_job_tells_when_another_worker_goes_on_with_it(studio: Studio, editor: Actor) -> None:
    job_id = order(studio, editor)
    engines = Engines(studio, torch.device("cpu"))
    (chunk,) = ImageMaker(studio, engines, "one").plan(job_id)
    assert job(studio, editor, job_id).worker == "one"
    ImageMaker(studio, engines, "two").make_chunk(job_id, chunk)
    assert job(studio, editor, job_id).worker == "two"
    assert job_log(studio, editor, job_id)[-1].text == "Goes on on two."


def test_a_chunk_that_is_done_twice_leaves_each_image_once(studio: Studio, editor: Actor) -> None:
    job_id = order(studio, editor)
    maker = ImageMaker(studio, Engines(studio, torch.device("cpu")), "here")
    (chunk,) = maker.plan(job_id)
    assert maker.make_chunk(job_id, chunk)
    before = made(studio, editor, job_id)
    assert maker.make_chunk(job_id, chunk)
    assert made(studio, editor, job_id) == before


def test_the_first_chunk_is_small(studio: Studio, editor: Actor) -> None:
    maker = ImageMaker(studio, Engines(studio, torch.device("cpu")), "here")
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


def test_cancelling_stops_it_and_keeps_what_is_made(studio: Studio, editor: Actor) -> None:
    job_id = order(studio, editor, number=40)

    def cancel() -> None:
        with studio.writing() as session:  # as `cancel_job` does for a worker that reports in
            session.execute(sa.text("UPDATE jobs SET state = 'cancelling'"))

    work(studio, job_id, chunks_until(2, cancel))
    view = job(studio, editor, job_id)
    assert (view.state, view.done) == (JobState.CANCELLED, 8)
    assert len(made(studio, editor, job_id)) == 8


def test_a_job_that_was_cancelled_while_waiting_makes_nothing(studio: Studio, editor: Actor) -> None:
    job_id = order(studio, editor)
    cancel_job(studio, editor, job_id)
    work(studio, job_id)
    assert made(studio, editor, job_id) == []
    assert job(studio, editor, job_id).state is JobState.CANCELLED


def test_a_retry_makes_only_what_is_missing(studio: Studio, editor: Actor) -> None:
    whole = order(studio, editor, number=20)
    work(studio, whole)
    job_id = order(studio, editor, number=20)
    with pytest.raises(Killed):
        work(studio, job_id, chunks_until(2, die))
    cancel_job(studio, editor, job_id)  # its worker does not report in: it is over at once
    there = made(studio, editor, job_id)
    second = retry_job(studio, editor, job_id)
    assert job(studio, editor, second).total == 20 - len(there)
    work(studio, second)
    views = made(studio, editor, second)
    assert views[: len(there)] == there
    assert [view.sha256 for view in views] == [view.sha256 for view in made(studio, editor, whole)]
    assert (job(studio, editor, second).state, job(studio, editor, second).done) == (JobState.DONE, 20 - len(there))
    with pytest.raises(Conflict, match="Nothing is left"):
        retry_job(studio, editor, job_id)


def test_damage_to_the_folder_that_a_model_came_from_changes_nothing(
    studio: Studio, editor: Actor, folder: Path
) -> None:
    shutil.rmtree(folder)
    job_id = order(studio, editor)
    work(studio, job_id)
    assert job(studio, editor, job_id).state is JobState.DONE


def test_a_model_whose_bytes_are_lost_fails_the_job_in_plain_words(studio: Studio, editor: Actor) -> None:
    for kept in kept_files(studio):
        kept.unlink()
    job_id = order(studio, editor)
    work(studio, job_id)
    view = job(studio, editor, job_id)
    assert view.state is JobState.FAILED
    assert "cannot be fetched" in (view.error or "")
    assert made(studio, editor, job_id) == []


def test_a_later_champion_does_not_change_an_order_that_was_placed(studio: Studio, editor: Actor) -> None:
    job_id = order(studio, editor)
    old = champion(studio)
    with studio.writing() as session:
        other = ModelVersion(name="other", digest="1" * 64, folder="nowhere", height=80, width=64)
        session.add(other)
        session.flush()
        session.add(ModelAlias(alias="champion", model_version_id=other.id))
    work(studio, job_id)
    assert {view.model_name for view in made(studio, editor, job_id)} == {old.name}


def kept_files(studio: Studio) -> list[Path]:
    return [path for path in (studio.settings.home / "assets").rglob("*") if path.is_file()]


def test_a_full_disk_fails_the_job_and_leaves_nothing_behind(
    studio: Studio, editor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    job_id = order(studio, editor)
    before = kept_files(studio)
    monkeypatch.setattr(os, "replace", full)
    work(studio, job_id)
    monkeypatch.undo()
    view = job(studio, editor, job_id)
    assert view.state is JobState.FAILED
    assert "no room to save" in (view.error or "")
    assert kept_files(studio) == before
    with studio.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Asset)) == 0
        assert session.scalar(sa.select(sa.func.count()).select_from(Score)) == 0
    second = retry_job(studio, editor, job_id)
    work(studio, second)
    assert len(made(studio, editor, second)) == 5


def test_a_disk_that_fills_up_in_the_middle_keeps_whole_chunks_only(
    studio: Studio, editor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = order(studio, editor, number=20)
    real, written = os.replace, []
    images = studio.settings.home / "assets"

    def filling(source: Any, target: Any) -> None:
        if images not in Path(target).parents:  # the model's local copy is not what fills this disk
            real(source, target)
            return
        if len(written) >= 10:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written.append(target)
        real(source, target)

    monkeypatch.setattr(os, "replace", filling)
    work(studio, job_id)
    view = job(studio, editor, job_id)
    assert (view.state, view.done) == (JobState.FAILED, 8)
    assert all(studio.storage.get(one.sha256) for one in made(studio, editor, job_id))


def test_a_locked_database_loses_nothing(studio: Studio, editor: Actor) -> None:
    job_id = order(studio, editor)
    maker = ImageMaker(studio, Engines(studio, torch.device("cpu")), "here")
    (chunk,) = maker.plan(job_id)
    with studio.writing() as other:
        other.get_one(Job, job_id, with_for_update=True)  # locks the row; on SQLite every writer has locked the file
        with pytest.raises(DatabaseBusy, match="Nothing was saved"):
            maker.make_chunk(job_id, chunk)
    assert made(studio, editor, job_id) == []
    assert maker.make_chunk(job_id, chunk)
    assert len(made(studio, editor, job_id)) == 5


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
