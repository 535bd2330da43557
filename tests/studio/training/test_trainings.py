"""Planning, starting and steering a training, before any worker takes it in hand."""

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.tables import Activity, Job, JobState, LicenceState, Photo, Training, TrainingPhoto, TrainingWish
from ecomgan.training.presets import PRESETS
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError, NotFound
from studio.photos.trainable import PhotoFilter
from studio.roles import Actor
from studio.training.folder import training_folder
from studio.training.plans import bases, estimate, plan
from studio.training.trainings import TrainingRequest, discard, keep, pause, resume, start
from studio.training.views import list_trainings, training, training_of_job
from studio.work.jobs import TRAINING, cancel_job, list_jobs
from studio.work.quotas import set_quota
from studio.work.retrying import retry_job
from tests.studio.teaching import add_photos, champion_id, make_teachable, register_teachable


@pytest.fixture(scope="session")
def teachable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_teachable(tmp_path_factory.mktemp("models") / "teachable")


@pytest.fixture
def base(studio: Studio, teachable: Path) -> int:
    return register_teachable(studio, teachable)


def request(base_id: int, **changes: object) -> TrainingRequest:
    return replace(TrainingRequest("Spring", base_id, PhotoFilter(), "small", 1000), **changes)


@pytest.fixture
def training_id(studio: Studio, admin: Actor, base: int) -> int:
    add_photos(studio, 30)
    return start(studio, admin, request(base))


def job_of(studio: Studio, admin: Actor, training_id: int) -> Job:
    with studio.reading() as session:
        return session.get_one(Job, training(studio, admin, training_id).job_id)


def move(studio: Studio, job_id: str, state: JobState) -> None:
    """As a worker would."""
    with studio.writing() as session:
        session.get_one(Job, job_id).state = state


def test_a_plan_counts_photos_by_rights_and_suggests_a_preset(studio: Studio, admin: Actor, base: int) -> None:
    add_photos(studio, 24)
    add_photos(studio, 3, prefix="U", licence=LicenceState.UNCONFIRMED)
    add_photos(studio, 2, prefix="R", consent=LicenceState.REFUSED)
    found = plan(studio, admin, base, PhotoFilter())
    assert (found.count.settled, found.count.open, found.count.refused, found.count.trainable) == (24, 3, 2, 27)
    assert found.preset == "small"
    assert dict(found.kinds) == {"Bags": 14, "Caps": 13}
    assert found.families == 27
    assert found.new_words == ()
    assert len(found.shown) == 18


def test_a_plan_of_too_few_photos_suggests_nothing(studio: Studio, admin: Actor, base: int) -> None:
    add_photos(studio, 5)
    assert plan(studio, admin, base, PhotoFilter()).preset is None
    with pytest.raises(InputError, match="At least 24 photos are needed to learn from, 5 fit"):
        start(studio, admin, request(base))


def test_an_estimate_follows_the_speed_of_the_last_training(studio: Studio, admin: Actor, training_id: int) -> None:
    small = PRESETS["small"]
    assert estimate(studio, admin, small, small.images).basis == "reference"
    with studio.writing() as session:
        session.get_one(Training, training_id).progress = {"images": 100, "images_per_second": 10.0}
    found = estimate(studio, admin, small, 6000)
    assert found.basis == "trainings"
    assert 600 <= found.seconds <= 720


def test_starting_keeps_a_snapshot_of_the_photos(studio_on_both: Studio, admin: Actor, teachable: Path) -> None:
    studio = studio_on_both
    base_id = register_teachable(studio, teachable)
    ids = add_photos(studio, 26)
    add_photos(studio, 1, prefix="R", licence=LicenceState.REFUSED)
    training_id = start(studio, admin, request(base_id))
    with studio.reading() as session:
        rows = session.scalars(sa.select(TrainingPhoto).where(TrainingPhoto.training_id == training_id)).all()
        assert sorted(row.photo_id for row in rows) == ids
        assert rows[0].attributes["article_type"] in ("Bags", "Caps")
        assert rows[0].sha256 == session.get_one(Photo, rows[0].photo_id).sha256
        assert session.scalars(sa.select(Activity.verb).where(Activity.subject == "training")).all() == ["started"]
    view = training(studio, admin, training_id)
    assert (view.stage, view.photos, view.target, view.base) == ("waiting", 26, 1000, "tiny")
    (job,) = list_jobs(studio, admin)
    assert (job.kind, job.total, job.state) == (TRAINING, 1000, JobState.QUEUED)
    assert training_of_job(studio, admin, job.id) == training_id


def test_a_training_beyond_the_quota_of_the_day_is_refused(studio: Studio, admin: Actor, base: int) -> None:
    add_photos(studio, 30)
    set_quota(studio, admin, admin.id, 60)
    with pytest.raises(InputError, match="your limit is 1 min a day"):
        start(studio, admin, request(base))
    assert list_jobs(studio, admin) == []


