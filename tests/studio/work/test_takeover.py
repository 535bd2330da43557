"""Several workers on one queue: they share the work, and what one leaves behind when it dies for good goes on."""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db.tables import Asset, Brief, Job, JobEvent, JobState, Product, Training, TrainingPicture, TrainingPoint
from studio.bootstrap import Studio
from studio.errors import StudioError
from studio.imports.catalogue_import import find_import, start_import
from studio.imports.staging import MAX_ROWS
from studio.making.orders import OrderRequest, place_order
from studio.photos.trainable import PhotoFilter
from studio.roles import Actor
from studio.settings import Settings
from studio.training.folder import Phase, training_folder
from studio.training.job import Outcome, Trainer
from studio.training.trainings import TrainingRequest, keep, start
from studio.training.views import curves, pictures, training
from studio.work.jobs import JobView, cancel_job, job, workers
from studio.work.queue import StepFailed
from tests.studio.teaching import add_photos, make_teachable, register_teachable
from tests.studio.work.test_worker import Process, ended, until, worker

pytestmark = pytest.mark.slow
BOUND_SECONDS = 30.0
LONG = 1_000_000  # photos to be seen; nobody waits for that
AT_ONCE = 4  # orders that one worker has in hand: the other finds nothing to do


@pytest.fixture(scope="session")
def teachable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_teachable(tmp_path_factory.mktemp("models") / "teachable")


@pytest.fixture
def settings(settings: Settings, teachable: Path) -> Settings:
    return settings.model_copy(update={"model": teachable, "database_busy_seconds": 10.0})


@contextmanager
def two_workers(studio: Studio) -> Iterator[dict[str, Process]]:
    """Two real workers, both ready, by their names."""
    with ExitStack() as stack:
        found: dict[str, Process] = {}
        for log in ("one", "two"):
            process = stack.enter_context(worker(studio, log))
            (new,) = {view.name for view in workers(studio)} - found.keys()
            found[new] = process
        yield found


def log_of(studio: Studio, job_id: str) -> str:
    with studio.reading() as session:
        return "\n".join(session.scalars(sa.select(JobEvent.text).where(JobEvent.job_id == job_id)))


def test_two_workers_make_500_images_between_them_and_none_twice(studio_on_both: Studio, admin: Actor) -> None:
    studio = studio_on_both
    with two_workers(studio) as both:
        order = OrderRequest(prompt="red bags", number=50)
        jobs = [place_order(studio, admin, order) for _ in range(10)]
        views = [ended(studio, admin, job_id) for job_id in jobs]
    assert {(view.state, view.done, view.error) for view in views} == {(JobState.DONE, 50, None)}
    assert {view.worker for view in views} == both.keys()
    with studio.reading() as session:
        made = session.execute(sa.select(Brief.job_id, Asset.number, Asset.sha256).join(Asset.brief)).all()
    assert sorted((job_id, number) for job_id, number, _ in made) == sorted((j, n) for j in jobs for n in range(50))
    assert all(studio.storage.get(sha256) for *_, sha256 in made)


def test_all_jobs_of_a_worker_that_dies_for_good_go_on_elsewhere_within_30_seconds(
    studio_on_both: Studio, admin: Actor, teachable: Path
) -> None:
    studio = studio_on_both
    add_photos(studio, 30)
    base = register_teachable(studio, teachable)
    with studio.reading() as session:
        products = tuple(session.scalars(sa.select(Product.id)))
    with worker(studio, "one") as doomed:
        (dead,) = (view.name for view in workers(studio))
        training_id = start(studio, admin, TrainingRequest("Spring", base, PhotoFilter(), "quick", LONG))
        jobs = {training(studio, admin, training_id).job_id: "training", many_rows(studio, admin): "import"}
        orders = [place_order(studio, admin, OrderRequest(product_ids=products, number=64)) for _ in range(AT_ONCE)]
        jobs |= dict.fromkeys(orders, "images")
        until(lambda: all(job(studio, admin, job_id).worker == dead for job_id in jobs))
        with worker(studio, "two"):
            (other,) = {view.name for view in workers(studio)} - {dead}
            assert all(job(studio, admin, job_id).worker == dead for job_id in jobs)
            left = {job_id: kind for job_id, kind in jobs.items() if job(studio, admin, job_id).active}
            doomed.kill()
            seconds = seconds_until_taken(studio, admin, left, other)
            before = {job_id: job(studio, admin, job_id).done for job_id in orders}
            until(lambda: all(has_moved(job(studio, admin, job_id), done) for job_id, done in before.items()))
            for job_id in jobs:
                if job(studio, admin, job_id).active:
                    cancel_job(studio, admin, job_id)
            until(lambda: not any(job(studio, admin, job_id).active for job_id in jobs))
    assert set(left.values()) == {"training", "import", "images"}, "some kind was done before its worker was killed"
    assert max(seconds.values()) < BOUND_SECONDS, seconds
    assert all(f"Goes on on {other}." in log_of(studio, job_id) for job_id in left)


