"""A worker that is killed and never started again is noticed, and its jobs of every queue go on within 30 seconds."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from db.tables import Job, JobEvent, JobState, WorkerHeartbeat, utc_now
from studio.bootstrap import Studio
from studio.roles import Actor
from studio.settings import PROJECT, Settings
from studio.work import heartbeat
from studio.work.heartbeat import Heartbeat, alive_workers
from studio.work.jobs import IMAGES, IMPORT, TRAINING, add_job
from studio.work.queue import Runner, Steps
from studio.work.takeover import Takeover, told_of

pytestmark = pytest.mark.slow
BOUND_SECONDS = 30.0
KINDS = (IMAGES, IMPORT, TRAINING)  # one of each queue

DOOMED = """
import time
from studio.bootstrap import open_studio
from studio.work.heartbeat import Heartbeat
from studio.work.job_rows import take_up
from studio.work.queue import Runner
from studio.settings import Settings

studio = open_studio(Settings())

def begin(job_id):
    with studio.writing() as session:
        return take_up(session, job_id, "doomed") is not None

def body(steps, job_id):
    steps.run("begin", begin, job_id)
    while True:
        steps.run("wait", time.sleep, 0.2)

bodies = dict.fromkeys(("images", "import", "training"), body)
runner = Runner(studio.settings.resolved_database_url, executor="doomed", bodies=bodies)
with Heartbeat(studio, "doomed", "CPU"):
    runner.start()
    time.sleep(600)
"""


def until(condition: Callable[[], bool], seconds: float = 300.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"database_busy_seconds": 10.0})


def test_jobs_of_a_worker_that_dies_for_good_go_on_elsewhere_within_30_seconds(
    studio_on_both: Studio, admin: Actor
) -> None:
    studio = studio_on_both
    with studio.writing() as session:
        jobs = {
            add_job(studio, session, kind=kind, title=kind, owner=admin, total=9, estimate_seconds=None).id: kind
            for kind in KINDS
        }
    place = {"ECOMGAN_HOME": str(studio.settings.home), "ECOMGAN_DATABASE_URL": studio.settings.database_url}
    doomed = subprocess.Popen([sys.executable, "-c", DOOMED], cwd=PROJECT, env=os.environ | place)
    taken: dict[str, float] = {}

    def go_on(steps: Steps, job_id: str) -> None:
        taken[jobs[job_id]] = time.monotonic()

    bodies = {kind: told_of(studio, "other", go_on) for kind in KINDS}
    try:
        until(lambda: doomed.poll() is not None or all(state is JobState.RUNNING for state in states(studio)))
        assert doomed.poll() is None
        runner = Runner(studio.settings.resolved_database_url, executor="other", bodies=bodies)
        with Heartbeat(studio, "other", "CPU"):
            runner.start()
            with Takeover(studio, runner):
                time.sleep(5.0)
                assert not taken  # it lives, and keeps what it has
                doomed.send_signal(signal.SIGKILL)
                died = time.monotonic()
                until(lambda: len(taken) == len(KINDS))
            runner.stop(5.0)
    finally:
        doomed.kill()
        doomed.wait()
    seconds = {kind: at - died for kind, at in taken.items()}
    assert max(seconds.values()) < BOUND_SECONDS, seconds
    with studio.reading() as session:
        told = session.execute(sa.select(Job.worker, JobEvent.text).join(Job, Job.id == JobEvent.job_id)).all()
    assert told.count(("other", "Goes on on other.")) == len(KINDS)


def states(studio: Studio) -> list[JobState]:
    with studio.reading() as session:
        return list(session.scalars(sa.select(Job.state)))


@pytest.mark.parametrize("database", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_a_worker_whose_machine_has_a_wrong_clock_is_not_taken_for_dead(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = utc_now() - dt.timedelta(minutes=5)
    monkeypatch.setattr(heartbeat, "utc_now", lambda: late)
    with Heartbeat(studio, "late", "CPU"), studio.reading() as session:
        assert session.get_one(WorkerHeartbeat, "late").started_at == late
        assert alive_workers(session) == {"late"}
