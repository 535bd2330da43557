"""Orders that are cut short, cancelled or run into trouble: nothing is lost, doubled or half-kept."""

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import torch

from db.tables import Asset, Job, JobState, ModelAlias, ModelVersion, Score
from studio.bootstrap import Studio
from studio.engines.live import Engines
from studio.errors import Conflict, DatabaseBusy
from studio.making.generation import ImageMaker
from studio.models.in_use import champion, register_starter
from studio.roles import Actor
from studio.settings import Settings
from studio.work.jobs import cancel_job, job, job_log
from studio.work.retrying import retry_job
from studio.work.takeover import told_of
from tests.studio.at_once import AtOnce
from tests.studio.making.orders_at_once import Killed, chunks_until, die, made, order, work


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


def test_an_order_whose_worker_died_is_completed(studio_on_both: Studio, editor: Actor) -> None:
    job_id = order(studio_on_both, editor, number=40)
    with pytest.raises(Killed):
        work(studio_on_both, job_id, chunks_until(3, die))
    assert 0 < job(studio_on_both, editor, job_id).done < 40
    work(studio_on_both, job_id)
    assert [view.number for view in made(studio_on_both, editor, job_id)] == list(range(40))
    assert job(studio_on_both, editor, job_id).state is JobState.DONE


def test_an_order_tells_when_another_worker_goes_on_with_it(studio: Studio, editor: Actor) -> None:
    job_id = order(studio, editor, number=20)
    with pytest.raises(Killed):
        work(studio, job_id, chunks_until(2, die))
    assert job(studio, editor, job_id).worker == "here"
    other = ImageMaker(studio, "there", Engines(studio, torch.device("cpu")))
    told_of(studio, "there", other.body)(AtOnce(), job_id)  # type: ignore[arg-type]
    assert job(studio, editor, job_id).worker == "there"
    assert "Goes on on there." in [line.text for line in job_log(studio, editor, job_id)]


def test_a_chunk_that_is_done_twice_leaves_each_image_once(studio: Studio, editor: Actor) -> None:
    job_id = order(studio, editor)
    maker = ImageMaker(studio, "here", Engines(studio, torch.device("cpu")))
    (chunk,) = maker.plan(job_id)
    assert maker.make_chunk(job_id, chunk)
    before = made(studio, editor, job_id)
    assert maker.make_chunk(job_id, chunk)
    assert made(studio, editor, job_id) == before


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
    maker = ImageMaker(studio, "here", Engines(studio, torch.device("cpu")))
    (chunk,) = maker.plan(job_id)
    with studio.writing() as other:
        other.get_one(Job, job_id, with_for_update=True)  # locks the row; on SQLite every writer has locked the file
        with pytest.raises(DatabaseBusy, match="Nothing was saved"):
            maker.make_chunk(job_id, chunk)
    assert made(studio, editor, job_id) == []
    assert maker.make_chunk(job_id, chunk)
    assert len(made(studio, editor, job_id)) == 5
