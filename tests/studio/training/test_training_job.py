"""Real workers and real training processes: what was learnt outlives both, and no process outlives its worker."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.tables import (
    Evaluation,
    JobEvent,
    ModelVersion,
    TrainingPhoto,
    TrainingPicture,
    TrainingPoint,
)
from studio.bootstrap import Studio
from studio.making.orders import OrderRequest, order_results, place_order
from studio.models.aliases import CHALLENGER, holder
from studio.models.in_use import champion
from studio.photos.trainable import PhotoFilter
from studio.roles import Actor
from studio.settings import Settings
from studio.training.folder import TrainingFolder, training_folder
from studio.training.trainings import TrainingRequest, discard, keep, pause, resume, start
from studio.training.views import Stage, TrainingView, curves, pictures, training
from studio.work.jobs import cancel_job
from tests.studio.teaching import add_photos, make_teachable, register_teachable
from tests.studio.work.test_worker import PATIENCE_SECONDS, is_zombie, until, worker
from tests.studio.workflow_rows import workflow_state

pytestmark = pytest.mark.slow
LONG = 1_000_000  # photos to be seen; nobody waits for that


@pytest.fixture(scope="session")
def teachable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_teachable(tmp_path_factory.mktemp("models") / "teachable")


@pytest.fixture
def settings(settings: Settings, teachable: Path) -> Settings:
    return settings.model_copy(update={"model": teachable, "database_busy_seconds": 10.0})


@pytest.fixture
def base(studio: Studio, teachable: Path) -> int:
    add_photos(studio, 30)
    return register_teachable(studio, teachable)


def begin(studio: Studio, admin: Actor, base: int, images: int = LONG) -> int:
    return start(studio, admin, TrainingRequest("Spring", base, PhotoFilter(), "quick", images))


def folder_of(studio: Studio, training_id: int) -> TrainingFolder:
    return training_folder(studio.settings.home, training_id)


def processes(folder: TrainingFolder) -> list[int]:
    """The living training processes of this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and not is_zombie(int(entry.name)):
            try:
                command = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"studio.training.child" in command and str(folder.path).encode() in command:
                found.append(int(entry.name))
    return found


@pytest.fixture(autouse=True)
def no_orphan(studio: Studio) -> Iterator[None]:
    """Whatever a test did to its workers: a while later no training process is left."""
    yield
    homes = studio.settings.home / "trainings"
    for path in homes.iterdir() if homes.exists() else ():
        until(lambda path=path: processes(TrainingFolder(path)) == [], seconds=PATIENCE_SECONDS, pause=0.1)


def until_stage(studio: Studio, admin: Actor, training_id: int, *stages: Stage) -> TrainingView:
    until(lambda: training(studio, admin, training_id).stage in stages, pause=0.1)
    return training(studio, admin, training_id)


def until_learnt(studio: Studio, admin: Actor, training_id: int, more_than: int = 0) -> int:
    """Wait for a checkpoint and for more photos seen than that; returns the number seen."""
    folder = folder_of(studio, training_id)
    until(lambda: folder.has_checkpoint() and seen(folder) > more_than, pause=0.05)
    return seen(folder)


def seen(folder: TrainingFolder) -> int:
    return int(folder.read_state().get("images", 0))


def log_of(studio: Studio, job_id: str) -> str:
    with studio.reading() as session:
        return "\n".join(session.scalars(sa.select(JobEvent.text).where(JobEvent.job_id == job_id)))


def test_a_training_ends_as_a_challenger_with_figures_beside_its_base(studio: Studio, admin: Actor, base: int) -> None:
    training_id = begin(studio, admin, base, images=640)
    with worker(studio):
        view = until_stage(studio, admin, training_id, "done", "failed")
    assert (view.error, view.stage, view.ended, view.seen) == (None, "done", "target", 640)
    assert view.splits["validation"] >= 8
    assert sum(view.splits.values()) == 30
    assert "loss/generator" in curves(studio, admin, training_id)
    shown = pictures(studio, admin, training_id, "samples")
    assert 0 in shown
    assert studio.storage.get(shown[0]).startswith(b"\x89PNG")
    assert view.rows
    with studio.reading() as session:
        row = session.get_one(ModelVersion, view.model_id)
        assert (row.name, row.source, row.parent_id) == ("Spring", "fine_tuned", base)
        assert holder(session, CHALLENGER) == row.id
        figures = dict(
            session.execute(
                sa.select(Evaluation.model_version_id, Evaluation.figures).where(
                    Evaluation.data == f"training-{training_id}", Evaluation.category == ""
                )
            ).all()
        )
    assert set(figures) == {base, row.id}
    for found in figures.values():
        assert found["data"]["held_out_photos"] == view.splits["validation"]
        cell = found["distances"]["KD_lite2_x1000"]["generated"]
        assert cell["low"] <= cell["value"] <= cell["high"]
    assert not folder_of(studio, training_id).run.exists()
    assert champion(studio).id == base


