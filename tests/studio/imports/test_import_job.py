"""A catalogue file is checked step by step: nothing is lost or doubled when the worker dies, memory stays flat."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db.tables import ImportRow, JobState, Product
from studio.bootstrap import Studio
from studio.errors import DatabaseBusy, StudioError
from studio.imports import staging
from studio.imports.catalogue_import import apply_import, check_again, find_import, start_import
from studio.imports.job import Importer
from studio.roles import Actor
from studio.work.jobs import IMPORT, cancel_job, job, job_log
from studio.work.queue import Runner, StepFailed

ROOT = Path(__file__).resolve().parents[3]


class Killed(BaseException):
    """The worker dies here."""


@dataclass
class Inline:
    """Runs the steps at once, as the queue would. `before` may look at each, and kill; `kept` are results of a run
    before this one.
    """

    before: Callable[[str], None]
    kept: list[Any]
    at: int = 0

    def run(self, name: str, function: Callable[..., Any], *args: Any) -> Any:
        self.at += 1
        if self.at <= len(self.kept):
            return self.kept[self.at - 1]
        self.before(name)
        try:
            result = json.loads(json.dumps(function(*args)))
        except StudioError as error:
            raise StepFailed(error.message) from error
        self.kept.append(result)
        return result


def work(
    studio: Studio, job_id: str, before: Callable[[str], None] = lambda name: None, kept: list[Any] | None = None
) -> None:
    steps = Inline(before, [] if kept is None else kept)
    Importer(studio, "here").body(steps, job_id)  # type: ignore[arg-type]


def once(step: str, number: int, then: Callable[[], object]) -> Callable[[str], None]:
    """Does `then` before the step of that name comes for that time."""
    seen: list[str] = []

    def before(name: str) -> None:
        seen.append(name)
        if name == step and seen.count(step) == number:
            then()

    return before


def die() -> None:
    raise Killed


def started(studio: Studio, actor: Actor, data: bytes) -> tuple[int, str]:
    import_id = start_import(studio, actor, data, "a.csv")
    of_import = find_import(studio, actor, import_id).job
    assert of_import is not None
    return import_id, of_import.id


def table(rows: int) -> bytes:
    return ("sku,title,category\n" + "".join(f"S{n},Shirt {n},Shirts\n" for n in range(rows))).encode()


def staged(studio: Studio) -> list[int]:
    with studio.reading() as session:
        return list(session.scalars(sa.select(ImportRow.row).order_by(ImportRow.row)))


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "CHUNK", 10)
    monkeypatch.setattr("studio.imports.job.CHUNK", 10)


def test_the_job_counts_rows_and_tells_how_it_went(studio_on_both: Studio, editor: Actor) -> None:
    studio = studio_on_both
    import_id, job_id = started(studio, editor, table(25))
    seen: list[tuple[int, int]] = []

    def look(name: str) -> None:
        if name == "chunk":
            view = job(studio, editor, job_id)
            seen.append((view.done, view.total))

    work(studio, job_id, look)
    assert seen == [(0, 25), (10, 25), (20, 25)]
    view = job(studio, editor, job_id)
    assert (view.state, view.done, view.total, view.worker) == (JobState.DONE, 25, 25, "here")
    assert "25 new, 0 changed" in job_log(studio, editor, job_id)[-1].text
    assert find_import(studio, editor, import_id).new == 25


def test_the_queue_hands_imports_to_the_worker(studio_on_both: Studio, editor: Actor) -> None:
    studio = studio_on_both
    import_id, job_id = started(studio, editor, table(25))
    bodies = {IMPORT: Importer(studio, "one").body}
    runner = Runner(studio.settings.resolved_database_url, executor="one", bodies=bodies)
    runner.start()
    try:
        deadline = time.monotonic() + 120
        while job(studio, editor, job_id).active:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        runner.stop(patience_seconds=5.0)
    assert apply_import(studio, editor, import_id).new == 25


@pytest.mark.parametrize("step", ["chunk", "families", "finish"])
def test_a_worker_that_dies_leaves_an_import_that_goes_on(studio: Studio, editor: Actor, step: str) -> None:
    import_id, job_id = started(studio, editor, table(35) + b"S3,again,Shirts\n")
    kept: list[Any] = []
    with pytest.raises(Killed):
        work(studio, job_id, once(step, 3 if step == "chunk" else 1, die), kept)
    work(studio, job_id, kept=kept)
    shown = find_import(studio, editor, import_id)
    assert (shown.rows, shown.new, shown.refused) == (36, 34, 2)
    assert staged(studio) == list(range(2, 38))


def test_a_chunk_whose_end_was_not_recorded_is_not_doubled(studio: Studio, editor: Actor) -> None:
    import_id, job_id = started(studio, editor, table(35))
    importer = Importer(studio, "here")
    importer.begin(job_id)
    importer.stage_chunk(import_id, 0)
    importer.stage_chunk(import_id, 1)
    other = Importer(studio, "there")
    other.stage_chunk(import_id, 1)
    assert staged(studio) == list(range(2, 22))
    for one in (importer, other):
        one.stager.close(import_id)


def test_a_busy_database_loses_no_row(studio: Studio, editor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id, job_id = started(studio, editor, table(25))
    importer = Importer(studio, "here")
    importer.begin(job_id)
    importer.stage_chunk(import_id, 0)

    def busy(*_: object) -> None:
        raise DatabaseBusy("busy")

    with monkeypatch.context() as patch:
        patch.setattr("studio.imports.job.store_chunk", busy)
        with pytest.raises(DatabaseBusy):
            importer.stage_chunk(import_id, 1)
    importer.stage_chunk(import_id, 1)
    assert staged(studio) == list(range(2, 22))
    importer.stager.close(import_id)


def test_a_cancelled_import_leaves_nothing_and_can_be_checked_again(studio: Studio, editor: Actor) -> None:
    import_id, job_id = started(studio, editor, table(50))

    def cancel() -> None:
        cancel_job(studio, editor, job_id)
        with studio.writing() as session:  # as for a worker that reports in
            session.execute(sa.text("UPDATE jobs SET state = 'cancelling'"))

    work(studio, job_id, once("chunk", 3, cancel))
    assert job(studio, editor, job_id).state is JobState.CANCELLED
    assert staged(studio) == []
    assert find_import(studio, editor, import_id).staged_at is None
    check_again(studio, editor, import_id)
    again = find_import(studio, editor, import_id).job
    assert again is not None
    work(studio, again.id)
    assert apply_import(studio, editor, import_id).new == 50


def test_a_file_that_breaks_off_fails_with_its_reason_and_leaves_nothing(studio: Studio, editor: Actor) -> None:
    data = table(300) + b'S-LAST,"never closed,Shirts\n'
    import_id, job_id = started(studio, editor, data)
    work(studio, job_id)
    view = job(studio, editor, job_id)
    assert view.state is JobState.FAILED
    assert view.error is not None
    assert "opens a quote" in view.error
    assert staged(studio) == []
    assert find_import(studio, editor, import_id).staged_at is None
    with studio.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Product)) == 0


@pytest.mark.slow
def test_two_hundred_thousand_rows_take_no_more_memory_than_a_few() -> None:
    command = [sys.executable, "-m", "tests.bench.imports", "200000"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=1200)
    measured = json.loads(done.stdout)
    assert measured["grown_mb"] < 40
    assert measured["rows"] / measured["check_cpu_seconds"] > 5_000
