"""Jobs go in with their rows, run step by step, and outlive their worker."""

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from db.tables import TeamSetting
from studio.bootstrap import Studio
from studio.errors import InputError, StorageError
from studio.work.queue import ORDERS, TRAININGS, Body, Queue, Runner, StepFailed, Steps
from tests.studio.workflow_rows import workflow_state, workflow_table


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def running(studio: Studio, body: Body, executor: str = "one") -> Iterator[Runner]:
    runner = Runner(studio.settings.resolved_database_url, executor=executor, bodies={"body": body})
    runner.start()
    try:
        yield runner
    finally:
        runner.stop(patience_seconds=5.0)


def enqueue(studio: Studio, job_id: str, priority: int = 1, queue: str = ORDERS) -> None:
    with studio.writing() as session:
        studio.queue.enqueue(session, job_id, queue=queue, function="body", priority=priority)


def test_a_job_runs_its_steps_in_order(studio_on_both: Studio) -> None:
    seen: list[object] = []

    def body(steps: Steps, job_id: str) -> None:
        chunks = steps.run("plan", lambda: [[1, 2], [3]])
        for chunk in chunks:
            seen.append(steps.run("chunk", sum, chunk))
        seen.append(job_id)

    enqueue(studio_on_both, "job-1")
    with running(studio_on_both, body) as runner:
        until(lambda: runner.ended(["job-1"]) == {"job-1"})
    assert seen == [3, 3, "job-1"]


def test_a_job_and_its_rows_go_in_together_or_not_at_all(studio_on_both: Studio) -> None:
    ran: list[str] = []

    def attempt(name: str, fails: bool) -> None:
        with studio_on_both.writing() as session:
            session.add(TeamSetting(name=name, value={}))
            session.flush()
            studio_on_both.queue.enqueue(session, name, queue=ORDERS, function="body", priority=1)
            if fails:
                raise InputError("no")

    with pytest.raises(InputError):
        attempt("refused", fails=True)
    attempt("kept", fails=False)
    with running(studio_on_both, lambda steps, job_id: ran.append(job_id)) as runner:
        until(lambda: runner.ended(["kept"]) == {"kept"})
        assert runner.ended(["refused"]) == {"refused"}
    with studio_on_both.reading() as session:
        assert session.scalars(sa.select(TeamSetting.name)).all() == ["kept"]
    assert ran == ["kept"]


def test_smaller_numbers_go_first(studio: Studio) -> None:
    ran: list[str] = []
    for name, priority in (("last", 30), ("second", 20), ("first", 10)):
        enqueue(studio, name, priority)
    with running(studio, lambda steps, job_id: ran.append(job_id)):
        until(lambda: len(ran) == 3)
    assert ran == ["first", "second", "last"]


def test_a_step_is_tried_three_times_then_told_in_plain_words(studio: Studio) -> None:
    tries: list[float] = []
    told: list[str] = []

    def step() -> None:
        tries.append(time.monotonic())
        raise StorageError("The disk does not answer.")

    def body(steps: Steps, job_id: str) -> None:
        try:
            steps.run("save", step)
        except StepFailed as failure:
            told.append(str(failure))

    enqueue(studio, "job")
    with running(studio, body):
        until(lambda: bool(told))
    assert told == ["The disk does not answer."]
    assert len(tries) == 3


