"""The durable queue: the only module that knows DBOS.

A job is a workflow whose id is the job's id. Its body is an ordinary function `body(steps, job_id)` that does its work
in `steps.run(...)`: a step that finished is never run again, whatever dies meanwhile.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from dbos import (
    DBOS,
    DBOSClient,
    DBOSConfig,
    DBOSPortableJSONSerializer,
    PortableWorkflowError,
    WorkflowSerializationFormat,
    WorkflowStatus,
)
from sqlalchemy.orm import Session

from studio.errors import DatabaseBusy, StorageError, StudioError
from studio.work.gate import Gate

ORDERS = "orders"
"""The queue of image orders."""
IMPORTS = "imports"
"""The queue of catalogue files."""
TRAININGS = "trainings"
"""The queue of trainings: one at a time on a worker, beside the orders."""
RECALLS = "recalls"
"""The queue of recalls: bad images must not wait behind orders or imports."""
SCORINGS = "scorings"
"""The queue of scores that come after an image was made: one job at a time, which gives way to orders."""
PREPARATIONS = "preparations"
"""The queue of what makes pictures easier to find: nobody waits for it."""
PASSING = (StorageError, DatabaseBusy)
"""Faults that are worth another try."""

_log = logging.getLogger(__name__)
_APPLICATION = "ecomgan-studio"
# Pinned: with the version that DBOS derives from the code, an update would strand the jobs that are running.
_VERSION = "1"
# So many orders share one worker, chunk by chunk: a small order never waits for the end of a large one.
_AT_ONCE = {ORDERS: 4, IMPORTS: 1, TRAININGS: 1, RECALLS: 1, SCORINGS: 1, PREPARATIONS: 1}
_POLLING_SECONDS = 0.1
_PAUSES_SECONDS = (0.5, 1.0)
_LOST_SECONDS = 10.0
# Each dispatch counts; a job that takes its worker down with it must not do so for ever.
_MAX_RECOVERIES = 20

Body = Callable[["Steps", str], None]
R = TypeVar("R")


def migrate(url: sa.URL) -> None:
    """Make or update the queue's own tables: in the same SQLite file, or in the schema `dbos` of PostgreSQL."""
    _quieten()
    DBOS.migrate(_text(url))


class Queue:
    """The door through which pages put jobs into the queue. Connects at the first use."""

    def __init__(self, url: sa.URL) -> None:
        self._client = _client(url)

    def enqueue(self, session: Session, job_id: str, *, queue: str, function: str, priority: int) -> None:
        """Put a job into the queue inside the caller's transaction: both happen or neither.

        `function` is the name of a body of the worker; a smaller `priority` (at least 1) goes first.
        """
        self._client.enqueue_in_transaction(
            session,
            {
                "workflow_name": function,
                "queue_name": queue,
                "workflow_id": job_id,
                "workflow_id_reuse_policy": "reject",  # the default would hand out the old result
                "app_version": _VERSION,
                "priority": priority,
                "serialization_type": WorkflowSerializationFormat.PORTABLE,
            },
            job_id,
        )

    def close(self) -> None:
        """Give the connections back."""
        self._client.destroy()


class StepFailed(Exception):
    """A step gave up. The message is for people."""


@dataclass(frozen=True)
class Steps:
    """The steps of one workflow that is running. Bodies must ask for the same steps in the same order every time."""

    _gate: Gate

    @property
    def stopping(self) -> bool:
        """Whether the worker is to stop: a long step ends early then, in a way that a further step can go on from."""
        return self._gate.closed

    def run(self, name: str, function: Callable[..., R], *args: Any) -> R:
        """The result of `function(*args)`, which must be JSON; on a later run, the result it had then.

        After faults that may pass it is tried again, three times in all. Raises StepFailed with the error's message.
        """

        def attempts() -> R:
            try:
                return _retried(function, args)
            except Exception as problem:
                raise StepFailed(_in_plain_words(problem)) from problem

        with self._gate.step():
            try:
                return DBOS.run_step({"name": name}, attempts)
            except PortableWorkflowError as recorded:  # how a StepFailed comes back on a later run
                raise StepFailed(recorded.message) from None


def _retried(function: Callable[..., R], args: tuple[Any, ...]) -> R:
    for pause in _PAUSES_SECONDS:
        try:
            return function(*args)
        except PASSING as problem:
            _log.warning("trying again in %s s after: %s", pause, problem)
            time.sleep(pause)
    return function(*args)


def _in_plain_words(problem: Exception) -> str:
    if isinstance(problem, StudioError):
        return problem.message
    _log.error("a step failed unexpectedly", exc_info=problem)
    return f"Something unexpected went wrong ({type(problem).__name__}: {problem}). The worker's log has the details."