def test_a_worker_that_is_killed_takes_its_training_along_and_the_next_one_goes_on(
    studio: Studio, admin: Actor, base: int
) -> None:
    training_id = begin(studio, admin, base)
    folder = folder_of(studio, training_id)
    with worker(studio) as process:
        until_learnt(studio, admin, training_id)
        (child,) = processes(folder)
        process.kill()
        until(lambda: processes(folder) == [], seconds=90.0)  # it may write a last checkpoint for a minute
    before = seen(folder)
    assert training(studio, admin, training_id).stage == "learning"
    with worker(studio, "next"):
        until(lambda: len(processes(folder)) == 1, pause=0.1)
        assert processes(folder) != [child]
        until_learnt(studio, admin, training_id, more_than=before)
        until(lambda: "loss/generator" in curves(studio, admin, training_id), pause=0.1)  # told every 2 s
        points = curves(studio, admin, training_id)["loss/generator"]
        assert [images for images, _ in points] == sorted({images for images, _ in points})
        discard(studio, admin, training_id)
        until_stage(studio, admin, training_id, "discarded")
        until(lambda: not folder.run.exists())


def test_a_training_process_that_is_killed_is_started_again_from_its_checkpoint(
    studio: Studio, admin: Actor, base: int
) -> None:
    training_id = begin(studio, admin, base)
    folder = folder_of(studio, training_id)
    with worker(studio):
        until_learnt(studio, admin, training_id)
        (child,) = processes(folder)
        os.kill(child, signal.SIGKILL)
        until(lambda: processes(folder) not in ([], [child]), pause=0.1)
        before = seen(folder)
        until_learnt(studio, admin, training_id, more_than=before)
        view = training(studio, admin, training_id)
        assert view.stage == "learning"
        assert "killed by signal 9" in log_of(studio, view.job_id)
        cancel_job(studio, admin, view.job_id)
        until_stage(studio, admin, training_id, "stopped")
        assert processes(folder) == []
        assert folder.has_checkpoint()


def test_a_training_pauses_with_a_checkpoint_goes_on_from_there_and_is_kept(
    studio: Studio, admin: Actor, base: int
) -> None:
    training_id = begin(studio, admin, base)
    folder = folder_of(studio, training_id)
    with worker(studio):
        until_learnt(studio, admin, training_id)
        pause(studio, admin, training_id)
        paused = until_stage(studio, admin, training_id, "paused")
        assert processes(folder) == []
        assert paused.seen == seen(folder) > 0
        resume(studio, admin, training_id)
        until_learnt(studio, admin, training_id, more_than=paused.seen)
        keep(studio, admin, training_id)
        view = until_stage(studio, admin, training_id, "done", "failed")
    assert (view.error, view.ended) == (None, "stopped")
    assert view.seen > paused.seen
    with studio.reading() as session:
        row = session.get_one(ModelVersion, view.model_id)
        assert row.parent_id == base
        for table in (TrainingPoint, TrainingPicture, TrainingPhoto):
            assert session.scalar(sa.select(sa.func.count()).select_from(table)) > 0


def test_a_worker_that_is_told_to_stop_leaves_a_checkpoint_behind(studio: Studio, admin: Actor, base: int) -> None:
    training_id = begin(studio, admin, base)
    folder = folder_of(studio, training_id)
    with worker(studio) as process:
        until_learnt(studio, admin, training_id)
        before = seen(folder)
        assert process.end() == 0, process.log.read_text()
    assert processes(folder) == []
    assert folder.has_checkpoint()
    assert seen(folder) >= before
    with studio.reading() as session:
        job_id = training(studio, admin, training_id).job_id
        assert workflow_state(session, job_id) == ("ENQUEUED", "trainings")


def test_what_cannot_be_trained_fails_with_a_reason(studio: Studio, admin: Actor, base: int) -> None:
    training_id = begin(studio, admin, base)
    for path in (studio.settings.home / "assets").rglob("*"):
        if path.is_file() and path.read_bytes().startswith(b"\x89PNG"):
            path.unlink()  # the photos' bytes are lost
    with worker(studio):
        view = until_stage(studio, admin, training_id, "failed")
    assert view.error is not None
    assert "none of the 30 photos" in view.error


def test_while_a_training_runs_the_first_image_of_an_order_comes_within_five_seconds(
    studio: Studio, admin: Actor, base: int
) -> None:
    training_id = begin(studio, admin, base)
    with worker(studio):
        until_learnt(studio, admin, training_id)
        place_and_wait(studio, admin)  # whatever is loaded at the first image is loaded now
        seconds = sorted(place_and_wait(studio, admin) for _ in range(3))
        assert training(studio, admin, training_id).stage == "learning"
        discard(studio, admin, training_id)
        until_stage(studio, admin, training_id, "discarded")
    assert seconds[1] < 5.0, seconds


def place_and_wait(studio: Studio, admin: Actor) -> float:
    """Order four images; returns the seconds until the first one is there."""
    begun = time.monotonic()
    job_id = place_order(studio, admin, OrderRequest(prompt="red bags", number=4))
    until(lambda: bool(order_results(studio, admin, job_id)), pause=0.01)
    return time.monotonic() - begun
