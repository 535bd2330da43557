"""Real worker processes: fast when warm, and nothing is lost or made twice when one is killed."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
import torch

from db.migrate import upgrade
from db.tables import JobState, Product, Role, User, WorkerHeartbeat, utc_now
from studio.bootstrap import Studio, open_studio
from studio.making.orders import OrderRequest, estimate, order_results, place_order
from studio.models.in_use import champion, recorded_speed
from studio.roles import Actor
from studio.settings import PROJECT, Settings
from studio.work.heartbeat import GONE_AFTER
from studio.work.jobs import JobView, cancel_job, job, workers
from studio.work.lifeline import ENVIRONMENT
from studio.work.queue import migrate as migrate_queue
from studio.work.worker import Worker
from tests.studio.workflow_rows import workflow_state

pytestmark = pytest.mark.slow
PATIENCE_SECONDS = 400.0  # importing torch takes minutes on a machine that is busy


def until(condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS, pause: float = 0.02) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(pause)


@dataclass
class Process:
    """A worker of this studio."""

    studio: Studio
    popen: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait()

    def end(self) -> int:
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(PATIENCE_SECONDS)


def environment(settings: Settings) -> dict[str, str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("ECOMGAN_")}
    return outside | {
        "ECOMGAN_HOME": str(settings.home),
        "ECOMGAN_DATABASE_URL": settings.database_url,
        "ECOMGAN_MODEL": str(settings.model),
        "ECOMGAN_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


@contextmanager
def worker(studio: Studio, name: str = "worker") -> Iterator[Process]:
    log = studio.settings.home / f"{name}.log"
    with open(log, "ab") as out:
        popen = subprocess.Popen(
            [sys.executable, "-m", "studio", "worker"],
            cwd=PROJECT,
            env=environment(studio.settings),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    process = Process(studio, popen, log)
    try:
        since = utc_now()
        until(lambda: popen.poll() is not None or is_ready(studio, since))
        assert popen.poll() is None, log.read_text()
        yield process
    finally:
        process.kill()


def is_ready(studio: Studio, since: object = None) -> bool:
    with studio.reading() as session:
        rows = session.scalars(sa.select(WorkerHeartbeat).where(WorkerHeartbeat.ready)).all()
        return any(since is None or row.started_at >= since for row in rows)


def ended(studio: Studio, actor: Actor, job_id: str) -> JobView:
    until(lambda: not job(studio, actor, job_id).active)
    return job(studio, actor, job_id)


def order_200(studio: Studio, actor: Actor) -> str:
    """Fifty products, four images each."""
    with studio.writing() as session:
        prefix = uuid4().hex[:8]
        rows = [Product(sku=f"{prefix}-{i}", title="Red dress", category="Dresses", colour="Red") for i in range(50)]
        session.add_all(rows)
        session.flush()
        ids = tuple(row.id for row in rows)
    return place_order(studio, actor, OrderRequest(product_ids=ids, number=4))


def all_200_are_there_once(studio: Studio, actor: Actor, job_id: str) -> bool:
    views = order_results(studio, actor, job_id)
    assert all(studio.storage.get(view.sha256) for view in views)
    wanted = sorted((brief_id, number) for brief_id in {view.brief_id for view in views} for number in range(4))
    return len(wanted) == 200 and sorted((view.brief_id, view.number) for view in views) == wanted


@pytest.fixture
def settings(settings: Settings, tiny_model: Path) -> Settings:
    return settings.model_copy(update={"model": tiny_model, "database_busy_seconds": 10.0})


def test_a_worker_that_is_killed_in_the_middle_goes_on_where_it_was(studio_on_both: Studio, editor: Actor) -> None:
    studio = studio_on_both
    with worker(studio) as process:
        job_id = order_200(studio, editor)
        until(lambda: job(studio, editor, job_id).done >= 20)
        process.kill()
        assert job(studio, editor, job_id).done < 200
    with worker(studio):
        view = ended(studio, editor, job_id)
    assert (view.state, view.done, view.error) == (JobState.DONE, 200, None)
    assert all_200_are_there_once(studio, editor, job_id)


def test_another_worker_takes_over_from_one_that_died(studio: Studio, editor: Actor) -> None:
    with worker(studio, "one") as one:
        (first,) = (view.name for view in workers(studio))
        with worker(studio, "two") as two:
            assert len({view.name for view in workers(studio)}) == 2
            job_id = order_200(studio, editor)
            until(lambda: job(studio, editor, job_id).done >= 8)
            dead = job(studio, editor, job_id).worker
            (one if dead == first else two).kill()
            with studio.writing() as session:  # spare the test the time until it counts as dead
                session.get_one(WorkerHeartbeat, dead).beat_at = utc_now() - GONE_AFTER
            view = ended(studio, editor, job_id)
    assert (view.state, view.done) == (JobState.DONE, 200)
    assert view.worker not in (dead, None)
    assert all_200_are_there_once(studio, editor, job_id)


@pytest.fixture(scope="module")
def warm(
    tmp_path_factory: pytest.TempPathFactory, empty_database: Callable[[Path], str], tiny_model: Path
) -> Iterator[tuple[Studio, Actor, Process]]:
    """One warm worker for the tests that leave it alive, with an editor."""
    home = tmp_path_factory.mktemp("home")
    studio = open_studio(Settings(home=home, database_url=empty_database(home), model=tiny_model))
    upgrade(studio.engine)
    migrate_queue(studio.settings.resolved_database_url)
    with studio.writing() as session:
        user = User(name="Edda", role=Role.EDITOR)
        session.add(user)
        session.flush()
        editor = Actor(user.id, user.name, user.role)
    with worker(studio) as process:
        yield studio, editor, process
    studio.close()


def test_a_worker_registers_the_starter_and_measures_it(warm: tuple[Studio, Actor, Process]) -> None:
    studio, editor, _ = warm
    model = champion(studio)
    with studio.reading() as session:
        assert (recorded_speed(session, model.id) or 0) > 0
    (view,) = workers(studio)
    assert (view.ready, view.alive) == (True, True)
    assert view.age_seconds < 10
    assert estimate(studio, editor, OrderRequest(prompt="red dress")).basis == "warm_up"


def test_the_first_images_of_an_order_are_there_long_before_its_last(warm: tuple[Studio, Actor, Process]) -> None:
    studio, editor, _ = warm
    job_id = place_order(studio, editor, OrderRequest(prompt="red dress", number=64))
    until(lambda: bool(order_results(studio, editor, job_id)), pause=0.005)
    assert job(studio, editor, job_id).active
    assert len(order_results(studio, editor, job_id)) < 64
    assert ended(studio, editor, job_id).state is JobState.DONE


def test_a_small_order_does_not_wait_for_a_large_one(warm: tuple[Studio, Actor, Process]) -> None:
    studio, editor, _ = warm
    large = order_200(studio, editor)
    until(lambda: job(studio, editor, large).done >= 8)
    small = place_order(studio, editor, OrderRequest(prompt="red dress", number=4))
    ended(studio, editor, small)
    assert job(studio, editor, large).active
    assert ended(studio, editor, large).state is JobState.DONE


def test_cancelling_lets_no_more_than_the_batch_in_hand_be_made(warm: tuple[Studio, Actor, Process]) -> None:
    studio, editor, _ = warm
    job_id = order_200(studio, editor)
    until(lambda: job(studio, editor, job_id).done >= 8)
    assert cancel_job(studio, editor, job_id) is JobState.CANCELLING
    done = job(studio, editor, job_id).done
    view = ended(studio, editor, job_id)
    assert view.state is JobState.CANCELLED
    assert len(order_results(studio, editor, job_id)) == view.done
    assert view.done - done <= 32  # what the chunk that was running had made before, and one batch


def test_a_worker_that_is_told_to_stop_finishes_its_step_and_hands_its_jobs_back(
    warm: tuple[Studio, Actor, Process],
) -> None:
    studio, editor, process = warm  # the last test of this worker
    job_id = order_200(studio, editor)
    until(lambda: job(studio, editor, job_id).done >= 8)
    assert process.end() == 0, process.log.read_text()
    assert workers(studio) == []
    view = job(studio, editor, job_id)
    assert view.state is JobState.RUNNING
    assert len(order_results(studio, editor, job_id)) == view.done < 200
    with studio.reading() as session:
        assert workflow_state(session, job_id) == ("ENQUEUED", "orders")


def test_a_worker_without_a_model_waits_for_it_and_says_so(
    studio: Studio, tiny_model: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    folder, stop = tmp_path / "starter", threading.Event()
    without = replace(studio, settings=studio.settings.model_copy(update={"model": folder}))
    thread = threading.Thread(target=Worker(without, "here", torch.device("cpu")).work, args=(stop,))
    thread.start()
    try:
        until(lambda: "has no model" in caplog.text)
        assert str(folder) in caplog.text
        assert [(view.name, view.ready) for view in workers(studio)] == [("here", False)]
        shutil.copytree(tiny_model, tmp_path / "copy")
        (tmp_path / "copy").rename(folder)
        until(lambda: workers(studio)[0].ready)
    finally:
        stop.set()
        thread.join(PATIENCE_SECONDS)
    assert workers(studio) == []


PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-m", "studio", "worker"], stdin=subprocess.PIPE,
                         env=os.environ | {sys.argv[1]: str(os.getpid())})
print(child.pid, flush=True)
time.sleep(600)
"""


def test_a_worker_does_not_outlive_its_parent(studio: Studio) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, ENVIRONMENT],
        cwd=PROJECT,
        env=environment(studio.settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    try:
        until(lambda: is_ready(studio))
        parent.kill()
        until(lambda: workers(studio) == [], seconds=20.0)  # it left in order
        until(lambda: not Path(f"/proc/{child}").exists() or is_zombie(child), seconds=20.0)
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()


def is_zombie(pid: int) -> bool:
    """Whether the process has ended, but nobody has asked for its status yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True
