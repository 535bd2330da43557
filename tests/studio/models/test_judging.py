"""Two versions without figures in common are judged on photos that neither was taught with."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.tables import Evaluation, JobState, Judging, LicenceState, Training, TrainingPhoto
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden
from studio.models.in_use import model
from studio.models.judging import data_name, held_out_from, newest_judging, start_judging
from studio.models.judging_job import Judge
from studio.models.promotion import gate
from studio.models.registry import register_folder
from studio.roles import Actor
from studio.training.folder import TrainingFolder
from studio.work.jobs import cancel_job, job
from tests.studio.at_once import AtOnce
from tests.studio.model_folders import taught_copy
from tests.studio.teaching import add_photos, make_teachable, register_teachable


@pytest.fixture(scope="module")
def teachable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_teachable(tmp_path_factory.mktemp("models") / "teachable")


@pytest.fixture
def old(studio: Studio, teachable: Path) -> int:
    return register_teachable(studio, teachable)


@pytest.fixture
def new(studio: Studio, old: int, teachable: Path, tmp_path: Path) -> int:
    folder = taught_copy(teachable, tmp_path / "new", by=0.02)
    return register_folder(studio, None, folder, name="new", source="shipped").id


def work(studio: Studio, job_id: str, before: Callable[[str], object] = lambda name: None) -> None:
    Judge(studio, "here").body(AtOnce(before), job_id)  # type: ignore[arg-type]


def teach(studio: Studio, admin: Actor, model_id: int, photo_ids: list[int], job_id: str, split: str = "train") -> None:
    """As if the version had come of a training on these photos."""
    from db.tables import Job, Photo, Product

    with studio.writing() as session:
        session.add(Job(id=job_id, kind="training", title="t", owner_id=admin.id, total=1))
        session.flush()
        row = Training(
            job_id=job_id, name="t", base_model_id=model_id, model_version_id=model_id, preset="quick", images=1,
            created_by_id=admin.id,
        )  # fmt: skip
        session.add(row)
        session.flush()
        for photo_id in photo_ids:
            photo = session.get_one(Photo, photo_id)
            style = session.get_one(Product, photo.product_id).sku
            session.add(
                TrainingPhoto(
                    training_id=row.id, photo_id=photo_id, sha256=photo.sha256, split=split, attributes={"style": style}
                )
            )


def test_both_get_figures_on_the_same_photos_and_the_gate_reads_them(
    studio: Studio, old: int, new: int, manager: Actor
) -> None:
    add_photos(studio, 10)
    assert gate(studio, manager, new).figures_standing == "open"
    job_id = start_judging(studio, manager, new)
    work(studio, job_id)
    done = job(studio, manager, job_id)
    assert (done.state, done.done, done.total, done.error) == (JobState.DONE, 2, 2, None)
    found = gate(studio, manager, new)
    assert [(pair.photos, pair.measure) for pair in found.figures] == [(10, "KD_lite2_x1000")]
    assert found.figures_standing in ("passed", "failed")
    with studio.reading() as session:
        rows = session.scalars(sa.select(Evaluation).where(Evaluation.category == "")).all()
        name = data_name(session.get_one(Judging, job_id).photos)
    assert {(row.model_version_id, row.data) for row in rows} == {(old, name), (new, name)}
    assert not TrainingFolder(studio.settings.home / "judgings" / job_id).path.exists()


def test_what_a_version_or_what_it_came_from_was_taught_with_judges_nobody(
    studio: Studio, old: int, new: int, admin: Actor, teachable: Path, tmp_path: Path
) -> None:
    photos = add_photos(studio, 12)
    newest = taught_copy(teachable, tmp_path / "newest", by=0.05)
    child = register_folder(studio, None, newest, name="child", source="fine_tuned", parent_id=new).id
    teach(studio, admin, new, photos[:2], "a")  # its parent's
    teach(studio, admin, child, photos[2:3], "b")
    teach(studio, admin, old, photos[3:4], "c", split="dev")  # what was chosen by flatters as well
    with studio.reading() as session:
        left = held_out_from(session, model(session, old), model(session, child))
    assert sorted(photo.photo_id for photo in left) == photos[4:]


def test_photos_that_were_held_out_from_a_training_may_judge(studio: Studio, old: int, new: int, admin: Actor) -> None:
    photos = add_photos(studio, 9)
    teach(studio, admin, new, photos, "a", split="validation")
    with studio.reading() as session:
        assert len(held_out_from(session, model(session, old), model(session, new))) == 9


def test_too_few_photos_refused_rights_and_other_sizes_are_refused_with_the_numbers(
    studio: Studio, old: int, new: int, manager: Actor, admin: Actor, tiny_model: Path
) -> None:
    add_photos(studio, 5)
    add_photos(studio, 20, prefix="R", licence=LicenceState.REFUSED)
    with pytest.raises(Conflict, match=r"^5 photos of the catalogue were kept .* at least 8"):
        start_judging(studio, manager, new)
    with pytest.raises(Conflict, match="there is no other"):
        start_judging(studio, manager, old)
    other = register_folder(studio, None, tiny_model, name="wide", source="shipped").id
    with pytest.raises(Conflict, match="Let people vote"):
        start_judging(studio, manager, other)


def test_only_managers_order_it_and_only_once_at_a_time(
    studio: Studio, old: int, new: int, manager: Actor, reviewer: Actor
) -> None:
    add_photos(studio, 8)
    with pytest.raises(Forbidden):
        start_judging(studio, reviewer, new)
    job_id = start_judging(studio, manager, new)
    with pytest.raises(Conflict, match="are being judged"):
        start_judging(studio, manager, new)
    state = newest_judging(studio, reviewer, old, new)
    assert state is not None
    assert state.active
    assert state.job_id == job_id


def test_cancelling_ends_the_process_and_leaves_no_figures(studio: Studio, old: int, new: int, manager: Actor) -> None:
    add_photos(studio, 8)
    job_id = start_judging(studio, manager, new)

    def cancel(step: str) -> None:
        if step == "judge":
            cancel_job(studio, manager, job_id)

    work(studio, job_id, before=cancel)
    assert job(studio, manager, job_id).state is JobState.CANCELLED
    with studio.reading() as session:
        assert session.scalars(sa.select(Evaluation)).all() == []


def test_what_the_process_refuses_is_told(studio: Studio, old: int, new: int, manager: Actor) -> None:
    add_photos(studio, 8)
    job_id = start_judging(studio, manager, new)
    with studio.writing() as session:
        row = session.get_one(Judging, job_id)
        row.photos = [photo | {"file": "0" * 64} for photo in row.photos]  # their bytes are gone
    work(studio, job_id)
    done = job(studio, manager, job_id)
    assert done.state is JobState.FAILED
    assert done.error is not None
    assert "photo" in done.error