def test_a_bug_is_named_and_not_tried_again(studio: Studio) -> None:
    told: list[str] = []

    def body(steps: Steps, job_id: str) -> None:
        try:
            steps.run("divide", lambda: 1 // 0)
        except StepFailed as failure:
            told.append(str(failure))

    enqueue(studio, "job")
    with running(studio, body):
        until(lambda: bool(told))
    assert "ZeroDivisionError" in told[0]


def test_stopping_lets_the_step_end_and_hands_the_job_back(studio_on_both: Studio) -> None:
    begun, go_on = threading.Event(), threading.Event()
    done: list[int] = []

    def step(number: int) -> int:
        begun.set()
        go_on.wait(10)
        done.append(number)
        return number

    def body(steps: Steps, job_id: str) -> None:
        for number in range(3):
            steps.run("step", step, number)

    enqueue(studio_on_both, "job")
    with running(studio_on_both, body):
        assert begun.wait(20)
        threading.Timer(0.3, go_on.set).start()
    assert done == [0]
    with running(studio_on_both, body, executor="two") as runner:
        until(lambda: runner.ended(["job"]) == {"job"})
    assert done == [0, 1, 2]


def test_a_long_step_learns_that_the_worker_stops_and_goes_on_elsewhere(studio_on_both: Studio) -> None:
    begun = threading.Event()
    ended: list[str] = []

    def body(steps: Steps, job_id: str) -> None:
        def stretch() -> str:
            begun.set()
            deadline = time.monotonic() + 10
            while not steps.stopping and not ended and time.monotonic() < deadline:
                time.sleep(0.01)
            ended.append("interrupted" if steps.stopping else "whole")
            return ended[-1]

        while steps.run("stretch", stretch) == "interrupted":
            pass

    enqueue(studio_on_both, "job", queue=TRAININGS)
    with running(studio_on_both, body):
        assert begun.wait(20)
    assert ended == ["interrupted"]
    with studio_on_both.reading() as session:
        assert workflow_state(session, "job") == ("ENQUEUED", TRAININGS)
    with running(studio_on_both, body, executor="two") as runner:
        until(lambda: runner.ended(["job"]) == {"job"})
    assert ended == ["interrupted", "whole"]


def test_one_training_runs_at_a_time_beside_the_orders(studio: Studio) -> None:
    running_now: list[str] = []
    most: list[list[str]] = []
    go_on = threading.Event()

    def body(steps: Steps, job_id: str) -> None:
        def step() -> None:
            running_now.append(job_id)
            most.append(sorted(running_now))
            go_on.wait(10)
            running_now.remove(job_id)

        steps.run("step", step)

    for name in ("training-1", "training-2"):
        enqueue(studio, name, queue=TRAININGS)
    with running(studio, body) as runner:
        until(lambda: bool(running_now))
        enqueue(studio, "order")
        until(lambda: "order" in running_now)
        time.sleep(0.3)  # time in which a second training would start
        go_on.set()
        until(lambda: runner.ended(["training-1", "training-2", "order"]) == {"training-1", "training-2", "order"})
    assert all(len([name for name in names if name.startswith("training")]) <= 1 for names in most)


def test_a_failed_step_is_told_the_same_way_after_a_restart(studio: Studio) -> None:
    told: list[str] = []
    hold = threading.Event()

    def refuse() -> None:
        raise InputError("The text names nothing.")

    def body(steps: Steps, job_id: str) -> None:
        try:
            steps.run("refuse", refuse)
        except StepFailed as failure:
            told.append(str(failure))
            hold.wait(10)
            steps.run("tell", lambda: None)

    enqueue(studio, "job")
    with running(studio, body) as first:
        until(lambda: len(told) == 1)
        threading.Timer(0.2, hold.set).start()
        first.stop(5.0)  # before "tell" has run
    with running(studio, body) as second:
        until(lambda: second.ended(["job"]) == {"job"})
    assert told == ["The text names nothing."] * 2


def test_jobs_of_a_worker_that_is_gone_are_taken_over(studio_on_both: Studio) -> None:
    ran: list[str] = []
    enqueue(studio_on_both, "job")
    with studio_on_both.writing() as session:  # as a worker that was killed leaves it
        table = workflow_table(session)
        session.execute(sa.text(f"UPDATE {table} SET status = 'PENDING', executor_id = 'dead', owner_xid = 'x'"))
    with running(studio_on_both, lambda steps, job_id: ran.append(job_id)) as runner:
        assert runner.rescue({"dead"}) == []  # it still reports in
        assert runner.rescue(set()) == ["job"]
        until(lambda: ran == ["job"])
        assert runner.rescue(set()) == []


def test_records_of_old_workflows_are_removed(studio: Studio) -> None:
    enqueue(studio, "job")
    with running(studio, lambda steps, job_id: None) as runner:
        until(lambda: runner.ended(["job"]) == {"job"})
        assert runner.forget(dt.timedelta(days=1)) == 0
        assert runner.forget(dt.timedelta(seconds=-5)) == 1


def test_the_same_job_is_not_enqueued_twice(studio: Studio) -> None:
    enqueue(studio, "job")
    with pytest.raises(Exception, match="job"):
        enqueue(studio, "job")


def test_a_queue_can_be_closed_before_its_first_use(studio: Studio) -> None:
    Queue(studio.settings.resolved_database_url).close()