def test_open_rights_need_a_person_who_answers_for_them(studio: Studio, admin: Actor, base: int) -> None:
    add_photos(studio, 24, licence=LicenceState.UNCONFIRMED)
    with pytest.raises(InputError, match="The rights of 24 photos are unconfirmed"):
        start(studio, admin, request(base))
    start(studio, admin, request(base, acknowledged=True))
    with studio.reading() as session:
        assert set(session.scalars(sa.select(Photo.acknowledged_by_id))) == {admin.id}
        assert session.scalars(sa.select(Training.options)).one()["rights"] == {"settled": 0, "acknowledged": 24}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": "  "}, "name of 1 to 120"),
        ({"preset": "huge"}, "no preset 'huge'"),
        ({"images": 3}, "sees 500 to"),
        ({"nearest": {"article_type": {"Hats": "Sombreros"}}}, "does not know the article_type 'Sombreros'"),
        ({"nearest": {"shape": {"round": "Caps"}}}, "no field of the model"),
    ],
)
def test_what_cannot_be_trained_is_refused_with_nothing_written(
    studio: Studio, admin: Actor, base: int, changes: dict[str, object], why: str
) -> None:
    add_photos(studio, 24)
    with pytest.raises(InputError, match=why):
        start(studio, admin, request(base, **changes))
    assert list_trainings(studio, admin) == []
    assert list_jobs(studio, admin) == []


def test_a_model_without_its_heads_cannot_be_a_base(studio: Studio, admin: Actor, tiny_model: Path) -> None:
    register_teachable(studio, tiny_model)
    add_photos(studio, 24)
    assert bases(studio, admin) == []
    with pytest.raises(NotFound, match="cannot be taught further"):
        start(studio, admin, request(champion_id(studio)))


def test_a_waiting_training_pauses_at_once_and_resumes_in_a_new_attempt(
    studio: Studio, admin: Actor, training_id: int
) -> None:
    pause(studio, admin, training_id)
    assert training(studio, admin, training_id).stage == "paused"
    with pytest.raises(Conflict, match="this one is paused"):
        pause(studio, admin, training_id)
    first = job_of(studio, admin, training_id).id
    resume(studio, admin, training_id)
    again = job_of(studio, admin, training_id)
    assert (again.state, again.retry_of_id) == (JobState.QUEUED, first)
    with pytest.raises(Conflict, match="already waiting"):
        resume(studio, admin, training_id)


def test_a_running_training_is_told_the_wish(studio: Studio, admin: Actor, training_id: int) -> None:
    move(studio, job_of(studio, admin, training_id).id, JobState.RUNNING)
    assert training(studio, admin, training_id).stage == "preparing"
    pause(studio, admin, training_id)
    assert training(studio, admin, training_id).stage == "stopping"
    keep(studio, admin, training_id)
    assert training(studio, admin, training_id).wish is TrainingWish.KEEP


def test_what_was_learnt_before_a_stop_can_be_kept(studio: Studio, admin: Actor, training_id: int) -> None:
    job_id = job_of(studio, admin, training_id).id
    move(studio, job_id, JobState.FAILED)
    with pytest.raises(Conflict, match="has learnt nothing yet"):
        keep(studio, admin, training_id)
    with studio.writing() as session:
        session.get_one(Training, training_id).progress = {"images": 400}
    keep(studio, admin, training_id)
    again = job_of(studio, admin, training_id)
    assert (again.state, again.total) == (JobState.QUEUED, 600)
    assert training(studio, admin, training_id).wish is TrainingWish.KEEP


def test_discarding_removes_what_was_learnt_and_nothing_else(studio: Studio, admin: Actor, training_id: int) -> None:
    folder = training_folder(studio.settings.home, training_id)
    folder.run.mkdir(parents=True)
    discard(studio, admin, training_id)
    view = training(studio, admin, training_id)
    assert (view.stage, view.photos) == ("discarded", 30)
    assert not folder.run.exists()
    for change in (pause, resume, keep, discard):
        with pytest.raises(Conflict, match="was discarded"):
            change(studio, admin, training_id)


def test_discarding_a_running_training_leaves_the_folder_to_the_worker(
    studio: Studio, admin: Actor, training_id: int
) -> None:
    move(studio, job_of(studio, admin, training_id).id, JobState.RUNNING)
    folder = training_folder(studio.settings.home, training_id)
    folder.run.mkdir(parents=True)
    discard(studio, admin, training_id)
    assert job_of(studio, admin, training_id).state is JobState.CANCELLING
    assert folder.run.exists()


def test_a_training_that_is_done_stays(studio: Studio, admin: Actor, training_id: int) -> None:
    move(studio, job_of(studio, admin, training_id).id, JobState.DONE)
    for change, why in ((discard, "is in the registry"), (resume, "is done"), (pause, "this one is done")):
        with pytest.raises(Conflict, match=why):
            change(studio, admin, training_id)


def test_the_page_jobs_cancels_a_training_but_leaves_its_resuming_to_the_page_fine_tune(
    studio: Studio, admin: Actor, training_id: int
) -> None:
    job_id = job_of(studio, admin, training_id).id
    cancel_job(studio, admin, job_id)
    assert training(studio, admin, training_id).stage == "stopped"
    with pytest.raises(Conflict, match="resume it on the page Fine-tune"):
        retry_job(studio, admin, job_id)
    resume(studio, admin, training_id)
    assert training(studio, admin, training_id).stage == "waiting"


def test_only_an_admin_trains(studio: Studio, manager: Actor, base: int, admin: Actor, training_id: int) -> None:
    with pytest.raises(Forbidden):
        start(studio, manager, request(base))
    for call in (pause, resume, keep, discard, training):
        with pytest.raises(Forbidden):
            call(studio, manager, training_id)
    with pytest.raises(Forbidden):
        list_trainings(studio, manager)


def test_a_training_that_is_not_there_is_not_found(studio: Studio, admin: Actor) -> None:
    for call in (pause, resume, keep, discard, training):
        with pytest.raises(NotFound, match="no training 7"):
            call(studio, admin, 7)
    with pytest.raises(NotFound, match="is no training"):
        training_of_job(studio, admin, "nonsense")
