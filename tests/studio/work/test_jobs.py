"""Jobs can be followed, cancelled by those who may, and retried for what they left out."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.tables import Job, JobState, WorkerHeartbeat, utc_now
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, NotFound, NotSignedIn
from studio.making.orders import OrderRequest, place_order
from studio.models.in_use import register_starter
from studio.roles import Actor
from studio.settings import Settings
from studio.work.jobs import ENGINE, LOOKS, REPRODUCE, add_job, cancel_job, job, job_log, list_jobs, workers
from studio.work.retrying import ELSEWHERE, INSTEAD, may_be_retried, retry_job


@pytest.fixture
def settings(settings: Settings, tiny_model: Path) -> Settings:
    return settings.model_copy(update={"model": tiny_model})


@pytest.fixture
def studio(studio: Studio) -> Studio:
    register_starter(studio)
    return studio


def order(studio: Studio, actor: Actor, number: int = 4) -> str:
    return place_order(studio, actor, OrderRequest(prompt="red dress", number=number))


def put(studio: Studio, job_id: str, **values: object) -> None:
    with studio.writing() as session:
        session.execute(sa.update(Job).where(Job.id == job_id).values(**values))


def report_in(studio: Studio, name: str, ago: dt.timedelta = dt.timedelta(0)) -> None:
    with studio.writing() as session:
        now = utc_now() - ago
        session.add(WorkerHeartbeat(worker=name, device="CPU", ready=True, started_at=now, beat_at=now))


def texts(studio: Studio, actor: Actor, job_id: str) -> list[str]:
    return [line.text for line in job_log(studio, actor, job_id)]


def test_jobs_are_listed_newest_first_page_by_page(studio_on_both: Studio, editor: Actor, viewer: Actor) -> None:
    ids = [order(studio_on_both, editor) for _ in range(5)]
    first = list_jobs(studio_on_both, viewer, limit=2)
    second = list_jobs(studio_on_both, viewer, limit=9, before=first[-1].id)
    assert [view.id for view in first + second] == ids[::-1]
    assert first[0].owner == editor.name


def test_jobs_are_listed_by_state(studio: Studio, editor: Actor) -> None:
    kept, cancelled = order(studio, editor), order(studio, editor)
    cancel_job(studio, editor, cancelled)
    assert [view.id for view in list_jobs(studio, editor, JobState.QUEUED)] == [kept]
    assert [view.id for view in list_jobs(studio, editor, JobState.CANCELLED)] == [cancelled]


def test_a_job_that_waits_is_cancelled_at_once(studio_on_both: Studio, editor: Actor) -> None:
    job_id = order(studio_on_both, editor)
    assert cancel_job(studio_on_both, editor, job_id) is JobState.CANCELLED
    view = job(studio_on_both, editor, job_id)
    assert view.finished_at is not None
    assert view.seconds_left is None
    assert texts(studio_on_both, editor, job_id) == ["Ordered by Edda.", "Cancelled by Edda."]


def test_a_running_job_is_stopped_by_its_worker(studio: Studio, editor: Actor) -> None:
    job_id = order(studio, editor)
    report_in(studio, "w")
    put(studio, job_id, state=JobState.RUNNING, worker="w")
    assert cancel_job(studio, editor, job_id) is JobState.CANCELLING


def test_a_job_of_a_worker_that_is_gone_is_cancelled_at_once(studio: Studio, editor: Actor) -> None:
    job_id = order(studio, editor)
    report_in(studio, "w", ago=dt.timedelta(seconds=30))
    put(studio, job_id, state=JobState.RUNNING, worker="w")
    assert cancel_job(studio, editor, job_id) is JobState.CANCELLED


def test_what_is_over_cannot_be_cancelled(studio: Studio, editor: Actor) -> None:
    job_id = order(studio, editor)
    put(studio, job_id, state=JobState.DONE)
    with pytest.raises(Conflict, match="already done"):
        cancel_job(studio, editor, job_id)


def test_other_peoples_jobs_are_for_managers(studio: Studio, editor: Actor, reviewer: Actor, manager: Actor) -> None:
    job_id = order(studio, editor)
    for attempt in (cancel_job, retry_job):
        with pytest.raises(Forbidden, match="Edda"):
            attempt(studio, reviewer, job_id)
    assert cancel_job(studio, manager, job_id) is JobState.CANCELLED
    assert retry_job(studio, manager, job_id)


def test_a_retry_is_a_new_job_for_what_is_missing(studio: Studio, editor: Actor) -> None:
    first = order(studio, editor, number=6)
    put(studio, first, state=JobState.FAILED, estimate_seconds=12.0)
    second = retry_job(studio, editor, first)
    view = job(studio, editor, second)
    assert (view.state, view.total, view.done, view.retry_of_id, view.seconds_left) == (
        JobState.QUEUED,
        6,
        0,
        first,
        12.0,
    )
    with pytest.raises(Conflict, match="Another attempt"):
        retry_job(studio, editor, first)
    cancel_job(studio, editor, second)
    assert job(studio, editor, retry_job(studio, editor, second)).retry_of_id == first


def test_of_two_who_retry_at_once_one_is_refused(studio_on_both: Studio, editor: Actor) -> None:
    first = order(studio_on_both, editor, number=6)
    put(studio_on_both, first, state=JobState.FAILED)

    def attempt(_: int) -> str:
        try:
            return retry_job(studio_on_both, editor, first)
        except Conflict as refusal:
            return refusal.message

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(attempt, range(4)))
    assert sum("Another attempt" in one for one in told) == 3


@pytest.mark.parametrize("kind", [*INSTEAD, ENGINE, LOOKS, REPRODUCE])
def test_work_that_is_no_order_is_begun_again_elsewhere(studio: Studio, admin: Actor, kind: str) -> None:
    with studio.writing() as session:
        row = add_job(studio, session, kind=kind, title="t", owner=admin, total=1, estimate_seconds=None)
        row.state = JobState.FAILED
        job_id = row.id
    assert not may_be_retried(kind)
    with pytest.raises(Conflict) as refused:
        retry_job(studio, admin, job_id)
    assert refused.value.message == INSTEAD.get(kind, ELSEWHERE)


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.CANCELLING, JobState.DONE])
def test_only_what_failed_or_was_cancelled_is_retried(studio: Studio, editor: Actor, state: JobState) -> None:
    job_id = order(studio, editor)
    put(studio, job_id, state=state)
    with pytest.raises(Conflict, match=state.value):
        retry_job(studio, editor, job_id)


def test_what_is_left_to_wait_follows_the_jobs_own_speed(studio: Studio, editor: Actor) -> None:
    job_id = order(studio, editor, number=10)
    put(studio, job_id, state=JobState.RUNNING, worker="w", done=4, compute_seconds=2.0, estimate_seconds=99.0)
    assert job(studio, editor, job_id).seconds_left == pytest.approx(3.0)
    put(studio, order(studio, editor), state=JobState.RUNNING, worker="w")
    assert job(studio, editor, job_id).seconds_left == pytest.approx(6.0)  # two jobs take turns


def test_workers_are_shown_by_their_last_report(studio: Studio) -> None:
    report_in(studio, "alive")
    report_in(studio, "gone", ago=dt.timedelta(minutes=1))
    assert [(view.name, view.alive) for view in workers(studio)] == [("alive", True), ("gone", False)]


@pytest.mark.parametrize("ask", [job, job_log, cancel_job, retry_job])
def test_a_job_that_is_not_there_is_told(studio: Studio, editor: Actor, ask: object) -> None:
    with pytest.raises(NotFound, match="no job 'nope'"):
        ask(studio, editor, "nope")  # type: ignore[operator]


@pytest.mark.parametrize("act", [cancel_job, retry_job])
def test_viewers_only_look(studio: Studio, editor: Actor, viewer: Actor, act: object) -> None:
    job_id = order(studio, editor)
    assert job(studio, viewer, job_id).id == job_id
    with pytest.raises(Forbidden, match="editor"):
        act(studio, viewer, job_id)  # type: ignore[operator]
    with pytest.raises(NotSignedIn):
        act(studio, None, job_id)  # type: ignore[operator]