class Runner:
    """The worker's side: takes jobs from the queues and runs their bodies in threads. One in a process."""

    def __init__(self, url: sa.URL, *, executor: str, bodies: Mapping[str, Body]) -> None:
        self._url, self._executor, self._bodies = url, executor, bodies
        self._gate = Gate()
        self._bodies_running: set[str] = set()
        self._idle_since: dict[str, float] = {}

    def start(self) -> None:
        """Begin to run jobs, first those that this executor left unfinished when it died."""
        config: DBOSConfig = {
            "name": _APPLICATION,
            "system_database_url": _text(self._url),
            "application_version": _VERSION,
            "executor_id": self._executor,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
            "run_migrations": False,
        }
        _quieten()
        DBOS(config=config)
        for name, body in self._bodies.items():
            DBOS.workflow(
                name=name,
                max_recovery_attempts=_MAX_RECOVERIES,
                serialization_type=WorkflowSerializationFormat.PORTABLE,
            )(self._workflow(body))
        DBOS.launch()
        for queue, at_once in _AT_ONCE.items():
            DBOS.register_queue(
                queue, worker_concurrency=at_once, polling_interval_sec=_POLLING_SECONDS, on_conflict="always_update"
            )

    def _workflow(self, body: Body) -> Callable[[str], None]:
        def workflow(job_id: str) -> None:
            self._bodies_running.add(job_id)
            try:
                body(Steps(self._gate), job_id)
            finally:
                self._bodies_running.discard(job_id)

        return workflow

    def rescue(self, alive: Collection[str]) -> list[str]:
        """Put the running jobs of all executors that are not in `alive` back into the queue; returns their ids.

        An executor that was wrongly thought dead can no longer record steps of these jobs. Also those of this executor
        that no thread has run for ten seconds, since their end could not be recorded (a full disk); so long because a
        job that was just taken has no thread yet.
        """
        running = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        present = {self._executor, *alive}
        left = {row.workflow_id for row in running if row.executor_id not in present}
        mine = {row.workflow_id for row in running if row.executor_id == self._executor}
        now = time.monotonic()
        self._idle_since = {job_id: self._idle_since.get(job_id, now) for job_id in mine - self._bodies_running}
        left |= {job_id for job_id, since in self._idle_since.items() if now - since > _LOST_SECONDS}
        for queue, job_ids in _by_queue(row for row in running if row.workflow_id in left).items():
            DBOS.resume_workflows(job_ids, queue_name=queue)
        return sorted(left)

    def ended(self, job_ids: Collection[str]) -> set[str]:
        """Those of the jobs whose workflow will not run any further, whatever the reason."""
        if not job_ids:
            return set()
        going = ("ENQUEUED", "DELAYED", "PENDING")
        rows = DBOS.list_workflows(workflow_ids=list(job_ids), load_input=False, load_output=False)
        return set(job_ids) - {row.workflow_id for row in rows if row.status in going}

    def forget(self, older_than: dt.timedelta) -> int:
        """Remove the records of workflows that ended that long ago (the jobs' own rows stay); returns their number."""
        rows = DBOS.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"],
            completed_before=(dt.datetime.now(dt.UTC) - older_than).isoformat(),
            limit=1000,
            load_input=False,
            load_output=False,
        )
        DBOS.delete_workflows([row.workflow_id for row in rows])
        return len(rows)

    def stop(self, patience_seconds: float) -> bool:
        """Let the running steps end, then hand unfinished jobs back to the queue. False when a step took too long.

        Threads of handed-back jobs may outlive this call; the process should end next.
        """
        finished = self._gate.close(patience_seconds)
        DBOS.destroy(destroy_registry=True)
        client = _client(self._url)
        try:
            mine = client.list_workflows(
                status="PENDING", executor_id=self._executor, load_input=False, load_output=False
            )
            for queue, job_ids in _by_queue(mine).items():
                client.resume_workflows(job_ids, queue_name=queue)
        finally:
            client.destroy()
        self._gate.release()
        return finished


def _by_queue(rows: Iterable[WorkflowStatus]) -> dict[str, list[str]]:
    """The ids of workflows by the queue that they came from, sorted."""
    found: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda row: row.workflow_id):
        found.setdefault(row.queue_name or ORDERS, []).append(row.workflow_id)
    return found


def _client(url: sa.URL) -> DBOSClient:
    _quieten()
    return DBOSClient(
        system_database_url=_text(url),
        serializer=DBOSPortableJSONSerializer(),
        application_name=_APPLICATION,
        lazy=True,
    )


def _text(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)


def _quieten() -> None:
    """DBOS tells its whole start, and on SQLite advises against it, which is how this studio begins on purpose."""
    logging.getLogger("dbos").setLevel(logging.WARNING)