def many_rows(studio: Studio, actor: Actor) -> str:
    """The job that checks a catalogue file of as many rows as are allowed."""
    data = "sku,title,category\n" + "".join(f"S{n},Bag,Bags\n" for n in range(MAX_ROWS))
    view = find_import(studio, actor, start_import(studio, actor, data.encode(), "many.csv"))
    assert view.job is not None
    return view.job.id


def seconds_until_taken(studio: Studio, actor: Actor, jobs: Collection[str], worker: str) -> dict[str, float]:
    """For each job, how long it took from now until this worker had it in hand; none that took ten times the bound."""
    begun, seconds = time.monotonic(), dict[str, float]()
    while len(seconds) < len(jobs) and time.monotonic() - begun < 10 * BOUND_SECONDS:
        for job_id in set(jobs) - seconds.keys():
            if job(studio, actor, job_id).worker == worker:
                seconds[job_id] = time.monotonic() - begun
        time.sleep(0.1)
    assert seconds.keys() == set(jobs), "nobody took them over"
    return seconds


def has_moved(view: JobView, done: int) -> bool:
    return view.done > done or not view.active


class InTurn:
    """Runs the steps of a body at once, in this thread, as the queue would."""

    stopping = False

    def run(self, name: str, function: Callable[..., Any], *args: Any) -> Any:
        try:
            return function(*args)
        except StudioError as error:
            raise StepFailed(error.message) from error


def of_another_machine(studio: Studio, home: Path) -> Studio:
    """The same database and images, but another disk."""
    place = {"home": home, "assets_url": studio.settings.resolved_assets_url}
    return replace(studio, settings=studio.settings.model_copy(update=place))


@pytest.fixture
def left_behind(studio_on_both: Studio, admin: Actor, teachable: Path) -> int:
    """A training whose rows tell of a run that lies on no disk of this test, as its dead worker left it."""
    studio = studio_on_both
    add_photos(studio, 30)
    base = register_teachable(studio, teachable)
    training_id = start(studio, admin, TrainingRequest("Spring", base, PhotoFilter(), "quick", 640))
    with studio.writing() as session:
        row = session.get_one(Training, training_id)
        row.progress = {"images": 1_000_000, "seconds_left": 5.0}
        session.add(TrainingPoint(training_id=training_id, metric="loss/generator", images=1_000_000, value=1.0))
        session.add(TrainingPicture(training_id=training_id, kind="samples", images=1_000_000, sha256="0" * 64))
        lessons = session.get_one(Job, row.job_id)
        lessons.state, lessons.worker = JobState.RUNNING, "far"
    return training_id


def test_a_training_of_another_machine_starts_again_from_the_photos_and_says_so(
    studio_on_both: Studio, admin: Actor, left_behind: int, tmp_path: Path
) -> None:
    studio = of_another_machine(studio_on_both, tmp_path / "near")
    job_id = training(studio, admin, left_behind).job_id
    Trainer(studio, "near").body(InTurn(), job_id)  # type: ignore[arg-type]
    view = training(studio, admin, left_behind)
    assert (view.error, view.stage, view.seen) == (None, "done", 640)
    assert "The run lies on the disk of another machine: it starts again on near." in log_of(studio, job_id)
    assert max(images for images, _ in curves(studio, admin, left_behind)["loss/generator"]) <= 640
    assert max(pictures(studio, admin, left_behind, "samples")) <= 640


def test_what_lies_on_another_machine_cannot_be_kept_from_here(
    studio_on_both: Studio, admin: Actor, left_behind: int, tmp_path: Path
) -> None:
    studio = of_another_machine(studio_on_both, tmp_path / "near")
    job_id = training(studio, admin, left_behind).job_id
    keep(studio, admin, left_behind)
    Trainer(studio, "near").body(InTurn(), job_id)  # type: ignore[arg-type]
    view = training(studio, admin, left_behind)
    assert view.stage == "failed"
    assert "learnt from 1,000,000 photos seen lies on the disk of another machine" in str(view.error)


def test_a_training_that_was_judged_elsewhere_is_taught_again_before_it_is_judged(
    studio_on_both: Studio, admin: Actor, left_behind: int, tmp_path: Path
) -> None:
    trainer = Trainer(of_another_machine(studio_on_both, tmp_path / "near"), "near")
    job_id = training(studio_on_both, admin, left_behind).job_id
    assert trainer.stretch(InTurn(), job_id, Phase.JUDGE) == Outcome.LOST  # type: ignore[arg-type]
    assert trainer.register(job_id) == Outcome.LOST


def test_a_worker_that_lost_a_training_to_another_one_lets_go_of_it(
    studio_on_both: Studio, admin: Actor, left_behind: int
) -> None:
    job_id = training(studio_on_both, admin, left_behind).job_id
    folder = training_folder(studio_on_both.settings.home, left_behind)
    asked = Trainer(studio_on_both, "near")._asked(InTurn(), job_id, Phase.TRAIN, folder)  # type: ignore[arg-type]
    assert asked == Outcome.STOPPING
